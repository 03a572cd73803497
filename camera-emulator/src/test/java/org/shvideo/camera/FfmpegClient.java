package org.shvideo.camera;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;

/** FFmpeg as an independent client of the camera. */
public final class FfmpegClient implements AutoCloseable {
  static {
    av_log_set_level(Integer.getInteger("ffmpeg.log", AV_LOG_QUIET));
  }

  /**
   * A packet.
   *
   * @param stream index
   * @param pts in the stream's time base, or null
   * @param dts in the stream's time base, or null
   * @param arrivalNanos when it was read
   */
  public record Received(
      int stream, ByteBuffer data, boolean keyframe, Long pts, Long dts, long arrivalNanos) {}

  private final AVFormatContext context;

  /** Opens a URL or file; RTSP by TCP, with timeouts of 3 s. */
  public FfmpegClient(String url) throws IOException {
    this(url, Map.of());
  }

  public FfmpegClient(String url, Map<String, String> moreOptions) throws IOException {
    context = new AVFormatContext(null);
    AVDictionary options = new AVDictionary(null);
    if (url.startsWith("rtsp:")) {
      av_dict_set(options, "rtsp_transport", "tcp", 0);
      av_dict_set(options, "timeout", "3000000", 0);
    } else if (url.startsWith("http:")) {
      av_dict_set(options, "rw_timeout", "3000000", 0);
    }
    moreOptions.forEach((key, value) -> av_dict_set(options, key, value, 0));
    av_dict_set(options, "analyzeduration", "200000", 0);
    av_dict_set(options, "probesize", "500000", 0);
    int opened = avformat_open_input(context, url, null, options);
    av_dict_free(options);
    check(opened);
    int found = avformat_find_stream_info(context, (AVDictionary) null);
    if (found < 0) {
      close();
      check(found);
    }
  }

  private static void check(int result) throws IOException {
    if (result < 0) {
      byte[] text = new byte[200];
      av_strerror(result, text, text.length);
      throw new IOException(new String(text, StandardCharsets.UTF_8).replace("\0", ""));
    }
  }

  public int width() {
    return stream().codecpar().width();
  }

  public int height() {
    return stream().codecpar().height();
  }

  public double frameRate() {
    return (double) stream().avg_frame_rate().num() / stream().avg_frame_rate().den();
  }

  public double ticksPerSecond() {
    return (double) stream().time_base().den() / stream().time_base().num();
  }

  private AVStream stream() {
    return context.streams(video());
  }

  /** The index of the video stream. */
  public int video() {
    return av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0);
  }

  /** The next {@code count} packets; fewer if the stream ends or fails before. */
  public List<Received> read(int count) {
    List<Received> received = new ArrayList<>();
    AVPacket packet = av_packet_alloc();
    while (received.size() < count && av_read_frame(context, packet) >= 0) {
      byte[] bytes = new byte[packet.size()];
      packet.data().get(bytes);
      received.add(
          new Received(
              packet.stream_index(),
              ByteBuffer.wrap(bytes),
              (packet.flags() & AV_PKT_FLAG_KEY) != 0,
              timestamp(packet.pts()),
              timestamp(packet.dts()),
              System.nanoTime()));
      av_packet_unref(packet);
    }
    av_packet_free(packet);
    return received;
  }

  private static Long timestamp(long value) {
    return value == AV_NOPTS_VALUE ? null : value;
  }

  @Override
  public void close() {
    avformat_close_input(context);
  }
}
