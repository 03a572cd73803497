package org.shvideo.capture.store;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_CORRUPT;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avformat.av_find_input_format;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_get;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVDictionaryEntry;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.shvideo.capture.avi.AviFile;
import org.shvideo.capture.avi.FrameRate;
import org.shvideo.capture.stream.FFmpegLog;

/** Makes a whole clip of a recording that was cut off: all readable packets, and an index. */
final class Salvage {
  static {
    // No camera may have been opened yet when a start salvages what the last one left.
    FFmpegLog.install();
  }

  static final String MARK = "salvaged";

  private Salvage() {}

  /**
   * What was found.
   *
   * @param packets how many could be read
   * @param camera null when the file does not tell
   * @param recordedAt null when the file does not tell
   */
  record Found(long packets, String camera, OffsetDateTime recordedAt) {}

  /**
   * Copies what is readable.
   *
   * @param to written over; there may be nothing there when no packets were found
   * @throws UnreadableException when {@code from} is no AVI file with video
   * @throws IOException when {@code to} cannot be written
   */
  static Found copy(Path from, Path to) throws IOException {
    AVFormatContext input = new AVFormatContext(null);
    try (BytePointer name = new BytePointer("file:" + from, StandardCharsets.UTF_8)) {
      int opened = avformat_open_input(input, name, av_find_input_format("avi"), null);
      if (opened < 0) {
        throw new UnreadableException(FFmpegException.of(opened, "read " + from));
      }
    }
    try {
      avformat_find_stream_info(input, (PointerPointer<?>) null);
      if (input.nb_streams() == 0 || !AviFile.holds(input.streams(0).codecpar().codec_id())) {
        throw new UnreadableException(new IOException("no video in " + from));
      }
      Map<String, String> metadata = metadata(input);
      return new Found(
          copy(input, to, metadata), metadata.get(Recording.CAMERA), recordedAt(metadata));
    } finally {
      avformat_close_input(input);
    }
  }

  private static Map<String, String> metadata(AVFormatContext input) {
    Map<String, String> metadata = new LinkedHashMap<>();
    AVDictionary tags = input.metadata();
    if (tags != null) {
      Stream.of(Recording.CAMERA, Recording.RECORDED_AT)
          .forEach(
              name -> {
                AVDictionaryEntry entry = av_dict_get(tags, name, null, 0);
                if (entry != null) {
                  metadata.put(name, entry.value().getString(StandardCharsets.UTF_8));
                }
              });
    }
    return metadata;
  }

  private static OffsetDateTime recordedAt(Map<String, String> metadata) {
    try {
      return OffsetDateTime.parse(metadata.getOrDefault(Recording.RECORDED_AT, ""));
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  private static long copy(AVFormatContext input, Path to, Map<String, String> metadata)
      throws IOException {
    AVStream stream = input.streams(0);
    FrameRate rate = new FrameRate(stream.time_base().den(), stream.time_base().num());
    Map<String, String> marked = new LinkedHashMap<>(metadata);
    marked.put(Recording.COMMENT, MARK);
    AVPacket packet = av_packet_alloc();
    try (AviFile output = new AviFile(to, stream.codecpar(), rate, marked)) {
      long slot = -1;
      while (av_read_frame(input, packet) >= 0) {
        if (packet.stream_index() == 0
            && packet.size() > 0
            && (packet.flags() & AV_PKT_FLAG_CORRUPT) == 0) {
          slot = packet.dts() == AV_NOPTS_VALUE ? slot + 1 : Math.max(packet.dts(), slot + 1);
          output.write(packet, slot);
        }
        av_packet_unref(packet);
      }
      return output.written();
    } finally {
      av_packet_free(packet);
    }
  }

  /** The recording holds nothing that could be read. */
  static final class UnreadableException extends IOException {
    private static final long serialVersionUID = 1L;

    UnreadableException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
