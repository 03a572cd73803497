package org.shvideo.worker.clip;

import static org.bytedeco.ffmpeg.global.avcodec.AVDISCARD_ALL;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avformat.AV_DISPOSITION_ATTACHED_PIC;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_guess_frame_rate;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_ENOMEM;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_GRAY8;
import static org.bytedeco.ffmpeg.global.avutil.AV_TIME_BASE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;
import static org.bytedeco.ffmpeg.global.swscale.SWS_AREA;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BICUBIC;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCachedContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Reads a clip frame by frame, in any container and codec that FFmpeg decodes. Each frame is
 * decoded; what it costs beyond that (its small {@link Luma}, its full {@link ClipFrame}) is paid
 * only when asked for. Frames that cannot be decoded are left out and counted; a clip that was cut
 * off yields what is there.
 *
 * <p>FFmpeg is called directly and not through {@code FFmpegFrameGrabber}, which converts every
 * frame it returns, opens the audio too, hides decoding errors and gives no reason that could be
 * told apart. Owns all native memory until closed. Not thread-safe.
 */
public final class ClipReader implements AutoCloseable {
  private static final int LUMA_WIDTH = 160;
  private static final int LUMA_HEIGHT = 90;

  /** FFmpeg's {@code AV_FRAME_FLAG_CORRUPT}, which the presets leave out. */
  private static final int CORRUPT = 1;

  /**
   * 8K has 33 million. A frame of more is not decoded: it would take hundreds of megabytes, several
   * times over.
   */
  private static final long MOST_PIXELS = 40_000_000;

  /** Without a frame, a clip may be read for so long: damage can be very long, and slow to read. */
  private static final Duration FRAME_WITHIN = Duration.ofSeconds(30);

  /** Demuxers that open other files, which a clip has no business to name. */
  private static final Set<String> PLAYLISTS = Set.of("hls", "dash", "concat", "imf");

  private final Path clip;
  private final BytePointer lumaBytes = new BytePointer((long) LUMA_WIDTH * LUMA_HEIGHT);
  private final PointerPointer<BytePointer> targets = new PointerPointer<>(4);
  private final IntPointer targetStrides = new IntPointer(4);
  private AVFormatContext format;
  private AVCodecContext decoder;
  private AVPacket packet;
  private AVFrame frame;
  private SwsContext toBgr;
  private SwsContext toLuma;
  private int stream;
  private double timeBaseSeconds;
  private ClipInfo info;

  private int index = -1;
  private double seconds;
  private long firstStamp;
  private int damaged;
  private boolean draining;

  private ClipReader(Path clip) {
    this.clip = clip;
  }

  /**
   * Opens a clip.
   *
   * @param threads that decode
   * @throws ClipUnreadableException when the file holds no video that can be decoded
   * @throws IOException when the file could not be read this time
   */
  public static ClipReader open(Path clip, int threads)
      throws ClipUnreadableException, IOException {
    byte[] head;
    try (InputStream in = Files.newInputStream(clip)) {
      head = in.readNBytes(12);
    }
    if (head.length == 0) {
      throw new ClipUnreadableException(
          clip.getFileName() + " is empty: it was never written, or the disk was full");
    }
    // What FFmpeg has to say about damaged files is said by the exceptions here.
    av_log_set_level(AV_LOG_QUIET);
    ClipReader reader = new ClipReader(clip);
    try {
      reader.openContainer(head);
      reader.openDecoder(threads);
      return reader;
    } catch (ClipUnreadableException | IOException | RuntimeException | Error e) {
      reader.close();
      throw e;
    }
  }

  private void openContainer(byte[] head) throws ClipUnreadableException, IOException {
    AVFormatContext opened = new AVFormatContext(null);
    AVDictionary options = new AVDictionary(null);
    // The protocol is spelled out, and the only one allowed: a name is never taken for a URL.
    try (BytePointer url =
        new BytePointer("file:" + clip.toAbsolutePath(), StandardCharsets.UTF_8)) {
      av_dict_set(options, "protocol_whitelist", "file", 0);
      int result = avformat_open_input(opened, url, null, options);
      if (result < 0) {
        throw failure(result, notOpened(head));
      }
    } finally {
      av_dict_free(options);
    }
    format = opened;
    String container = format.iformat().name().getString();
    if (PLAYLISTS.contains(container)) {
      throw new ClipUnreadableException(clip.getFileName() + " is a playlist, not a clip");
    }
    int result = avformat_find_stream_info(format, (AVDictionary) null);
    if (result < 0) {
      throw failure(result, "is damaged beyond reading");
    }
  }

  /** FFmpeg says "invalid data" to all; the first bytes tell a cut-off clip from another file. */
  private static String notOpened(byte[] head) {
    String text = new String(head, StandardCharsets.ISO_8859_1);
    if (text.startsWith("ftyp", 4)) {
      return "was cut off: an MP4 or MOV without its index, which is written last";
    }
    if (text.startsWith("RIFF") || text.startsWith("\u001aE\u00df\u00a3")) {
      return "was cut off before its first frame, or is damaged there";
    }
    return "is not a video that FFmpeg can read";
  }

  private void openDecoder(int threads) throws ClipUnreadableException, IOException {
    stream = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0);
    if (stream < 0 || (format.streams(stream).disposition() & AV_DISPOSITION_ATTACHED_PIC) != 0) {
      throw new ClipUnreadableException(clip.getFileName() + " holds no video");
    }
    for (int i = 0; i < format.nb_streams(); i++) {
      if (i != stream) {
        format.streams(i).discard(AVDISCARD_ALL);
      }
    }
    AVStream video = format.streams(stream);
    String codec = avcodec_get_name(video.codecpar().codec_id()).getString();
    AVCodec found = avcodec_find_decoder(video.codecpar().codec_id());
    if (found == null || found.isNull()) {
      throw new ClipUnreadableException(
          "%s is coded in %s, which cannot be decoded here".formatted(clip.getFileName(), codec));
    }
    decoder = avcodec_alloc_context3(found);
    int result = avcodec_parameters_to_context(decoder, video.codecpar());
    if (result >= 0) {
      decoder.pkt_timebase(video.time_base());
      decoder.thread_count(threads);
      decoder.max_pixels(MOST_PIXELS);
      result = avcodec_open2(decoder, found, (AVDictionary) null);
    }
    if (result < 0) {
      throw failure(result, "declares a video (%s) that cannot be decoded".formatted(codec));
    }
    packet = av_packet_alloc();
    frame = av_frame_alloc();
    timeBaseSeconds = ratio(video.time_base());
    info =
        new ClipInfo(
            codec,
            decoder.width(),
            decoder.height(),
            ratio(av_guess_frame_rate(format, video, null)),
            Math.max(0, format.duration() / (double) AV_TIME_BASE));
  }

  public ClipInfo info() {
    return info;
  }

  /**
   * Moves to the next frame that can be decoded.
   *
   * @return false at the clip's end
   * @throws ClipUnreadableException when the end came before the first frame
   * @throws IOException when the file could not be read on
   */
  public boolean next() throws ClipUnreadableException, IOException {
    long deadline = System.nanoTime() + FRAME_WITHIN.toNanos();
    while (true) {
      int result = avcodec_receive_frame(decoder, frame);
      if (result == 0) {
        index++;
        seconds = time();
        if ((frame.flags() & CORRUPT) != 0 || frame.decode_error_flags() != 0) {
          damaged++;
        }
        return true;
      }
      if (draining) {
        if (index < 0) {
          throw new ClipUnreadableException(
              clip.getFileName() + " holds not one frame that can be decoded");
        }
        return false;
      }
      if (result != AVERROR_EAGAIN()) {
        damaged++;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new ClipUnreadableException(
            "%s holds no frame that can be decoded in the next %d s of reading"
                .formatted(clip.getFileName(), FRAME_WITHIN.toSeconds()));
      }
      feed();
    }
  }

  /** Gives the decoder the next packet, or tells it that there are no more. */
  private void feed() throws IOException {
    while (true) {
      int read = av_read_frame(format, packet);
      if (read < 0) {
        int fault = format.pb() == null ? 0 : format.pb().error();
        if (fault < 0 && fault != AVERROR_EOF()) {
          throw new IOException(clip.getFileName() + " could not be read: " + reason(fault));
        }
        draining = true;
        avcodec_send_packet(decoder, null);
        return;
      }
      boolean ours = packet.stream_index() == stream;
      if (ours && avcodec_send_packet(decoder, packet) < 0) {
        damaged++;
      }
      av_packet_unref(packet);
      if (ours) {
        return;
      }
    }
  }

  /** The frame's time, never before the last one's, whatever the clip's stamps say. */
  private double time() {
    long stamp = frame.best_effort_timestamp();
    if (index == 0) {
      firstStamp = stamp;
      return 0;
    }
    double step = info.framesPerSecond() > 0 ? 1 / info.framesPerSecond() : 0;
    double declared =
        stamp == AV_NOPTS_VALUE || firstStamp == AV_NOPTS_VALUE
            ? seconds + step
            : (stamp - firstStamp) * timeBaseSeconds;
    return Math.max(seconds, declared);
  }

  /** Of the current frame, from 0. After the end: of the last. */
  public int index() {
    return index;
  }

  /** Of the current frame, from the clip's start. After the end: of the last. */
  public double seconds() {
    return seconds;
  }

  /** How many packets and frames so far were found damaged. */
  public int damaged() {
    return damaged;
  }

  /** The current frame's brightness, small. */
  public Luma luma() {
    toLuma = converter(toLuma, frame, LUMA_WIDTH, LUMA_HEIGHT, AV_PIX_FMT_GRAY8, SWS_AREA);
    convert(toLuma, frame, lumaBytes, LUMA_WIDTH);
    byte[] pixels = new byte[LUMA_WIDTH * LUMA_HEIGHT];
    lumaBytes.get(pixels);
    return new Luma(LUMA_WIDTH, LUMA_HEIGHT, pixels);
  }

  /** A copy of the current frame, the caller's to close. */
  public ClipFrame copy() {
    return copy(index, seconds, frame);
  }

  /** Keeps the current frame for later, at little cost; the caller's to close. */
  public ReservedFrame reserve() {
    return new ReservedFrame(index, seconds, frame);
  }

  /** A copy of a frame of this clip that was kept, the caller's to close. */
  public ClipFrame copy(ReservedFrame reserved) {
    return copy(reserved.index(), reserved.seconds(), reserved.decoded());
  }

  private ClipFrame copy(int index, double seconds, AVFrame source) {
    ClipFrame copy = new ClipFrame(index, seconds, source.width(), source.height());
    try (BytePointer pixels = new BytePointer(copy.pixels())) {
      // At equal size the flags choose nothing but the converter that OpenCV's capture uses too.
      toBgr = converter(toBgr, source, copy.width(), copy.height(), AV_PIX_FMT_BGR24, SWS_BICUBIC);
      convert(toBgr, source, pixels, copy.stride());
      return copy;
    } catch (RuntimeException | Error e) {
      copy.close();
      throw e;
    }
  }

  private SwsContext converter(
      SwsContext last, AVFrame source, int width, int height, int pixels, int flags) {
    SwsContext converter =
        sws_getCachedContext(
            last,
            source.width(),
            source.height(),
            source.format(),
            width,
            height,
            pixels,
            flags,
            null,
            null,
            (DoublePointer) null);
    if (converter == null || converter.isNull()) {
      throw new IllegalStateException(
          "no conversion from pixel format %d of %s"
              .formatted(source.format(), clip.getFileName()));
    }
    return converter;
  }

  private void convert(SwsContext converter, AVFrame source, BytePointer target, int stride) {
    targets.put(0, target);
    targetStrides.put(0, stride);
    sws_scale(
        converter, source.data(), source.linesize(), 0, source.height(), targets, targetStrides);
  }

  /** What to throw for an error of FFmpeg that is the clip's fault unless memory ran out. */
  private ClipUnreadableException failure(int result, String what) throws IOException {
    if (result == AVERROR_ENOMEM()) {
      throw new IOException("not enough memory to read " + clip.getFileName());
    }
    return new ClipUnreadableException(
        "%s %s (%s)".formatted(clip.getFileName(), what, reason(result)));
  }

  private static double ratio(AVRational rational) {
    return rational.den() == 0 ? 0 : (double) rational.num() / rational.den();
  }

  private static String reason(int error) {
    try (BytePointer text = new BytePointer(256)) {
      av_strerror(error, text, text.capacity());
      String padded = text.getString();
      return padded.substring(0, padded.indexOf('\0'));
    }
  }

  @Override
  public void close() {
    if (frame != null) {
      av_frame_free(frame);
      frame = null;
    }
    if (packet != null) {
      av_packet_free(packet);
      packet = null;
    }
    if (decoder != null) {
      avcodec_free_context(decoder);
      decoder = null;
    }
    if (format != null) {
      avformat_close_input(format);
      format = null;
    }
    sws_freeContext(toBgr);
    sws_freeContext(toLuma);
    toBgr = null;
    toLuma = null;
    lumaBytes.close();
    targets.close();
    targetStrides.close();
  }
}
