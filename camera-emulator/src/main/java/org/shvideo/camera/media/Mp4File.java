package org.shvideo.camera.media;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.mp4parser.boxes.iso14496.part12.CompositionTimeToSample;
import org.mp4parser.boxes.iso14496.part15.AvcConfigurationBox;
import org.mp4parser.boxes.sampleentry.SampleEntry;
import org.mp4parser.boxes.sampleentry.VisualSampleEntry;
import org.mp4parser.muxer.FileRandomAccessSourceImpl;
import org.mp4parser.muxer.Movie;
import org.mp4parser.muxer.Sample;
import org.mp4parser.muxer.Track;
import org.mp4parser.muxer.container.mp4.MovieCreator;

/** The H.264 track of an MP4 or MOV file. */
final class Mp4File {
  private Mp4File() {}

  static EncodedVideo read(Path file) throws IOException {
    // Samples are read when asked for, so the file stays open until all have been.
    try (RandomAccessFile random = new RandomAccessFile(file.toFile(), "r");
        FileChannel channel = FileChannel.open(file)) {
      return read(
          MovieCreator.build(channel, new FileRandomAccessSourceImpl(random), file.toString()));
    } catch (RuntimeException e) {
      throw new IOException("is no MP4 file or a damaged one (" + e + ")", e);
    }
  }

  private static EncodedVideo read(Movie movie) throws IOException {
    Track track =
        movie.getTracks().stream()
            .filter(t -> t.getHandler().equals("vide"))
            .findFirst()
            .orElseThrow(() -> new IOException("has no video"));
    SampleEntry entry = track.getSampleEntries().get(0);
    List<AvcConfigurationBox> avc =
        entry instanceof VisualSampleEntry visual
            ? visual.getBoxes(AvcConfigurationBox.class)
            : List.of();
    if (avc.isEmpty()) {
      throw new IOException("is not H.264 but " + entry.getType());
    }
    AvcConfigurationBox configuration = avc.get(0);
    List<byte[]> parameterSets =
        Stream.concat(
                configuration.getSequenceParameterSets().stream(),
                configuration.getPictureParameterSets().stream())
            .map(Mp4File::bytes)
            .toList();
    List<AccessUnit> units = units(track, configuration.getLengthSizeMinusOne() + 1);
    VisualSampleEntry visual = (VisualSampleEntry) entry;
    long ticks = LongStream.of(track.getSampleDurations()).sum();
    long timescale = track.getTrackMetaData().getTimescale();
    Duration length = Duration.ofNanos(Math.round(ticks * 1e9 / timescale));
    return Units.fromFirstKeyframe(
        visual.getWidth(), visual.getHeight(), parameterSets, units, length);
  }

  private static List<AccessUnit> units(Track track, int lengthSize) throws IOException {
    long timescale = track.getTrackMetaData().getTimescale();
    long[] durations = track.getSampleDurations();
    long[] sync = track.getSyncSamples();
    int[] offsets = offsets(track.getCompositionTimeEntries(), durations.length);
    List<AccessUnit> units = new ArrayList<>();
    long dts = 0;
    int n = 0;
    for (Sample sample : track.getSamples()) {
      List<byte[]> nalUnits = nalUnits(sample.asByteBuffer(), lengthSize);
      boolean keyframe =
          (sync != null && Arrays.binarySearch(sync, n + 1) >= 0)
              || nalUnits.stream().anyMatch(nal -> NalType.of(nal) == NalType.IDR_SLICE);
      units.add(
          new AccessUnit(
              nalUnits, keyframe, micros(dts, timescale), micros(dts + offsets[n], timescale)));
      dts += durations[n];
      n++;
    }
    return units;
  }

  private static int[] offsets(List<CompositionTimeToSample.Entry> entries, int samples) {
    return entries == null || entries.isEmpty()
        ? new int[samples]
        : CompositionTimeToSample.blowupCompositionTimes(entries);
  }

  private static long micros(long ticks, long timescale) {
    return Math.round(ticks * 1e6 / timescale);
  }

  private static List<byte[]> nalUnits(ByteBuffer sample, int lengthSize) throws IOException {
    List<byte[]> nalUnits = new ArrayList<>();
    while (sample.remaining() > lengthSize) {
      int length = 0;
      for (int i = 0; i < lengthSize; i++) {
        length = length << 8 | (sample.get() & 0xff);
      }
      if (length <= 0 || length > sample.remaining()) {
        throw new IOException("is damaged: a NAL unit of " + length + " bytes");
      }
      byte[] nalUnit = new byte[length];
      sample.get(nalUnit);
      nalUnits.add(nalUnit);
    }
    return nalUnits;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    // From the beginning: where assertions are on, the parser's own checks have read it to its end.
    ByteBuffer whole = buffer.duplicate().rewind();
    byte[] bytes = new byte[whole.remaining()];
    whole.get(bytes);
    return bytes;
  }
}
