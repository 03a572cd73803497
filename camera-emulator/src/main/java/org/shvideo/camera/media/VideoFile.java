package org.shvideo.camera.media;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/** Reads the H.264 video of a file into memory; sound is left out. */
public final class VideoFile {
  private static final long MAX_BYTES = Runtime.getRuntime().maxMemory() / 2;

  /** One packet. Times are in microseconds, or {@link H264Reader#NONE}. */
  private record Picture(
      List<byte[]> nalUnits, boolean keyframe, int order, long dts, long pts, long duration) {

    boolean isIdr() {
      return nalUnits.stream().anyMatch(nal -> NalUnits.type(nal) == NalUnits.IDR_SLICE);
    }
  }

  private VideoFile() {}

  /**
   * Reads H.264 from MP4, MOV, AVI, Matroska, MPEG-TS or a raw stream (Annex B). A raw stream that
   * names no frame rate gets 25 frames per second.
   *
   * @throws IOException with the reason and what to do, if the file cannot be played
   */
  public static EncodedVideo read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("No such file: " + file);
    }
    try (H264Reader reader = new H264Reader(file)) {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("it is too large to be held in memory");
      }
      if (reader.width() <= 0 || reader.header().length == 0) {
        throw new IOException("its H.264 parameter sets are missing or damaged");
      }
      return read(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(
          "Cannot play %s: %s. Convert it, for example: ffmpeg -i %s -an -c:v libx264 FILE.mp4"
              .formatted(file, e.getMessage(), file.getFileName()),
          e);
    }
  }

  private static EncodedVideo read(H264Reader reader) throws IOException {
    List<Picture> pictures = new ArrayList<>();
    while (reader.next()) {
      List<byte[]> nalUnits = NalUnits.split(reader.data());
      // AVI repeats a picture by an empty packet. No client can decode what precedes a keyframe.
      if (!nalUnits.isEmpty() && (reader.keyframe() || !pictures.isEmpty())) {
        pictures.add(
            new Picture(
                nalUnits,
                reader.keyframe(),
                reader.order(),
                reader.dts(),
                reader.pts(),
                reader.duration()));
      }
    }
    if (pictures.isEmpty()) {
      throw new IOException("no keyframe");
    }
    int last = pictures.size() - 1;
    long[] dts = decodingTimes(pictures);
    long[] pts = presentationTimes(pictures, dts);
    // No more delay between decoding and presentation than the order of the pictures needs.
    long delay = IntStream.rangeClosed(0, last).mapToLong(i -> pts[i] - dts[i]).min().orElse(0);
    return new EncodedVideo(
        reader.width(),
        reader.height(),
        NalUnits.split(reader.header()).stream().filter(NalUnits::isParameterSet).toList(),
        IntStream.rangeClosed(0, last)
            .mapToObj(
                i ->
                    new AccessUnit(
                        pictures.get(i).nalUnits,
                        pictures.get(i).keyframe,
                        dts[i] - dts[0],
                        pts[i] - delay - dts[0]))
            .toList(),
        Duration.ofNanos((dts[last] - dts[0] + pictures.get(last).duration) * 1000));
  }

  private static boolean isKnown(List<Picture> pictures, ToLongFunction<Picture> time) {
    return pictures.stream().mapToLong(time).noneMatch(t -> t == H264Reader.NONE);
  }

  /** Matroska has presentation times only, a raw stream at most the duration of a frame. */
  private static long[] decodingTimes(List<Picture> pictures) {
    if (isKnown(pictures, Picture::dts)) {
      return pictures.stream().mapToLong(Picture::dts).toArray();
    } else if (isKnown(pictures, Picture::pts)) {
      return pictures.stream().mapToLong(Picture::pts).sorted().toArray();
    }
    long[] dts = new long[pictures.size()];
    for (int i = 1; i < dts.length; i++) {
      dts[i] = dts[i - 1] + pictures.get(i - 1).duration;
    }
    return dts;
  }

  /**
   * AVI and raw streams have no presentation times: between two IDR frames, pictures are shown in
   * the order of their counts.
   */
  private static long[] presentationTimes(List<Picture> pictures, long[] dts) {
    if (isKnown(pictures, Picture::pts)) {
      return pictures.stream().mapToLong(Picture::pts).toArray();
    }
    long[] pts = new long[dts.length];
    for (int from = 0, to; from < pts.length; from = to) {
      to = from + 1;
      while (to < pts.length && !pictures.get(to).isIdr()) {
        to++;
      }
      List<Integer> shown = new ArrayList<>(IntStream.range(from, to).boxed().toList());
      shown.sort(Comparator.comparingInt(i -> pictures.get(i).order));
      for (int rank = 0; rank < shown.size(); rank++) {
        pts[shown.get(rank)] = dts[from + rank];
      }
    }
    return pts;
  }
}
