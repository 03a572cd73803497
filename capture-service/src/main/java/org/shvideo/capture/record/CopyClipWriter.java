package org.shvideo.capture.record;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.shvideo.capture.container.Container;
import org.shvideo.capture.container.ContainerWriter;
import org.shvideo.capture.container.FrameRate;
import org.shvideo.capture.stream.Packet;
import org.shvideo.ffmpeg.BitstreamFilter;

/**
 * Records the camera's own packets, bit for bit. NAL units stay as they are, but what separates
 * them is the container's: start codes in AVI, lengths in Matroska.
 */
public final class CopyClipWriter implements ClipWriter {
  private static final int LENGTH_PREFIXED = 1;

  private final BitstreamFilter toStartCodes; // null if the packets have start codes
  private ContainerWriter file;

  /**
   * @param path its name's end tells the {@link Container}, which must hold the codec
   * @param parameters copied
   */
  public CopyClipWriter(
      Path path, AVCodecParameters parameters, FrameRate rate, Map<String, String> metadata)
      throws IOException {
    Container container = Container.ofFile(path);
    toStartCodes =
        isLengthPrefixed(parameters) ? new BitstreamFilter("h264_mp4toannexb", parameters) : null;
    try {
      file =
          container.write(
              path, toStartCodes == null ? parameters : toStartCodes.parameters(), rate, metadata);
    } finally {
      if (file == null) {
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
      file.write(data, borrowed.ptsMicros(), borrowed.dtsMicros());
    }
  }

  @Override
  public void retime(LongUnaryOperator time) {
    file.retime(time);
  }

  @Override
  public long written() {
    return file.written();
  }

  @Override
  public void close() throws IOException {
    try {
      file.close();
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
