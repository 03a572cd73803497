package org.shvideo.ffmpeg;

import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVCodecParserContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * Detects that a stream's picture size or codec parameters change. A camera whose resolution is
 * changed in its settings goes on sending on the same connection, but decoder, muxer and clip no
 * longer fit. The size is read where it costs nothing, from FFmpeg's parser or a JPEG's header, not
 * by decoding. Not thread-safe.
 */
public final class StreamChangeDetector {
  private final AVStream video;
  private final boolean jpeg;
  private int width;
  private int height;

  /** Borrows the stream, which must stay open as long as this is used. */
  public StreamChangeDetector(AVStream video) {
    this.video = video;
    this.jpeg = video.codecpar().codec_id() == avcodec.AV_CODEC_ID_MJPEG;
  }

  /** Whether this packet's size or parameters differ from those of the packets before. */
  public boolean changed(AVPacket packet) {
    int oldWidth = width;
    int oldHeight = height;
    if (jpeg) {
      readJpeg(packet.data(), packet.size());
    } else {
      readParser();
    }
    boolean sizeChanged = oldWidth > 0 && (width != oldWidth || height != oldHeight);
    return sizeChanged || (packet.side_data_elems() > 0 && parametersChanged(packet));
  }

  private void readParser() {
    AVCodecParserContext parser = avformat.av_stream_get_parser(video);
    if (parser != null && parser.width() > 0 && parser.height() > 0) {
      width = parser.width();
      height = parser.height();
    }
  }

  /** The frame header is marker C0 to CF, save C4, C8 and CC (ITU-T T.81, B.2.2). */
  private void readJpeg(BytePointer data, int size) {
    int at = 2;
    while (at + 9 <= size && data.get(at) == (byte) 0xff) {
      int marker = data.get(at + 1) & 0xff;
      if (marker == 0xff) {
        at++; // fill byte
      } else if ((marker & 0xf0) == 0xc0 && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
        height = unsigned16(data, at + 5);
        width = unsigned16(data, at + 7);
        return;
      } else {
        at += 2 + unsigned16(data, at + 2);
      }
    }
  }

  private static int unsigned16(BytePointer data, int at) {
    return (data.get(at) & 0xff) << 8 | (data.get(at + 1) & 0xff);
  }

  private boolean parametersChanged(AVPacket packet) {
    try (SizeTPointer size = new SizeTPointer(1)) {
      if (avcodec.av_packet_get_side_data(packet, avcodec.AV_PKT_DATA_PARAM_CHANGE, size) != null) {
        return true;
      }
      BytePointer fresh =
          avcodec.av_packet_get_side_data(packet, avcodec.AV_PKT_DATA_NEW_EXTRADATA, size);
      return fresh != null && !equalsExtradata(fresh, size.get());
    }
  }

  private boolean equalsExtradata(BytePointer fresh, long size) {
    AVCodecParameters parameters = video.codecpar();
    if (parameters.extradata_size() != size) {
      return false;
    }
    for (long i = 0; i < size; i++) {
      if (fresh.get(i) != parameters.extradata().get(i)) {
        return false;
      }
    }
    return true;
  }
}
