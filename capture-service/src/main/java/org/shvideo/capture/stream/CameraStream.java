package org.shvideo.capture.stream;

import static org.bytedeco.ffmpeg.global.avcodec.AVDISCARD_ALL;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avformat.AVFMT_NOTIMESTAMPS;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_guess_frame_rate;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EXIT;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_AUDIO;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_rescale;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.ffmpeg.FFmpegLog;
import org.shvideo.tasks.settings.Masking;

/**
 * One connection to a camera, or one pass over a file: its video packets, from the first keyframe
 * on. Sound and all else are not even asked for. Nothing blocks for longer than the timeout of the
 * settings. Owns the native demuxer until closed. Not thread-safe: one thread opens, reads and
 * closes it; counting the latch down from another ends what it waits for within a fraction of a
 * second.
 *
 * <p>FFmpeg is used directly and not through JavaCV's grabber, whose open and close hold a lock of
 * the process: there, a camera that does not answer keeps all others from being opened.
 */
public final class CameraStream implements AutoCloseable {
  static {
    FFmpegLog.install(Masking::mask);
  }

  /**
   * How long packets are looked at, at most, to find out what a live stream is. FFmpeg ends earlier
   * when it has decoded a keyframe; without one, the description that most cameras give will do.
   */
  private static final Duration PROBE = Duration.ofSeconds(1);

  /** A keyframe may be late by so many timeouts: some cameras send one in ten seconds or more. */
  private static final int KEYFRAME_TIMEOUTS = 3;

  private static final Duration CLOSING = Duration.ofSeconds(1);
  private static final int MICROS = 1_000_000;
  private static final double USUAL_FRAME_RATE = 25;

  private final CameraUrl url;
  private final StreamSettings settings;
  private final CountDownLatch stop;
  private final Deadline deadline;
  private final AVFormatContext context;
  private final AVStream video;
  private final StreamInfo info;
  private final Timeline timeline;
  private final PictureSize size;
  private final long interval;
  private final long opened = System.nanoTime();

  private boolean begun;
  private boolean stalled;
  private long firstNanos;
  private long count;
  private long lastStampMicros = AV_NOPTS_VALUE;
  private long lastArrivalNanos;

  private CameraStream(
      CameraUrl url,
      StreamSettings settings,
      CountDownLatch stop,
      Deadline deadline,
      AVFormatContext context,
      AVStream video) {
    this.url = url;
    this.settings = settings;
    this.stop = stop;
    this.deadline = deadline;
    this.context = context;
    this.video = video;
    AVCodecParameters parameters = video.codecpar();
    boolean byArrival = !url.isFile() && !hasStamps(context.iformat());
    double frameRate = byArrival ? 0 : frameRate(context, video);
    this.interval = Math.round(MICROS / (frameRate > 0 ? frameRate : USUAL_FRAME_RATE));
    this.timeline = new Timeline(byArrival, parameters.video_delay() * interval);
    this.size = new PictureSize(video);
    this.info =
        new StreamInfo(
            avcodec_get_name(parameters.codec_id()).getString(),
            parameters.width(),
            parameters.height(),
            1,
            MICROS,
            frameRate,
            parameters);
  }

  /**
   * Connects and finds out what the stream is.
   *
   * @param stop counted down when the service stops; ends this and every later wait
   * @throws StreamException of any kind; of {@link Kind#TIMED_OUT} when the timeout passed
   */
  public static CameraStream open(CameraUrl url, StreamSettings settings, CountDownLatch stop)
      throws StreamException {
    if (url.isFile() && !Files.isReadable(Path.of(url.address()))) {
      throw new StreamException(
          Kind.FILE_MISSING, url, "there is no such file, or it may not be read");
    }
    Duration timeout = settings.timeout();
    Duration quarter = timeout.dividedBy(4);
    try {
      return open(url, settings, stop, PROBE.compareTo(quarter) < 0 ? PROBE : quarter, timeout);
    } catch (StreamException e) {
      if (e.kind() != Kind.NO_KEYFRAME) {
        throw e;
      }
      // Neither a description nor a keyframe: once more, with the patience to wait for one.
      Duration wait = keyframeWait(settings);
      return open(url, settings, stop, wait, wait.plus(timeout));
    }
  }

  private static Duration keyframeWait(StreamSettings settings) {
    return settings.timeout().multipliedBy(KEYFRAME_TIMEOUTS);
  }

  private static CameraStream open(
      CameraUrl url, StreamSettings settings, CountDownLatch stop, Duration probe, Duration most)
      throws StreamException {
    Deadline deadline = new Deadline(stop);
    deadline.in(most);
    Failures failures = new Failures(url, most, deadline);
    AVFormatContext context = avformat_alloc_context();
    Deadline.watch(context);
    int opened = open(url, settings, context, deadline, probe, "video");
    if (opened < 0) { // FFmpeg has freed the context
      throw failures.opening(opened);
    }
    try {
      int found =
          deadline.bound(() -> avformat_find_stream_info(context, (PointerPointer<?>) null));
      if (found < 0 || deadline.over()) {
        throw failures.opening(found);
      }
      AVStream video = video(url, context, failures);
      return new CameraStream(url, settings, stop, deadline, context, video);
    } catch (StreamException | RuntimeException e) {
      close(context, deadline);
      throw e;
    }
  }

  private static int open(
      CameraUrl url,
      StreamSettings settings,
      AVFormatContext context,
      Deadline deadline,
      Duration probe,
      String media) {
    AVDictionary options = new AVDictionary(null);
    if (!url.isFile()) {
      av_dict_set(options, "analyzeduration", Long.toString(probe.toNanos() / 1000), 0);
      // FFmpeg's guess of the frame rate would use up that time even if all else is known.
      av_dict_set(options, "fpsprobesize", "0", 0);
    }
    if (url.isRtsp()) {
      String transport = settings.transport().name().toLowerCase(Locale.ROOT);
      av_dict_set(options, "rtsp_transport", transport, 0);
      // With sound, FFmpeg would also shift the stamps when the camera's clock report comes.
      av_dict_set(options, "allowed_media_types", media, 0);
    }
    String address = url.isFile() ? "file:" + url.address() : url.address();
    try (BytePointer name = new BytePointer(address, StandardCharsets.UTF_8)) {
      return deadline.bound(() -> avformat_open_input(context, name, null, options));
    } finally {
      av_dict_free(options);
      options.close();
    }
  }

  private static AVStream video(CameraUrl url, AVFormatContext context, Failures failures)
      throws StreamException {
    int index =
        av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, (PointerPointer<?>) null, 0);
    if (index < 0) {
      throw new StreamException(Kind.NO_VIDEO_STREAM, url, "it has no video, only sound or data");
    }
    AVStream video = context.streams(index);
    AVCodecParameters parameters = video.codecpar();
    AVCodec decoder = avcodec_find_decoder(parameters.codec_id());
    if (decoder == null) {
      throw failures.codec(parameters);
    }
    if (parameters.width() <= 0 || parameters.height() <= 0) {
      throw url.isFile()
          ? new StreamException(Kind.NOT_VIDEO, url, "there is no picture in it; is it whole?")
          : failures.noKeyframe();
    }
    for (int i = 0; i < context.nb_streams(); i++) {
      if (i != index) {
        context.streams(i).discard(AVDISCARD_ALL);
      }
    }
    return video;
  }

  /** HTTP MJPEG and raw streams have none; FFmpeg makes them up. */
  private static boolean hasStamps(AVInputFormat format) {
    return (format.flags() & AVFMT_NOTIMESTAMPS) == 0;
  }

  private static double frameRate(AVFormatContext context, AVStream video) {
    try (AVRational rate = av_guess_frame_rate(context, video, null)) {
      return rate.den() == 0 ? 0 : (double) rate.num() / rate.den();
    }
  }

  /** Valid until {@link #close}. */
  public StreamInfo info() {
    return info;
  }

  /**
   * How far the camera's clock is ahead of ours, negative when it is behind, by the reports that it
   * sends along with its packets (RTCP sender reports). Includes the time a packet takes.
   *
   * @param clock ours
   * @return empty where none has come yet
   */
  public Optional<Duration> clockAhead(Clock clock) {
    long began = context.start_time_realtime();
    if (began == AV_NOPTS_VALUE || began == 0 || lastStampMicros == AV_NOPTS_VALUE) {
      return Optional.empty();
    }
    Instant theirs = Instant.EPOCH.plus(began + lastStampMicros, ChronoUnit.MICROS);
    Instant ours = clock.instant().minusNanos(System.nanoTime() - lastArrivalNanos);
    return Optional.of(Duration.between(ours, theirs));
  }

  /**
   * What sound a stream has, which {@link #open} does not ask a camera for: FFmpeg's names of the
   * codecs. Connects, and leaves again.
   *
   * @param stop as in {@link #open}
   * @throws StreamException as in {@link #open}
   */
  public static List<String> sound(CameraUrl url, StreamSettings settings, CountDownLatch stop)
      throws StreamException {
    Deadline deadline = new Deadline(stop);
    deadline.in(settings.timeout());
    AVFormatContext context = avformat_alloc_context();
    Deadline.watch(context);
    int opened = open(url, settings, context, deadline, PROBE, "video+audio");
    if (opened < 0) {
      throw new Failures(url, settings.timeout(), deadline).opening(opened);
    }
    List<String> codecs = new ArrayList<>();
    for (int i = 0; i < context.nb_streams(); i++) {
      AVCodecParameters parameters = context.streams(i).codecpar();
      if (parameters.codec_type() == AVMEDIA_TYPE_AUDIO) {
        codecs.add(avcodec_get_name(parameters.codec_id()).getString());
      }
    }
    close(context, deadline);
    return codecs;
  }

  /**
   * Waits for the next packet; a file's comes when it is due. The first is a keyframe.
   *
   * @return to be closed by the caller; null at the end of a file
   * @throws StreamException when the stream broke off, stalled or became another, and when the
   *     service stops; only {@link #close} is of use then
   */
  public Packet read() throws StreamException {
    return read(url.isFile());
  }

  /** Like {@link #read}, but a file's packets come at once. */
  public Packet readAhead() throws StreamException {
    return read(false);
  }

  private Packet read(boolean whenDue) throws StreamException {
    AVPacket packet = av_packet_alloc();
    boolean handedOver = false;
    try {
      if (!receive(packet)) {
        return null;
      }
      long arrival = System.nanoTime();
      if (size.changed(packet)) {
        throw new StreamException(
            Kind.CHANGED, url, "the picture's size or coding changed; connecting again");
      }
      place(packet, arrival);
      if (whenDue) {
        awaitDue(arrival);
      }
      handedOver = true;
      return new Packet(packet, timeline.pts(), timeline.dts(), arrival);
    } finally {
      if (!handedOver) {
        av_packet_free(packet);
      }
    }
  }

  /** Returns false at the end of a file. */
  private boolean receive(AVPacket packet) throws StreamException {
    if (stalled) {
      throw failures().reading(AVERROR_EXIT());
    }
    deadline.in(settings.timeout());
    while (true) {
      int result = deadline.bound(() -> av_read_frame(context, packet));
      if (result == AVERROR_EOF() && url.isFile()) {
        return false;
      }
      if (result < 0) {
        throw failures().reading(result);
      }
      // Cut off, FFmpeg may still hand out a packet that it held back to see where it ends.
      stalled = deadline.passed();
      if (packet.stream_index() == video.index() && packet.size() > 0) {
        begun |= (packet.flags() & AV_PKT_FLAG_KEY) != 0;
        if (begun) {
          return true;
        }
        awaitKeyframe();
      }
      av_packet_unref(packet);
    }
  }

  private Failures failures() {
    return new Failures(url, settings.timeout(), deadline);
  }

  private void awaitKeyframe() throws StreamException {
    Duration wait = keyframeWait(settings);
    if (System.nanoTime() - opened > wait.toNanos()) {
      throw new Failures(url, wait, deadline).noKeyframe();
    }
    deadline.in(settings.timeout());
  }

  /** Replaces the packet's stamps by those of the line, in microseconds. */
  private void place(AVPacket packet, long arrival) {
    // A file's packets arrive when they are asked for: as if at the usual rate.
    lastStampMicros = micros(packet.pts());
    lastArrivalNanos = arrival;
    long arrivalMicros = url.isFile() ? count * interval : arrival / 1000;
    timeline.place(micros(packet.dts()), micros(packet.pts()), arrivalMicros);
    packet.dts(timeline.dts());
    packet.pts(timeline.pts());
    packet.duration(micros(packet.duration()));
    packet.time_base().num(1).den(MICROS);
    count++;
  }

  private long micros(long stamp) {
    AVRational base = video.time_base();
    return stamp == AV_NOPTS_VALUE
        ? AV_NOPTS_VALUE
        : av_rescale(stamp, (long) base.num() * MICROS, base.den());
  }

  private void awaitDue(long now) throws StreamException {
    if (count == 1) {
      firstNanos = now;
    }
    long wait = firstNanos + timeline.dts() * 1000 - now;
    try {
      if (wait > 0 && stop.await(wait, TimeUnit.NANOSECONDS)) {
        throw new StreamException(Kind.STOPPED, url, "the service stops");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamException(Kind.STOPPED, url, "the service stops");
    }
  }

  @Override
  public void close() {
    close(context, deadline);
  }

  private static void close(AVFormatContext context, Deadline deadline) {
    if (!context.isNull()) {
      deadline.inClosing(CLOSING);
      deadline.bound(
          () -> {
            avformat_close_input(context);
            return 0;
          });
      context.setNull();
    }
  }
}
