package org.shvideo.worker.clip;

import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_GRAY8;
import static org.bytedeco.ffmpeg.global.avutil.AV_TIME_BASE;
import static org.bytedeco.ffmpeg.global.swscale.SWS_AREA;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BICUBIC;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.shvideo.ffmpeg.Decoder;
import org.shvideo.ffmpeg.Decoder.Received;
import org.shvideo.ffmpeg.Demuxer;
import org.shvideo.ffmpeg.FFmpegException;
import org.shvideo.ffmpeg.FFmpegException.Problem;
import org.shvideo.ffmpeg.FFmpegLog;
import org.shvideo.ffmpeg.Frames;
import org.shvideo.ffmpeg.Scaler;

/**
 * Reads a clip frame by frame, in any container and codec that FFmpeg decodes. Every frame is
 * decoded; its small {@link Luma} and its full {@link ClipFrame} cost time only when asked for.
 * Frames that cannot be decoded are skipped and counted; of a clip that was cut off, what is there
 * is read. Owns all native memory until closed. Not thread-safe.
 *
 * <p>JavaCV's {@code FFmpegFrameGrabber} is not used: it converts every frame, opens the audio too,
 * hides decoding errors and gives no reasons that could be distinguished.
 */
public final class ClipReader implements AutoCloseable {
  private static final int LUMA_WIDTH = 160;
  private static final int LUMA_HEIGHT = 90;

  /**
   * 8K has 33 million pixels. A larger frame is not decoded: it would take hundreds of megabytes,
   * several times over.
   */
  private static final long MAX_PIXELS = 40_000_000;

  /** Damage can be very long, and slow to read. */
  private static final Duration FRAME_TIMEOUT = Duration.ofSeconds(30);

  private final Path file;
  private final BytePointer lumaBytes = new BytePointer((long) LUMA_WIDTH * LUMA_HEIGHT);
  private final Scaler toLuma = new Scaler(AV_PIX_FMT_GRAY8, SWS_AREA);
  // At equal size the flags only select the converter, the one that OpenCV's capture uses too.
  private final Scaler toBgr = new Scaler(AV_PIX_FMT_BGR24, SWS_BICUBIC);
  private Demuxer demuxer;
  private Decoder decoder;
  private AVStream video;
  private FrameClock clock;
  private ClipInfo info;

  private int index = -1;
  private int damaged;
  private boolean draining;

  private ClipReader(Path file) {
    this.file = file;
  }

  /**
   * Opens a clip.
   *
   * @param threads for decoding
   * @throws ClipUnreadableException when the file holds no video that can be decoded
   * @throws IOException when the file could not be read this time
   */
  public static ClipReader open(Path clip, int threads)
      throws ClipUnreadableException, IOException {
    if (Files.exists(clip) && !Files.isRegularFile(clip)) {
      throw new ClipUnreadableException(
          clip.getFileName() + " is a folder, a pipe or a device, not a video file");
    }
    byte[] head;
    try (InputStream in = Files.newInputStream(clip)) {
      head = in.readNBytes(12);
    }
    if (head.length == 0) {
      throw new ClipUnreadableException(
          clip.getFileName() + " is empty: it was never written, or the disk was full");
    }
    FFmpegLog.silence(); // the exceptions here say what matters about damaged files
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
    try {
      demuxer = Demuxer.of(file, Map.of());
    } catch (FFmpegException e) {
      if (e.problem() == Problem.NO_VIDEO) {
        throw new ClipUnreadableException(
            "%s is %s, not a video. Name the video file itself.".formatted(name(), e.reason()));
      }
      throw failure(e, notOpened(head));
    }
    try {
      demuxer.findStreams();
    } catch (FFmpegException e) {
      throw failure(e, "is damaged beyond reading");
    }
  }

  /** FFmpeg says "invalid data" of everything; the first bytes tell a clip that was cut off. */
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
    video = demuxer.selectVideo();
    if (video == null) {
      throw new ClipUnreadableException(name() + " holds no video");
    }
    String codec = Decoder.codecName(video.codecpar());
    if (!Decoder.exists(video.codecpar())) {
      throw new ClipUnreadableException(
          "%s is coded in %s, which cannot be decoded here".formatted(name(), codec));
    }
    AVCodecParameters declared = video.codecpar();
    if ((long) declared.width() * declared.height() > MAX_PIXELS) {
      throw new ClipUnreadableException(
          "%s has pictures of %d×%d pixels; at most %d megapixels are analysed. Convert it: ffmpeg -i %s -vf scale=3840:-2 FILE.mp4"
              .formatted(
                  name(), declared.width(), declared.height(), MAX_PIXELS / 1_000_000, name()));
    }
    try {
      decoder =
          new Decoder(
              video.codecpar(),
              context -> {
                context.pkt_timebase(video.time_base());
                context.thread_count(threads);
                context.max_pixels(MAX_PIXELS);
              });
    } catch (FFmpegException e) {
      throw failure(e, "declares a video (%s) that cannot be decoded".formatted(codec));
    }
    double rate = demuxer.frameRate();
    clock = new FrameClock((double) video.time_base().num() / video.time_base().den(), rate);
    DisplayShape shape = DisplayShape.of(video, decoder.context());
    info =
        new ClipInfo(
            codec,
            shape.width(),
            shape.height(),
            rate,
            Math.max(0, demuxer.context().duration() / (double) AV_TIME_BASE));
  }

  private String name() {
    return file.getFileName().toString();
  }

  /** Decides what to throw: errors are the clip's fault unless memory ran out. */
  private ClipUnreadableException failure(FFmpegException e, String what) throws IOException {
    if (e.problem() == Problem.OUT_OF_MEMORY) {
      throw new IOException("not enough memory to read " + name(), e);
    }
    return new ClipUnreadableException("%s %s (%s)".formatted(name(), what, e.reason()));
  }

  public ClipInfo info() {
    return info;
  }

  /**
   * Moves to the next frame that can be decoded.
   *
   * @return false at the clip's end
   * @throws ClipUnreadableException when the clip ends before the first frame, or is damaged for
   *     longer than it may take to read
   * @throws IOException when the file itself could not be read
   */
  public boolean next() throws ClipUnreadableException, IOException {
    long deadline = System.nanoTime() + FRAME_TIMEOUT.toNanos();
    while (true) {
      Received received = decoder.receive();
      if (received == Received.FRAME) {
        index++;
        clock.next(decoder.frame().best_effort_timestamp());
        damaged += decoder.isFrameDamaged() ? 1 : 0;
        return true;
      }
      if (draining) {
        if (index < 0) {
          throw new ClipUnreadableException(name() + " holds not one frame that can be decoded");
        }
        return false;
      }
      damaged += received == Received.DAMAGED ? 1 : 0;
      if (System.nanoTime() - deadline > 0) {
        throw new ClipUnreadableException(
            "%s holds no frame that can be decoded in the next %d s of reading"
                .formatted(name(), FRAME_TIMEOUT.toSeconds()));
      }
      AVPacket packet = read();
      if (packet == null) {
        draining = true;
        decoder.drain();
      } else if (!decoder.send(packet)) {
        damaged++;
      }
    }
  }

  /** The next packet; null at the end, and where the rest is damaged. */
  private AVPacket read() throws IOException {
    try {
      return demuxer.read();
    } catch (FFmpegException e) {
      if (demuxer.hasIoError()) {
        throw new IOException(name() + " could not be read: " + e.reason(), e);
      }
      return null;
    }
  }

  /** Number of the current frame, from 0. After the end: of the last. */
  public int index() {
    return index;
  }

  /** Time of the current frame from the clip's start. After the end: of the last. */
  public double seconds() {
    return clock.seconds();
  }

  /** What the clip lasts, in seconds, as far as it was read: to the end of the current frame. */
  public double duration() {
    return clock.end();
  }

  /** Whether some time stamp so far was no guide, so that times are guessed from frames. */
  public boolean isTimeGuessed() {
    return clock.isGuessed();
  }

  /** How many packets and frames were damaged so far. */
  public int damaged() {
    return damaged;
  }

  /** The current frame's brightness, small. */
  public Luma luma() {
    toLuma.scale(decoder.frame(), LUMA_WIDTH, LUMA_HEIGHT, lumaBytes, LUMA_WIDTH);
    byte[] pixels = new byte[LUMA_WIDTH * LUMA_HEIGHT];
    lumaBytes.get(pixels);
    return new Luma(LUMA_WIDTH, LUMA_HEIGHT, pixels);
  }

  /** A copy of the current frame, to be closed by the caller. */
  public ClipFrame copy() {
    return copy(index, seconds(), decoder.frame());
  }

  /** Keeps the current frame for later, at little cost; to be closed by the caller. */
  public ReservedFrame reserve() {
    return new ReservedFrame(index, seconds(), Frames.share(decoder.frame()));
  }

  /** A copy of a frame of this clip that was kept, to be closed by the caller. */
  public ClipFrame copy(ReservedFrame reserved) {
    return copy(reserved.index(), reserved.seconds(), reserved.decoded());
  }

  private ClipFrame copy(int index, double seconds, AVFrame source) {
    DisplayShape shape = DisplayShape.of(video, source);
    ClipFrame copy = new ClipFrame(index, seconds, shape.unturnedWidth(), shape.unturnedHeight());
    try (BytePointer pixels = new BytePointer(copy.pixels())) {
      toBgr.scale(source, copy.width(), copy.height(), pixels, copy.stride());
      return shape.turned(copy);
    } catch (RuntimeException | Error e) {
      copy.close();
      throw e;
    }
  }

  @Override
  public void close() {
    if (decoder != null) {
      decoder.close();
    }
    if (demuxer != null) {
      demuxer.close();
    }
    toBgr.close();
    toLuma.close();
    lumaBytes.close();
  }
}
