package org.shvideo.camera;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.shvideo.ffmpeg.Demuxer;
import org.shvideo.ffmpeg.FFmpegException;
import org.shvideo.ffmpeg.FFmpegLog;
import org.shvideo.ffmpeg.Packets;

/** FFmpeg as an independent client of the camera. */
public final class FfmpegClient implements AutoCloseable {
  static {
    FFmpegLog.silence();
  }

  /**
   * A packet.
   *
   * @param pts in the stream's time base, or null
   * @param dts in the stream's time base, or null
   * @param arrivalNanos when it was read
   */
  public record Received(
      ByteBuffer data, boolean keyframe, Long pts, Long dts, long arrivalNanos) {}

  private final Demuxer demuxer;
  private final AVStream stream;

  /** Opens a URL or file; RTSP by TCP, with timeouts of 3 s. */
  public FfmpegClient(String url) throws IOException {
    this(url, Map.of());
  }

  public FfmpegClient(String url, Map<String, String> moreOptions) throws IOException {
    Map<String, String> options = new HashMap<>();
    options.put("analyzeduration", "200000");
    options.put("probesize", "500000");
    if (url.startsWith("rtsp:")) {
      options.put("rtsp_transport", "tcp");
      options.put("timeout", "3000000");
    } else if (url.startsWith("http:")) {
      options.put("rw_timeout", "3000000");
    }
    options.putAll(moreOptions);
    demuxer = new Demuxer(url, url, options, other -> true, Long.MAX_VALUE, () -> false);
    try {
      demuxer.findStreams();
    } catch (IOException e) {
      demuxer.close();
      throw e;
    }
    stream = demuxer.selectVideo();
  }

  public int width() {
    return stream.codecpar().width();
  }

  public int height() {
    return stream.codecpar().height();
  }

  public double frameRate() {
    return (double) stream.avg_frame_rate().num() / stream.avg_frame_rate().den();
  }

  public double ticksPerSecond() {
    return (double) stream.time_base().den() / stream.time_base().num();
  }

  /** The next {@code count} packets; fewer if the stream ends or fails before. */
  public List<Received> read(int count) {
    List<Received> received = new ArrayList<>();
    try {
      AVPacket packet;
      while (received.size() < count && (packet = demuxer.read()) != null) {
        byte[] bytes = new byte[packet.size()];
        packet.data().get(bytes);
        received.add(
            new Received(
                ByteBuffer.wrap(bytes),
                (packet.flags() & AV_PKT_FLAG_KEY) != 0,
                timestamp(packet.pts()),
                timestamp(packet.dts()),
                System.nanoTime()));
      }
    } catch (FFmpegException e) {
      // The stream failed.
    }
    return received;
  }

  private static Long timestamp(long value) {
    return value == Packets.NO_TIMESTAMP ? null : value;
  }

  @Override
  public void close() {
    demuxer.close();
  }
}
