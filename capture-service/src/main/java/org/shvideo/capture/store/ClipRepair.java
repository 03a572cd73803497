package org.shvideo.capture.store;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_CORRUPT;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.shvideo.capture.container.AviWriter;
import org.shvideo.capture.container.Container;
import org.shvideo.capture.container.ContainerWriter;
import org.shvideo.capture.container.FrameRate;
import org.shvideo.capture.stream.StreamInfo;
import org.shvideo.ffmpeg.Demuxer;
import org.shvideo.ffmpeg.FFmpegException;
import org.shvideo.ffmpeg.FFmpegLog;
import org.shvideo.ffmpeg.Packets;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.settings.Masking;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a complete clip of a truncated one: all readable packets, and an index. */
final class ClipRepair {
  private static final Logger LOG = LoggerFactory.getLogger(ClipRepair.class);

  static {
    // Clips of an earlier run are salvaged before any camera is opened.
    FFmpegLog.install(Masking::mask);
  }

  /** The comment in a salvaged clip. */
  static final String MARK = "salvaged";

  /** Of a picture in pixels: a damaged header may say anything, and FFmpeg refuses more. */
  private static final int MAX_SIDE = 16_000;

  /** Of empty slots between two packets of an AVI file; FFmpeg refuses more. */
  private static final int MAX_GAP = 60_000;

  private static final int PIXELS_OF_A_MEGAPIXEL = 1_000_000;

  private ClipRepair() {}

  /** What could be read; null is unknown. */
  record Result(long packets, String camera, OffsetDateTime recordedAt) {}

  /**
   * Copies all readable packets, but those that damage has made such that no container takes them.
   *
   * @param to overwritten; may not exist afterwards if there are no packets
   * @throws UnreadableException if {@code from} has not the video that its name says, or one that
   *     the container does not take
   * @throws IOException if {@code to} cannot be written
   */
  static Result copy(Path from, Path to) throws IOException {
    Container container = Container.ofFile(from);
    try (Demuxer input = open(from, container.format())) {
      AVStream video = input.selectVideo();
      if (video == null || !hasSize(video.codecpar())) {
        throw new UnreadableException(new IOException("no video in " + from));
      }
      Map<String, String> metadata = new LinkedHashMap<>(input.metadata());
      metadata.keySet().retainAll(PendingClip.TAGS);
      String camera = metadata.get(PendingClip.CAMERA);
      OffsetDateTime recordedAt = time(metadata.get(PendingClip.RECORDED_AT));
      metadata.put(PendingClip.COMMENT, MARK);
      try (ContainerWriter output = begin(to, container, video, input, metadata)) {
        copy(input, output);
        return new Result(output.written(), camera, recordedAt);
      }
    }
  }

  /** What somebody else's file says of itself. */
  record UploadTags(Map<String, String> values, Duration length) {}

  /** What was copied of somebody else's file. */
  record Upload(Container container, long packets, OffsetDateTime recordedAt, Duration length) {}

  /**
   * Copies the video of a file of any kind, as {@link #copy}: of AVI into AVI if it holds the
   * codec, as that has no times, and of all others into Matroska, which has each picture's.
   *
   * @param camera null if unknown
   * @param time says when the first picture was taken
   * @throws UnreadableException if it is no video that can become a clip; the message says why
   * @throws InterruptedIOException if the thread was interrupted
   */
  static Upload copyUpload(
      Path from, Path to, String camera, Function<UploadTags, OffsetDateTime> time)
      throws IOException {
    try (Demuxer input = openUpload(from)) {
      AVStream video = input.selectVideo();
      if (video == null || video.codecpar().width() <= 0) {
        throw new UnreadableException("it has no video");
      }
      AVCodecParameters parameters = video.codecpar();
      long pixels = (long) parameters.width() * parameters.height();
      if (pixels > StreamInfo.MAX_PIXELS || !hasSize(parameters)) {
        throw new UnreadableException(
            "its pictures have %d × %d pixels; up to %d megapixels can be analysed"
                .formatted(
                    parameters.width(),
                    parameters.height(),
                    StreamInfo.MAX_PIXELS / PIXELS_OF_A_MEGAPIXEL));
      }
      Container holding =
          Container.holding(parameters)
              .orElseThrow(() -> new UnreadableException("no clip can hold its codec"));
      boolean avi = input.context().iformat().name().getString().equals(Container.AVI.format());
      Container container = avi ? holding : Container.MATROSKA;
      Duration length = Duration.of(Math.max(0, input.context().duration()), ChronoUnit.MICROS);
      OffsetDateTime recordedAt = time.apply(new UploadTags(input.metadata(), length));
      Map<String, String> metadata = new PendingClip(null, to, camera, recordedAt).metadata();
      try (ContainerWriter output = begin(to, container, video, input, metadata)) {
        copy(input, output);
        if (input.hasIoError()) {
          throw new IOException("cannot read all of " + from);
        }
        return new Upload(container, output.written(), recordedAt, length);
      }
    }
  }

  private static Demuxer openUpload(Path file) throws IOException {
    try {
      return open(file, Demuxer.CONTAINERS);
    } catch (UnreadableException e) {
      FFmpegException cause = (FFmpegException) e.getCause();
      throw switch (cause.problem()) {
        case IO, OUT_OF_MEMORY -> cause;
        case NO_VIDEO -> new UnreadableException("it is " + cause.reason());
        default -> new UnreadableException("it is no video, or damaged: " + cause.reason());
      };
    }
  }

  /** A new job for a published clip, with what its file tells. */
  static Job job(Path clip) {
    String name = clip.getFileName().toString();
    try (Demuxer input = open(clip, Container.ofFile(clip).format())) {
      Map<String, String> metadata = input.metadata();
      return new Job(
          UUID.randomUUID().toString(),
          name,
          metadata.get(PendingClip.CAMERA),
          time(metadata.get(PendingClip.RECORDED_AT)));
    } catch (UnreadableException e) {
      return Job.forFile(name);
    }
  }

  private static boolean hasSize(AVCodecParameters parameters) {
    return isSide(parameters.width()) && isSide(parameters.height());
  }

  private static boolean isSide(int pixels) {
    return pixels > 0 && pixels <= MAX_SIDE;
  }

  private static ContainerWriter begin(
      Path to, Container container, AVStream video, Demuxer input, Map<String, String> metadata)
      throws IOException {
    try {
      return container.write(to, video.codecpar(), rate(input, video, container), metadata);
    } catch (FFmpegException e) {
      throw e.isOfContent() ? new UnreadableException(e) : e;
    }
  }

  private static FrameRate rate(Demuxer input, AVStream video, Container container) {
    if (container != Container.AVI) {
      return FrameRate.measured(List.of(), input.frameRate());
    }
    FrameRate rate = new FrameRate(video.time_base().den(), video.time_base().num());
    return rate.isPlausible() ? rate : FrameRate.measured(List.of(), 0);
  }

  private static Demuxer open(Path file, String formats) throws UnreadableException {
    Demuxer input = null;
    try {
      input = Demuxer.of(file, Map.of("format_whitelist", formats));
      input.findStreams();
      return input;
    } catch (FFmpegException e) {
      if (input != null) {
        input.close();
      }
      throw new UnreadableException(e);
    }
  }

  /** A time with its offset from UTC; null if it is none. */
  static OffsetDateTime time(String text) {
    try {
      return text == null ? null : OffsetDateTime.parse(text);
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  private static void copy(Demuxer input, ContainerWriter output) throws IOException {
    long last = -1;
    long frameMicros = FrameRate.measured(List.of(), input.frameRate()).frameMicros();
    for (AVPacket packet = next(input); packet != null; packet = next(input)) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("stopped while a file was being copied");
      }
      if ((packet.flags() & AV_PKT_FLAG_CORRUPT) != 0) {
        continue;
      }
      long dts = packet.dts();
      try {
        if (output instanceof AviWriter avi) {
          last = dts > last && dts - last <= MAX_GAP ? dts : last + 1;
          avi.write(packet, last);
        } else {
          boolean timed = dts != Packets.NO_TIMESTAMP || packet.pts() != Packets.NO_TIMESTAMP;
          last = timed ? Math.max(input.micros(dts), last) : last + frameMicros;
          output.write(packet, Math.max(input.micros(packet.pts()), last), last);
        }
      } catch (FFmpegException e) {
        if (!e.isOfContent()) {
          throw e;
        }
        LOG.debug("Left out a packet: {}", e.getMessage());
      }
    }
  }

  /** The next packet; null at the end, and if the rest cannot be read. */
  private static AVPacket next(Demuxer input) {
    try {
      return input.read();
    } catch (FFmpegException e) {
      return null;
    }
  }

  /** The file has no readable video. */
  static final class UnreadableException extends IOException {
    private static final long serialVersionUID = 1L;

    UnreadableException(String reason) {
      super(reason);
    }

    UnreadableException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
