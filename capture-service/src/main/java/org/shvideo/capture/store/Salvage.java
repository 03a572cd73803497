package org.shvideo.capture.store;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_CORRUPT;

import java.io.IOException;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.shvideo.capture.avi.AviWriter;
import org.shvideo.capture.avi.FrameRate;
import org.shvideo.ffmpeg.Demuxer;
import org.shvideo.ffmpeg.FFmpegException;
import org.shvideo.ffmpeg.FFmpegLog;
import org.shvideo.ffmpeg.Packets;
import org.shvideo.tasks.settings.Masking;

/** Makes a complete clip of a recording that was cut off: all readable packets, and an index. */
final class Salvage {
  static {
    // Recordings left by an earlier run are salvaged before any camera is opened.
    FFmpegLog.install(Masking::mask);
  }

  /** The comment in a salvaged clip. */
  static final String MARK = "salvaged";

  private Salvage() {}

  /**
   * What the recording holds.
   *
   * @param packets how many could be read
   * @param camera null where the file does not say
   * @param recordedAt null where the file does not say
   */
  record Found(long packets, String camera, OffsetDateTime recordedAt) {}

  /**
   * Copies what is readable.
   *
   * @param to overwritten; may not exist afterwards where no packets were found
   * @throws UnreadableException when {@code from} is no AVI file with video
   * @throws IOException when {@code to} cannot be written
   */
  static Found copy(Path from, Path to) throws IOException {
    try (Demuxer input = open(from)) {
      AVStream video = input.selectVideo();
      if (video == null || !AviWriter.supports(video.codecpar())) {
        throw new UnreadableException(new IOException("no video in " + from));
      }
      Map<String, String> metadata = new LinkedHashMap<>(input.metadata());
      metadata.keySet().retainAll(Recording.TAGS);
      String camera = metadata.get(Recording.CAMERA);
      OffsetDateTime recordedAt = time(metadata.get(Recording.RECORDED_AT));
      metadata.put(Recording.COMMENT, MARK);
      FrameRate rate = new FrameRate(video.time_base().den(), video.time_base().num());
      try (AviWriter output = new AviWriter(to, video.codecpar(), rate, metadata)) {
        copy(input, output);
        return new Found(output.written(), camera, recordedAt);
      }
    }
  }

  private static Demuxer open(Path file) throws UnreadableException {
    Demuxer input = null;
    try {
      input = Demuxer.of(file, Map.of("format_whitelist", "avi"));
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

  private static void copy(Demuxer input, AviWriter output) throws IOException {
    long slot = -1;
    for (AVPacket packet = next(input); packet != null; packet = next(input)) {
      if ((packet.flags() & AV_PKT_FLAG_CORRUPT) == 0) {
        slot = packet.dts() == Packets.NO_TIMESTAMP ? slot + 1 : Math.max(packet.dts(), slot + 1);
        output.write(packet, slot);
      }
    }
  }

  /** The next packet; null at the end and where the rest cannot be read. */
  private static AVPacket next(Demuxer input) {
    try {
      return input.read();
    } catch (FFmpegException e) {
      return null;
    }
  }

  /** The recording holds nothing readable. */
  static final class UnreadableException extends IOException {
    private static final long serialVersionUID = 1L;

    UnreadableException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
