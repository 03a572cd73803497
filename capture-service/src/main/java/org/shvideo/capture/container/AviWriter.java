package org.shvideo.capture.container;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MPEG4;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.shvideo.ffmpeg.Muxer;

/**
 * Writes an AVI file with one video stream. AVI has no time stamps, only a frame rate and numbered
 * slots: {@link FrameSlots} assigns each packet its slot, and the muxer fills the gaps with empty
 * chunks, which readers skip. The file is flushed to the operating system once a second of video,
 * and a file that was cut off is readable up to its last whole chunk. Owns the muxer until closed.
 * Not thread-safe.
 */
public final class AviWriter implements ContainerWriter {
  // Offsets in AVI's header, which are the same in all files with video in the first stream.
  private static final int RIFF_SIZE_OFFSET = 4;
  private static final int MICROS_PER_FRAME_OFFSET = 32;
  private static final int STREAM_HEADER_OFFSET = 100;
  private static final int SCALE_OFFSET = 128;
  private static final int STREAM_HEADER = tag("strh");

  private final Path file;
  private final Map<String, String> metadata;
  private final FrameRate rate;
  private final FrameSlots slots;
  private final Muxer muxer;
  private final long flushInterval;
  private long nextFlush;
  private long written;
  private boolean closed;

  /**
   * Begins the file, overwriting an existing one.
   *
   * @param parameters copied
   * @param metadata the file's tags, by FFmpeg's names
   * @throws IOException when the file cannot be written
   */
  public AviWriter(
      Path file, AVCodecParameters parameters, FrameRate rate, Map<String, String> metadata)
      throws IOException {
    this.file = file;
    this.metadata = Map.copyOf(metadata);
    this.rate = rate;
    this.slots = new FrameSlots(rate);
    this.flushInterval = Math.round(rate.framesPerSecond());
    this.muxer =
        new Muxer(
            file,
            Container.AVI.format(),
            parameters,
            metadata,
            stream -> {
              stream.codecpar().codec_tag(fourCc(parameters.codec_id()));
              stream.time_base().num(rate.seconds()).den(rate.frames());
            });
  }

  /** Whether players understand the codec in an AVI file. */
  public static boolean supports(AVCodecParameters parameters) {
    return fourCc(parameters.codec_id()) != 0;
  }

  /** Whether the file was closed properly: its size is in its header then. */
  public static boolean isComplete(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer size = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(size, RIFF_SIZE_OFFSET);
      return Integer.toUnsignedLong(size.getInt(0)) + RIFF_SIZE_OFFSET + 4 == channel.size();
    }
  }

  private static int fourCc(int codec) {
    return switch (codec) {
      case AV_CODEC_ID_H264 -> tag("H264");
      case AV_CODEC_ID_MPEG4 -> tag("XVID");
      case AV_CODEC_ID_MJPEG -> tag("MJPG");
      default -> 0;
    };
  }

  private static int tag(String name) {
    return name.charAt(0) | name.charAt(1) << 8 | name.charAt(2) << 16 | name.charAt(3) << 24;
  }

  /**
   * Assigns the next frame its slot. Times are in microseconds from any origin, and never decrease.
   */
  public long place(long micros) {
    return slots.place(micros);
  }

  /** AVI has one time a frame: that of its decoding. */
  @Override
  public void write(AVPacket packet, long ptsMicros, long dtsMicros) throws IOException {
    write(packet, place(dtsMicros));
  }

  /**
   * Writes the packet of a slot.
   *
   * @param packet borrowed for this call; its time stamps are ignored
   * @param slot above that of the packet before
   * @throws IOException when it cannot be written, as when the disk is full
   */
  public void write(AVPacket packet, long slot) throws IOException {
    muxer.write(packet, slot, slot, 1);
    written++;
    if (slot >= nextFlush) {
      nextFlush = slot + flushInterval;
      muxer.flush();
    }
  }

  /** {@inheritDoc} {@link #close} gives them the slots for these. */
  @Override
  public void retime(LongUnaryOperator time) {
    slots.retime(time);
  }

  @Override
  public long written() {
    return written;
  }

  /**
   * Writes the index, and corrects the frame rate if the camera's differed from the given one.
   *
   * @throws IOException when the file is not complete; all is freed nevertheless
   */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    muxer.close();
    FrameRate trueRate = slots.trueRate();
    FrameRate highest = slots.highestRate();
    boolean spread = !slots.fit(trueRate) && !highest.equals(rate) && spread(highest);
    if (!trueRate.equals(rate) && !spread) {
      correct(trueRate);
    }
  }

  /** With slots for the highest rate at which its packets came, so that each has its time. */
  private boolean spread(FrameRate highest) {
    return Container.AVI.rewrite(file, highest, metadata, written, slots::micros, slots::micros);
  }

  /** In place, because the muxer writes the rate before it has seen the packets. */
  private void correct(FrameRate trueRate) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(number, STREAM_HEADER_OFFSET);
      if (number.getInt(0) != STREAM_HEADER) {
        throw new IOException("cannot correct the frame rate of " + file + ": unknown header");
      }
      number.clear().putInt(trueRate.seconds()).putInt(trueRate.frames()).flip();
      channel.write(number, SCALE_OFFSET);
      number.clear().putInt((int) trueRate.frameMicros()).flip();
      channel.write(number, MICROS_PER_FRAME_OFFSET);
    }
  }
}
