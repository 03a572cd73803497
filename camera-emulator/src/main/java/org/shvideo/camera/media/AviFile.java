package org.shvideo.camera.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The video of an AVI file, such as a recorded clip: its chunks in their order, whether or not it
 * was finished and has an index. Not thread-safe.
 */
final class AviFile {
  private static final Set<String> H264 = Set.of("H264", "X264", "AVC1");
  private static final Set<String> JPEG = Set.of("MJPG", "AVRN", "LJPG", "JPGL");

  private static final int BITMAP_HEADER = 40;

  private final ByteBuffer file;
  private final List<byte[]> chunks = new ArrayList<>();
  private int streams;
  private int video = -1;
  private String codec = "none";
  private byte[] codecHeader = {};
  private double frameSeconds;

  private AviFile(byte[] bytes) throws IOException {
    file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    walk(0, bytes.length);
    if (chunks.isEmpty()) {
      throw new IOException("is an AVI file without video");
    }
    if (!(frameSeconds > 0 && frameSeconds < 3600)) {
      throw new IOException("is an AVI file without a frame rate");
    }
  }

  static EncodedVideo h264(byte[] bytes) throws IOException {
    AviFile avi = new AviFile(bytes);
    if (!H264.contains(avi.codec)) {
      throw new IOException("is not H.264 but " + avi.codec);
    }
    List<List<byte[]>> units = new ArrayList<>();
    List<Long> times = new ArrayList<>();
    for (int i = 0; i < avi.chunks.size(); i++) {
      List<byte[]> nalUnits = AnnexB.nalUnits(avi.chunks.get(i));
      // A chunk may be empty: nothing new to show at its time.
      if (!nalUnits.isEmpty()) {
        units.add(nalUnits);
        times.add(Math.round(i * avi.frameSeconds * 1e6));
      }
    }
    if (!units.isEmpty() && units.get(0).stream().noneMatch(n -> NalType.of(n) == NalType.SPS)) {
      units.get(0).addAll(0, AnnexB.nalUnits(avi.codecHeader));
    }
    Duration length = Duration.ofNanos(Math.round(avi.chunks.size() * avi.frameSeconds * 1e9));
    return RawStream.of(units, times.stream().mapToLong(Long::longValue).toArray(), length);
  }

  static JpegVideo jpeg(byte[] bytes) throws IOException {
    AviFile avi = new AviFile(bytes);
    if (!JPEG.contains(avi.codec)) {
      throw new IOException("is not MJPEG but " + avi.codec);
    }
    List<byte[]> pictures = avi.chunks.stream().filter(chunk -> chunk.length > 0).toList();
    return new JpegVideo(pictures, 1 / avi.frameSeconds);
  }

  static boolean begins(byte[] head) {
    return head.length >= 12 && text(head, 0).equals("RIFF") && text(head, 8).equals("AVI ");
  }

  private static String text(byte[] bytes, int at) {
    return new String(bytes, at, 4, StandardCharsets.ISO_8859_1);
  }

  private void walk(int from, int to) {
    for (int at = from; at + 8 <= to; ) {
      String name = text(file.array(), at);
      // Of the last chunk of an unfinished file, what is there.
      long end = Math.min(to, at + 8L + Integer.toUnsignedLong(file.getInt(at + 4)));
      read(name, at + 8, (int) end);
      at = (int) (end + (end & 1));
    }
  }

  private void read(String name, int from, int to) {
    if (name.equals("RIFF") || name.equals("LIST")) {
      walk(Math.min(from + 4, to), to);
    } else if (name.equals("strh") && to - from >= 28) {
      if (text(file.array(), from).equals("vids") && video < 0) {
        video = streams;
        frameSeconds = (double) file.getInt(from + 20) / file.getInt(from + 24);
      }
      streams++;
    } else if (name.equals("strf") && video == streams - 1 && to - from >= 20) {
      codec = text(file.array(), from + 16).toUpperCase(Locale.ROOT);
      codecHeader = Arrays.copyOfRange(file.array(), Math.min(from + BITMAP_HEADER, to), to);
    } else if (name.equals(String.format(Locale.ROOT, "%02ddc", video))
        || name.equals(String.format(Locale.ROOT, "%02ddb", video))) {
      byte[] chunk = new byte[to - from];
      file.get(from, chunk);
      chunks.add(chunk);
    }
  }
}
