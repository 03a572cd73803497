package org.shvideo.capture.record;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.shvideo.capture.avi.AviWriter;
import org.shvideo.capture.avi.FrameRate;
import org.shvideo.capture.stream.Packet;
import org.shvideo.ffmpeg.BitstreamFilter;

/**
 * Records the camera's own packets, bit for bit. H.264 with length prefixes, as from an MP4 file,
 * gets the start codes that AVI requires; its NAL units stay as they are.
 */
public final class CopyClipWriter implements ClipWriter {
  private static final int LENGTH_PREFIXED = 1;

  private final BitstreamFilter toStartCodes; // null if the packets have start codes
  private AviWriter avi;

  /**
   * @param parameters of a codec that {@linkplain AviWriter#supports AVI supports}; copied
   */
  public CopyClipWriter(
      Path file, AVCodecParameters parameters, FrameRate rate, Map<String, String> metadata)
      throws IOException {
    toStartCodes =
        isLengthPrefixed(parameters) ? new BitstreamFilter("h264_mp4toannexb", parameters) : null;
    try {
      avi =
          new AviWriter(
              file, toStartCodes == null ? parameters : toStartCodes.parameters(), rate, metadata);
    } finally {
      if (avi == null) {
        free();
      }
    }
  }

  private static boolean isLengthPrefixed(AVCodecParameters parameters) {
    return parameters.codec_id() == AV_CODEC_ID_H264
        && parameters.extradata_size() > 0
        && parameters.extradata().get() == LENGTH_PREFIXED;
  }

  @Override
  public void write(Packet borrowed) throws IOException {
    AVPacket data = toStartCodes == null ? borrowed.data() : toStartCodes.filter(borrowed.data());
    if (data != null) { // null if damaged: invalid length prefixes
      avi.write(data, avi.place(borrowed.dtsMicros()));
    }
  }

  @Override
  public void retime(LongUnaryOperator time) {
    avi.retime(time);
  }

  @Override
  public long written() {
    return avi.written();
  }

  @Override
  public void close() throws IOException {
    try {
      avi.close();
    } finally {
      free();
    }
  }

  private void free() {
    if (toStartCodes != null) {
      toStartCodes.close();
    }
  }
}
