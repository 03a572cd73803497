package org.shvideo.capture.stream;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_HEVC;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.javacpp.BytePointer;
import org.shvideo.ffmpeg.Packets;

/**
 * Puts the parameter sets that a camera sent last before keyframes that lack them, where the
 * stream's description has others: after a change of the camera's settings some send the new sets
 * once, and their session description stays as it was. Clips and decoders that begin at a later
 * keyframe would use the wrong ones. Of H.264 and H.265 with start codes; other streams stay as
 * they are. Not thread-safe.
 */
final class ParameterSets {
  private static final byte[] START_CODE = {0, 0, 0, 1};

  /** Sets and what may precede them are small. */
  private static final int MAX_BYTES = 4096;

  private final int codec;
  private final boolean startCodes;
  private final List<ByteBuffer> described;

  /** The last sets of each type in the stream, in the order in which they are needed. */
  private final Map<Integer, List<ByteBuffer>> latest = new TreeMap<>();

  /** What to put before keyframes without sets; empty if the description is right. */
  private byte[] missing = {};

  ParameterSets(AVCodecParameters parameters) {
    codec = parameters.codec_id();
    byte[] description = head(parameters.extradata(), parameters.extradata_size());
    // A version number, 1, begins the description of a stream with lengths, as in an MP4 file.
    startCodes =
        (codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC)
            && (description.length == 0 || description[0] == 0);
    described = sets(description).values().stream().flatMap(List::stream).toList();
  }

  /**
   * Takes the stream's next packet, and adds to it what it lacks.
   *
   * @param borrowed its data is replaced where sets are added
   */
  void complete(AVPacket borrowed) {
    if (!startCodes) {
      return;
    }
    Map<Integer, List<ByteBuffer>> sets =
        beginsWithSlice(borrowed) ? Map.of() : sets(head(borrowed.data(), borrowed.size()));
    if (!sets.isEmpty()) {
      latest.putAll(sets);
      missing = described.containsAll(all()) ? new byte[0] : joined();
    } else if (missing.length > 0 && (borrowed.flags() & AV_PKT_FLAG_KEY) != 0) {
      Packets.prepend(borrowed, missing);
    }
  }

  /** As most packets do, which need not be copied to be searched then. */
  private boolean beginsWithSlice(AVPacket packet) {
    BytePointer data = packet.data();
    int zeros = 0;
    while (zeros < START_CODE.length - 1 && zeros < packet.size() && data.get(zeros) == 0) {
      zeros++;
    }
    return zeros >= 2
        && packet.size() > zeros + 1
        && data.get(zeros) == 1
        && isSlice(type(data.get(zeros + 1L)));
  }

  private List<ByteBuffer> all() {
    return latest.values().stream().flatMap(List::stream).toList();
  }

  private byte[] joined() {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (ByteBuffer set : all()) {
      joined.writeBytes(START_CODE);
      byte[] unit = new byte[set.remaining()];
      set.duplicate().get(unit);
      joined.writeBytes(unit);
    }
    return joined.toByteArray();
  }

  /** The packet's first bytes, a copy. */
  static byte[] head(BytePointer data, int size) {
    if (data == null || data.isNull()) {
      return new byte[0];
    }
    byte[] head = new byte[Math.min(size, MAX_BYTES)];
    new BytePointer(data).get(head);
    return head;
  }

  /** The sets before the first slice, by type. */
  private Map<Integer, List<ByteBuffer>> sets(byte[] data) {
    Map<Integer, List<ByteBuffer>> sets = new TreeMap<>();
    int begin = next(data, 0);
    while (begin < data.length && !isSlice(type(data[begin]))) {
      int end = next(data, begin);
      int type = type(data[begin]);
      if (isSet(type)) {
        sets.computeIfAbsent(type, unused -> new ArrayList<>()).add(unit(data, begin, end));
      }
      begin = end;
    }
    return sets;
  }

  /** The byte after the next start code, or the end. */
  static int next(byte[] data, int from) {
    for (int i = from; i + 3 < data.length; i++) {
      if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1) {
        return i + 3;
      }
    }
    return data.length;
  }

  /** Without the next start code and the zeros before it, which no unit ends with. */
  private static ByteBuffer unit(byte[] data, int begin, int next) {
    int end = next < data.length ? next - START_CODE.length + 1 : next;
    while (end > begin && data[end - 1] == 0) {
      end--;
    }
    return ByteBuffer.wrap(Arrays.copyOfRange(data, begin, end));
  }

  private int type(byte header) {
    return codec == AV_CODEC_ID_H264 ? header & 31 : header >> 1 & 63;
  }

  /** SPS and PPS; of H.265 also the VPS. */
  private boolean isSet(int type) {
    return codec == AV_CODEC_ID_H264 ? type == 7 || type == 8 : type >= 32 && type <= 34;
  }

  private boolean isSlice(int type) {
    return codec == AV_CODEC_ID_H264 ? type >= 1 && type <= 5 : type < 32;
  }
}
