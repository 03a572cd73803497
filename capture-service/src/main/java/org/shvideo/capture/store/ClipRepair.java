package org.shvideo.capture.store;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_CORRUPT;

import java.io.IOException;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.shvideo.capture.container.AviWriter;
import org.shvideo.capture.container.Container;
import org.shvideo.capture.container.ContainerWriter;
import org.shvideo.capture.container.FrameRate;
import org.shvideo.ffmpeg.Demuxer;
import org.shvideo.ffmpeg.FFmpegException;
import org.shvideo.ffmpeg.FFmpegLog;
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
    try (Demuxer input = open(from, container)) {
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

  /** A new job for a published clip, with what its file tells. */
  static Job job(Path clip) {
    String name = clip.getFileName().toString();
    try (Demuxer input = open(clip, Container.ofFile(clip))) {
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

  private static Demuxer open(Path file, Container container) throws UnreadableException {
    Demuxer input = null;
    try {
      input = Demuxer.of(file, Map.of("format_whitelist", container.format()));
      input.findStreams();
      return input;
    } catch (FFmpegException e) {
      if (input != null) {
        input.close();
      }
      throw new UnreadableException(e);
    }
  }

  private static OffsetDateTime time(String text) {
    try {
      return text == null ? null : OffsetDateTime.parse(text);
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  private static void copy(Demuxer input, ContainerWriter output) throws IOException {
    long last = -1;
    for (AVPacket packet = next(input); packet != null; packet = next(input)) {
      if ((packet.flags() & AV_PKT_FLAG_CORRUPT) != 0) {
        continue;
      }
      long dts = packet.dts();
      try {
        if (output instanceof AviWriter avi) {
          last = dts > last && dts - last <= MAX_GAP ? dts : last + 1;
          avi.write(packet, last);
        } else {
          last = Math.max(input.micros(dts), last);
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

    UnreadableException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
