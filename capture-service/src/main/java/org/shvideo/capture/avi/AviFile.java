package org.shvideo.capture.avi;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MPEG4;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_copy;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_flush;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.shvideo.capture.store.FFmpegException;

/**
 * An AVI file with one video stream, being written. AVI knows no time stamps, only a frame rate and
 * one slot after another: {@link FrameSlots} says where each packet belongs, and the muxer fills
 * what lies between with empty chunks, which readers pass over. What is written reaches the
 * operating system once a second, and a file that was cut off there is readable up to its last
 * whole chunk. Not thread-safe.
 */
public final class AviFile implements AutoCloseable {

  // Of AVI's header, which is laid out the same for all files with video in the first stream.
  private static final int RIFF_SIZE_AT = 4;
  private static final int MICROS_PER_FRAME_AT = 32;
  private static final int STREAM_HEADER_AT = 100;
  private static final int SCALE_AT = 128;
  private static final int STREAM_HEADER = tag("strh");

  private final Path file;
  private final FrameRate rate;
  private final FrameSlots slots;
  private final AVFormatContext context = new AVFormatContext(null);
  private final AVIOContext output = new AVIOContext(null);
  private boolean begun;
  private final long flushEvery;
  private long flushAt;
  private long written;

  /**
   * Begins the file, over whatever it holds.
   *
   * @param parameters copied
   * @param metadata what the file tells about itself, by FFmpeg's names
   */
  public AviFile(
      Path file, AVCodecParameters parameters, FrameRate rate, Map<String, String> metadata)
      throws IOException {
    this.file = file;
    this.rate = rate;
    this.slots = new FrameSlots(rate);
    this.flushEvery = Math.round(rate.framesASecond());
    try {
      begin(parameters, metadata);
      begun = true;
    } finally {
      if (!begun) {
        free();
      }
    }
  }

  /** Whether AVI can hold the codec so that players understand it. */
  public static boolean holds(int codec) {
    return fourCc(codec) != 0;
  }

  /** Whether the file was closed after its last packet: its size stands in its header then. */
  public static boolean isComplete(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer size = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(size, RIFF_SIZE_AT);
      return Integer.toUnsignedLong(size.getInt(0)) + RIFF_SIZE_AT + 4 == channel.size();
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

  private void begin(AVCodecParameters parameters, Map<String, String> metadata)
      throws IOException {
    FFmpegException.check(
        avformat_alloc_output_context2(context, (AVOutputFormat) null, "avi", (String) null),
        "make an AVI file");
    AVStream stream = avformat_new_stream(context, null);
    avcodec_parameters_copy(stream.codecpar(), parameters);
    stream.codecpar().codec_tag(fourCc(parameters.codec_id()));
    stream.time_base().num(rate.seconds()).den(rate.frames());
    AVDictionary tags = new AVDictionary(null);
    metadata.forEach((name, value) -> av_dict_set(tags, name, value, 0));
    context.metadata(tags); // freed with the context
    try (BytePointer name = new BytePointer("file:" + file, StandardCharsets.UTF_8)) {
      FFmpegException.check(avio_open(output, name, AVIO_FLAG_WRITE), "open " + file);
    }
    context.pb(output);
    FFmpegException.check(
        avformat_write_header(context, (PointerPointer<?>) null), "begin " + file);
  }

  /**
   * Takes the slot for the next picture.
   *
   * @param micros its time, on any line, not before that of the last
   */
  public long place(long micros) {
    return slots.place(micros);
  }

  /**
   * Writes the packet of the next slot that was taken.
   *
   * @param packet its time stamps and duration are replaced; its data is not kept
   */
  public void write(AVPacket packet, long slot) throws IOException {
    packet.stream_index(0);
    packet.dts(slot);
    packet.pts(slot);
    packet.duration(1);
    FFmpegException.check(av_write_frame(context, packet), "write " + file);
    written++;
    if (slot >= flushAt) {
      flushAt = slot + flushEvery;
      avio_flush(output);
      FFmpegException.check(output.error(), "write " + file);
    }
  }

  /** How many packets are in it. */
  public long written() {
    return written;
  }

  /** Writes the index and corrects the frame rate where the camera had another one. */
  @Override
  public void close() throws IOException {
    if (!begun) {
      return;
    }
    begun = false;
    int result;
    try {
      result = av_write_trailer(context);
      avio_flush(output);
      if (result >= 0) {
        result = output.error();
      }
    } finally {
      free();
    }
    FFmpegException.check(result, "complete " + file);
    FrameRate trueRate = slots.trueRate();
    if (!trueRate.equals(rate)) {
      correct(trueRate);
    }
  }

  private void free() {
    if (!output.isNull()) {
      avio_closep(output);
    }
    avformat_free_context(context);
  }

  /** In place, because the muxer writes the rate before it has seen the packets. */
  private void correct(FrameRate trueRate) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(number, STREAM_HEADER_AT);
      if (number.getInt(0) != STREAM_HEADER) {
        throw new IOException("cannot correct the frame rate of " + file + ": unknown header");
      }
      number.clear().putInt(trueRate.seconds()).putInt(trueRate.frames()).flip();
      channel.write(number, SCALE_AT);
      number.clear().putInt((int) Math.round(1e6 / trueRate.framesASecond())).flip();
      channel.write(number, MICROS_PER_FRAME_AT);
    }
  }
}
