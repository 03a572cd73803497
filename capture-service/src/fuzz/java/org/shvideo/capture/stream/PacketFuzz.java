package org.shvideo.capture.stream;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import java.util.Arrays;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.javacpp.BytePointer;
import org.shvideo.ffmpeg.Packets;

/**
 * Whatever a packet contains: it is searched within its bounds, so that what lies behind it in
 * memory changes nothing; sets that were added stand before what was there.
 */
public final class PacketFuzz {
  private static final int H264 = 27;
  private static final int HEVC = 173;
  private static final int KEYFRAME = 1;
  private static final int PADDING = 64;
  private static final byte[][] BEHIND = {
    new byte[PADDING], {(byte) 0xff, (byte) 0xd9, 0, 0, 1, 0x67, (byte) 0xff, (byte) 0xda}
  };

  private PacketFuzz() {}

  public static void fuzzerTestOneInput(FuzzedDataProvider data) {
    int codec = data.consumeBoolean() ? H264 : HEVC;
    byte[] first = data.consumeBytes(data.consumeInt(0, 300));
    byte[] second = data.consumeRemainingAsBytes();
    String seen = null;
    for (byte[] behind : BEHIND) {
      String now = see(codec, first, second, behind);
      require(seen == null || seen.equals(now), "what lies behind a packet was read");
      seen = now;
    }
  }

  private static String see(int codec, byte[] first, byte[] second, byte[] behind) {
    StringBuilder seen = new StringBuilder();
    try (AVCodecParameters parameters = new AVCodecParameters()) {
      ParameterSets sets = new ParameterSets(parameters.codec_id(codec));
      for (byte[] content : new byte[][] {first, second}) {
        try (BytePointer memory = memory(content, behind);
            AVPacket packet = new AVPacket()) {
          packet.data(memory).size(content.length).flags(KEYFRAME);
          AVPacket own = Packets.take(packet);
          seen.append(JpegPacket.endsWithMarker(own)).append(JpegPacket.frameHeader(own));
          seen.append(JpegPacket.RtpSize.isMissing(own));
          try {
            sets.complete(own);
            byte[] complete = new byte[own.size()];
            own.data().get(complete);
            int added = complete.length - content.length;
            require(added >= 0 && added <= 4100, "the size of what was added");
            require(
                Arrays.equals(complete, added, complete.length, content, 0, content.length),
                "what was there");
            seen.append(Arrays.hashCode(complete));
            int frames = RecoveryPoint.frames(codec, new Packet(own, 0, 0, 0));
            require(frames >= 0, "the number of frames");
            seen.append(frames);
          } finally {
            Packets.free(own);
          }
        }
      }
    }
    return seen.toString();
  }

  private static BytePointer memory(byte[] content, byte[] behind) {
    BytePointer memory = new BytePointer(content.length + PADDING);
    memory.put(content, 0, content.length);
    memory.position(content.length).put(behind, 0, behind.length).position(0);
    return memory;
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
