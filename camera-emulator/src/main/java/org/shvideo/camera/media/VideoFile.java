package org.shvideo.camera.media;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.javacpp.BytePointer;
import org.shvideo.ffmpeg.BitstreamFilter;
import org.shvideo.ffmpeg.Decoder;
import org.shvideo.ffmpeg.Demuxer;
import org.shvideo.ffmpeg.FFmpegException;
import org.shvideo.ffmpeg.Packets;
import org.shvideo.ffmpeg.PictureOrder;

/** Reads the H.264 video of a file into memory; sound is left out. */
public final class VideoFile {
  private static final long MAX_BYTES = Runtime.getRuntime().maxMemory() / 2;

  /** Only containers: a playlist could name other files and addresses. */
  private static final Map<String, String> OPTIONS =
      Map.of("format_whitelist", "mov,avi,matroska,mpegts,flv,h264,hevc");

  /** One packet. Times are in microseconds, or {@link Packets#NO_TIMESTAMP}. */
  private record Picture(
      List<byte[]> nalUnits, boolean keyframe, int order, long dts, long pts, long duration) {

    boolean isIdr() {
      return nalUnits.stream().anyMatch(nal -> NalUnits.type(nal) == NalUnits.IDR_SLICE);
    }
  }

  private VideoFile() {}

  /**
   * Reads H.264 from MP4, MOV, AVI, Matroska, MPEG-TS, FLV or a raw stream (Annex B). A raw stream
   * that names no frame rate gets 25 frames per second.
   *
   * @throws IOException with the reason and what to do, if the file cannot be played
   */
  public static EncodedVideo read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("No such file: " + file);
    }
    try (Demuxer demuxer = Demuxer.of(file, OPTIONS)) {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("it is too large to be held in memory");
      }
      return read(demuxer);
    } catch (IOException | IllegalArgumentException e) {
      String problem =
          e instanceof FFmpegException ffmpeg
              ? "not a readable MP4, MOV, AVI, Matroska, MPEG-TS or raw H.264 file ("
                  + ffmpeg.reason()
                  + ")"
              : e.getMessage();
      throw new IOException(
          "Cannot play %s: %s. Convert it, for example: ffmpeg -i %s -an -c:v libx264 FILE.mp4"
              .formatted(file, problem, file.getFileName()),
          e);
    }
  }

  private static EncodedVideo read(Demuxer demuxer) throws IOException {
    demuxer.findStreams();
    AVStream stream = demuxer.selectVideo();
    if (stream == null) {
      throw new IOException("it has no video");
    }
    AVCodecParameters parameters = stream.codecpar();
    if (parameters.codec_id() != avcodec.AV_CODEC_ID_H264) {
      throw new IOException("its video is " + Decoder.codecName(parameters) + ", not H.264");
    }
    List<byte[]> parameterSets;
    List<Picture> pictures = new ArrayList<>();
    try (BitstreamFilter toAnnexB = new BitstreamFilter("h264_mp4toannexb", parameters);
        PictureOrder order = new PictureOrder(toAnnexB.parameters())) {
      parameterSets = parameterSets(toAnnexB.parameters());
      for (AVPacket read = demuxer.read(); read != null; read = demuxer.read()) {
        AVPacket packet = toAnnexB.filter(read);
        if (packet == null) {
          throw new IOException("it is damaged");
        }
        List<byte[]> nalUnits = NalUnits.split(bytes(packet.data(), packet.size()));
        int count = order.count(packet);
        boolean keyframe = (packet.flags() & avcodec.AV_PKT_FLAG_KEY) != 0;
        // No client can decode what precedes the first keyframe.
        if (!nalUnits.isEmpty() && (keyframe || !pictures.isEmpty())) {
          pictures.add(
              new Picture(
                  nalUnits,
                  keyframe,
                  count,
                  micros(packet.dts(), stream),
                  micros(packet.pts(), stream),
                  packet.duration() > 0
                      ? micros(packet.duration(), stream)
                      : Math.round(1e6 / demuxer.frameRate())));
        }
      }
    }
    if (parameters.width() <= 0 || parameterSets.isEmpty()) {
      throw new IOException("its H.264 parameter sets are missing or damaged");
    }
    if (pictures.isEmpty()) {
      throw new IOException("it has no keyframe");
    }
    int last = pictures.size() - 1;
    long[] dts = decodingTimes(pictures);
    long[] pts = presentationTimes(pictures, dts);
    // No more delay between decoding and presentation than the order of the pictures needs.
    long delay = IntStream.rangeClosed(0, last).mapToLong(i -> pts[i] - dts[i]).min().orElse(0);
    return new EncodedVideo(
        parameters.width(),
        parameters.height(),
        parameterSets,
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

  private static List<byte[]> parameterSets(AVCodecParameters annexB) {
    byte[] header = bytes(annexB.extradata(), annexB.extradata_size());
    return NalUnits.split(header).stream().filter(NalUnits::isParameterSet).toList();
  }

  private static byte[] bytes(BytePointer data, int size) {
    byte[] bytes = new byte[size];
    if (size > 0) {
      data.get(bytes);
    }
    return bytes;
  }

  private static long micros(long ticks, AVStream stream) {
    AVRational base = stream.time_base();
    return ticks == Packets.NO_TIMESTAMP
        ? ticks
        : Math.round((double) ticks * 1_000_000 * base.num() / base.den());
  }

  private static boolean isKnown(List<Picture> pictures, ToLongFunction<Picture> time) {
    return pictures.stream().mapToLong(time).noneMatch(t -> t == Packets.NO_TIMESTAMP);
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
