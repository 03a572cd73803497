package org.shvideo.ffmpeg;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Writes a file with one video stream. Owns FFmpeg's muxer and the open file until closed; closing
 * completes the file. Not thread-safe.
 */
public final class Muxer implements AutoCloseable {
  private final String writing;
  private final AVFormatContext context = new AVFormatContext(null);
  private final AVIOContext output = new AVIOContext(null);
  private final AVPacket packet = Packets.allocate();
  private long ticks = 1;
  private long units = 1;
  private boolean open;

  /**
   * Whether a container can hold a codec.
   *
   * @param format as of the constructor
   */
  public static boolean supports(String format, AVCodecParameters parameters) {
    AVOutputFormat container = avformat.av_guess_format(format, (String) null, null);
    return avformat.avformat_query_codec(
            container, parameters.codec_id(), avcodec.FF_COMPLIANCE_NORMAL)
        == 1;
  }

  /**
   * Begins a file, over whatever it holds.
   *
   * @param format FFmpeg's short name of the container: {@code avi}, {@code matroska}
   * @param parameters of the video stream; copied
   * @param metadata tags by FFmpeg's names
   * @param settings sets the stream's fields before the header is written: at least the time base
   * @throws FFmpegException when the container cannot hold the codec or the file cannot be written
   */
  public Muxer(
      Path file,
      String format,
      AVCodecParameters parameters,
      Map<String, String> metadata,
      Consumer<AVStream> settings)
      throws FFmpegException {
    writing = "write " + file;
    try (BytePointer name = new BytePointer("file:" + file, StandardCharsets.UTF_8)) {
      FFmpegException.check(
          avformat.avformat_alloc_output_context2(
              context, (AVOutputFormat) null, format, (String) null),
          writing);
      AVStream stream = Frames.allocated(avformat.avformat_new_stream(context, null));
      avcodec.avcodec_parameters_copy(stream.codecpar(), parameters);
      settings.accept(stream);
      ticks = stream.time_base().num();
      units = stream.time_base().den();
      context.metadata(Dictionary.of(metadata)); // freed with the context
      FFmpegException.check(avformat.avio_open(output, name, avformat.AVIO_FLAG_WRITE), writing);
      context.pb(output);
      FFmpegException.check(
          avformat.avformat_write_header(context, (PointerPointer<?>) null), writing);
      // The container may have another time base.
      ticks *= stream.time_base().den();
      units *= stream.time_base().num();
      open = true;
    } finally {
      if (!open) {
        free();
      }
    }
  }

  /**
   * Writes a packet.
   *
   * @param borrowed shared for this call, not copied
   * @param pts in units of the time base that was set, not below {@code dts}
   * @param dts in the same units, above that of the last
   * @param duration in the same units
   * @throws FFmpegException when it cannot be written; a full disk may show later, in {@link
   *     #flush} or {@link #close}
   */
  public void write(AVPacket borrowed, long pts, long dts, long duration) throws FFmpegException {
    FFmpegException.check(avcodec.av_packet_ref(packet, borrowed), writing);
    try {
      packet.stream_index(0);
      packet.pts(avutil.av_rescale(pts, ticks, units));
      packet.dts(avutil.av_rescale(dts, ticks, units));
      packet.duration(avutil.av_rescale(duration, ticks, units));
      FFmpegException.check(avformat.av_write_frame(context, packet), writing);
    } finally {
      avcodec.av_packet_unref(packet);
    }
  }

  /** Hands all that was written to the operating system. */
  public void flush() throws FFmpegException {
    FFmpegException.check(avformat.av_write_frame(context, null), writing); // a cluster begun
    flushFile();
  }

  private void flushFile() throws FFmpegException {
    avformat.avio_flush(output);
    FFmpegException.check(output.error(), writing);
  }

  /**
   * Writes the index and closes the file.
   *
   * @throws FFmpegException when the file is not complete; all is freed nevertheless
   */
  @Override
  public void close() throws FFmpegException {
    if (!open) {
      return;
    }
    open = false;
    try {
      FFmpegException.check(avformat.av_write_trailer(context), writing);
      flushFile();
    } finally {
      free();
    }
  }

  private void free() {
    Packets.free(packet);
    if (!output.isNull()) {
      avformat.avio_closep(output);
    }
    avformat.avformat_free_context(context);
  }
}
