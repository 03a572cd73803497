package org.shvideo.capture.container;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.shvideo.ffmpeg.Muxer;

/**
 * Writes a Matroska file with one video stream, for codecs that AVI cannot hold. Its times are
 * exact to a millisecond. The file is flushed to the operating system once a second of video, and a
 * file that was cut off is readable up to its last whole packet. Owns the muxer until closed. Not
 * thread-safe.
 */
public final class MatroskaWriter implements ContainerWriter {
  private static final int MICROS = 1_000_000;

  // The format: RFC 8794 (EBML) and RFC 9559 (Matroska).
  private static final int SEGMENT_ID = 0x18538067;
  private static final int MAX_HEAD_BYTES = 128;

  private final Path file;
  private final FrameRate rate;
  private final Map<String, String> metadata;
  private final Muxer muxer;

  /** When each packet is shown and decoded, in pairs. */
  private long[] times = new long[1024];

  private int written;
  private long nextFlush;
  private boolean retimed;
  private boolean closed;

  /**
   * Begins the file, overwriting an existing one.
   *
   * @param parameters copied
   * @param rate for the length of the last frame
   * @param metadata the file's tags, by FFmpeg's names
   * @throws IOException when the file cannot be written
   */
  public MatroskaWriter(
      Path file, AVCodecParameters parameters, FrameRate rate, Map<String, String> metadata)
      throws IOException {
    this.file = file;
    this.rate = rate;
    this.metadata = Map.copyOf(metadata);
    this.muxer =
        new Muxer(
            file,
            Container.MATROSKA.format(),
            parameters,
            metadata,
            stream -> {
              stream.codecpar().codec_tag(0);
              stream.time_base().num(1).den(MICROS);
            });
  }

  /** Whether Matroska can hold the codec. */
  public static boolean supports(AVCodecParameters parameters) {
    return Muxer.supports(Container.MATROSKA.format(), parameters);
  }

  /** Whether the file was closed properly: its segment has its size then. */
  public static boolean isComplete(Path file) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(MAX_HEAD_BYTES);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.read(head, 0);
      head.flip().position(Math.min(Integer.BYTES, head.limit()));
      head.position(Math.toIntExact(Math.min(head.limit(), size(head) + head.position())));
      return head.remaining() > Integer.BYTES
          && head.getInt() == SEGMENT_ID
          && size(head) + head.position() == channel.size();
    } catch (BufferUnderflowException e) {
      return false;
    }
  }

  /** The size of an element: the first byte's leading zeros tell how many bytes follow. */
  private static long size(ByteBuffer from) {
    int first = from.get() & 0xFF;
    if (first == 0) {
      return 1L << 56; // damaged: it would have more than eight bytes
    }
    int following = Integer.numberOfLeadingZeros(first) - (Integer.SIZE - Byte.SIZE);
    long size = first & (0x7F >> following);
    for (int i = 0; i < following; i++) {
      size = (size << Byte.SIZE) | (from.get() & 0xFF);
    }
    return size;
  }

  @Override
  public void write(AVPacket packet, long ptsMicros, long dtsMicros) throws IOException {
    if (2 * written == times.length) {
      times = Arrays.copyOf(times, 2 * times.length);
    }
    times[2 * written] = ptsMicros;
    times[2 * written + 1] = dtsMicros;
    if (written == 0) {
      nextFlush = dtsMicros;
    }
    muxer.write(packet, ptsMicros - times[1], dtsMicros - times[1], rate.frameMicros());
    written++;
    if (dtsMicros >= nextFlush) {
      nextFlush = dtsMicros + MICROS;
      muxer.flush();
    }
  }

  @Override
  public void retime(LongUnaryOperator time) {
    Arrays.setAll(times, i -> i < 2 * written ? time.applyAsLong(times[i]) : 0);
    nextFlush = time.applyAsLong(nextFlush);
    retimed = true;
  }

  @Override
  public long written() {
    return written;
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    muxer.close();
    if (retimed) {
      Container.MATROSKA.rewrite(
          file, rate, metadata, written, n -> times[2 * n], n -> times[2 * n + 1]);
    }
  }
}
