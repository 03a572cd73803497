package org.shvideo.capture.stream;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_CORRUPT;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avformat.AVFMT_NOTIMESTAMPS;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_AUDIO;
import static org.shvideo.ffmpeg.Packets.NO_TIMESTAMP;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.capture.stream.StreamSettings.Transport;
import org.shvideo.ffmpeg.Decoder;
import org.shvideo.ffmpeg.Demuxer;
import org.shvideo.ffmpeg.FFmpegException;
import org.shvideo.ffmpeg.FFmpegException.Problem;
import org.shvideo.ffmpeg.FFmpegLog;
import org.shvideo.ffmpeg.Packets;
import org.shvideo.ffmpeg.StreamChangeDetector;
import org.shvideo.tasks.settings.Masking;

/**
 * One connection to a camera, or one pass over a file: its video packets, from the first keyframe
 * on. Nothing else, such as audio, is requested from the camera. No call blocks longer than the
 * timeout in the settings. Owns the demuxer until closed. Not thread-safe: one thread opens, reads
 * and closes it; when another counts the latch down, every wait ends within a fraction of a second.
 *
 * <p>JavaCV's grabber is not used, because it opens and closes under a lock of the whole process: a
 * camera that does not answer would keep all others from being opened.
 */
public final class CameraStream implements AutoCloseable {
  static {
    FFmpegLog.install(Masking::mask);
  }

  /**
   * The longest time FFmpeg may read ahead to find the properties of a live stream. A keyframe ends
   * it earlier; without one, the description that most cameras send is enough.
   */
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);

  /** The first keyframe may take so many timeouts: some cameras send one every ten seconds. */
  private static final int KEYFRAME_TIMEOUTS = 3;

  private static final int MAX_PICTURES_WITHOUT_END = 2;

  /** How cameras refuse TCP that do not answer 461, as they should. */
  private static final Set<Problem> OTHER_REFUSALS = Set.of(Problem.BAD_REQUEST, Problem.OTHER_4XX);

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);
  private static final int MICROS = 1_000_000;
  private static final double DEFAULT_FRAME_RATE = 25;

  private final CameraUrl url;
  private final StreamSettings settings;
  private final CountDownLatch stop;
  private final Deadline deadline;
  private final Demuxer demuxer;
  private final StreamInfo info;
  private final TimestampNormalizer timestamps;
  private final ParameterSets parameterSets;
  private final StreamChangeDetector changes;
  private final long intervalMicros;
  private final long openedNanos = System.nanoTime();

  /** Read while opening; borrowed from the demuxer. */
  private AVPacket first;

  private final boolean jpegs;
  private int picturesWithoutEnd;
  private boolean hasKeyframe;
  private boolean stalled;
  private long firstNanos;
  private long count;
  private long lastTimestampMicros = NO_TIMESTAMP;
  private long lastArrivalNanos;

  private CameraStream(
      CameraUrl url,
      StreamSettings settings,
      CountDownLatch stop,
      Deadline deadline,
      Demuxer demuxer,
      AVStream video) {
    this.url = url;
    this.settings = settings;
    this.stop = stop;
    this.deadline = deadline;
    this.demuxer = demuxer;
    AVCodecParameters parameters = video.codecpar();
    // HTTP MJPEG and raw streams have no timestamps; FFmpeg makes some up.
    boolean byArrival =
        !url.isFile() && (demuxer.context().iformat().flags() & AVFMT_NOTIMESTAMPS) != 0;
    double frameRate = byArrival ? 0 : demuxer.frameRate();
    this.intervalMicros = Math.round(MICROS / (frameRate > 0 ? frameRate : DEFAULT_FRAME_RATE));
    this.parameterSets = new ParameterSets(parameters);
    this.timestamps = new TimestampNormalizer(byArrival, parameters.video_delay() * intervalMicros);
    this.jpegs = !url.isFile() && parameters.codec_id() == AV_CODEC_ID_MJPEG;
    this.changes = new StreamChangeDetector(video);
    this.info =
        new StreamInfo(
            Decoder.codecName(parameters),
            parameters.width(),
            parameters.height(),
            frameRate,
            parameters);
  }

  /**
   * Connects and finds the properties of the stream.
   *
   * @param stop counted down when the service stops; ends this and every later wait
   * @throws StreamException of any kind; {@link Kind#TIMED_OUT} after the timeout
   */
  public static CameraStream open(CameraUrl url, StreamSettings settings, CountDownLatch stop)
      throws StreamException {
    if (url.isFile() && !Files.isReadable(Path.of(url.address()))) {
      throw new StreamException(
          Kind.FILE_MISSING, url, "there is no such file, or it is not readable");
    }
    Duration timeout = settings.timeout();
    Duration quarter = timeout.dividedBy(4);
    Duration probe = PROBE_TIMEOUT.compareTo(quarter) < 0 ? PROBE_TIMEOUT : quarter;
    try {
      return open(url, settings, stop, probe, timeout, null);
    } catch (StreamException e) {
      if (url.isHttp() && (e.kind() == Kind.NOT_VIDEO || e.kind() == Kind.NO_VIDEO_STREAM)) {
        return openPlainJpegs(url, settings, stop, e);
      }
      if (e.kind() != Kind.NO_KEYFRAME) {
        throw e;
      }
      // Neither a description nor a keyframe: try once more and wait longer for a keyframe.
      Duration wait = keyframeTimeout(settings);
      return open(url, settings, stop, wait, wait.plus(timeout), null);
    }
  }

  /**
   * Opens JPEGs whatever stands between them: many cameras send parts that no standard knows.
   *
   * @param first why the stream could not be opened as what it seems to be
   */
  private static CameraStream openPlainJpegs(
      CameraUrl url, StreamSettings settings, CountDownLatch stop, StreamException first)
      throws StreamException {
    try {
      return open(url, settings, stop, PROBE_TIMEOUT, settings.timeout(), "mjpeg");
    } catch (StreamException e) {
      throw e.kind() == Kind.STOPPED ? e : first;
    }
  }

  private static Duration keyframeTimeout(StreamSettings settings) {
    return settings.timeout().multipliedBy(KEYFRAME_TIMEOUTS);
  }

  private static CameraStream open(
      CameraUrl url,
      StreamSettings settings,
      CountDownLatch stop,
      Duration probe,
      Duration timeout,
      String format)
      throws StreamException {
    Deadline deadline = new Deadline(stop);
    deadline.in(timeout);
    StreamErrors failures = new StreamErrors(url, timeout, deadline);
    Demuxer demuxer = connect(url, settings, deadline, probe, "video", format, failures);
    String found = demuxer.context().iformat().name().getString();
    boolean multipart = found.equals("mpjpeg");
    boolean opened = false;
    try {
      if (url.isHttp() && found.equals("jpeg_pipe")) {
        throw failures.noPicture(); // has times as if it were a file
      }
      if (url.isHttp() && found.equals("mjpeg")) {
        // One picture says all; those read ahead would all have the same time of arrival.
        demuxer.context().max_analyze_duration(1);
      }
      demuxer.findStreams();
      if (deadline.getAsBoolean()) {
        throw multipart ? failures.noPicture() : failures.openingTimedOut();
      }
      AVStream video = selectVideo(url, demuxer, failures);
      CameraStream stream = new CameraStream(url, settings, stop, deadline, demuxer, video);
      if (multipart) {
        stream.checkParts();
      }
      opened = true;
      return stream;
    } catch (FFmpegException e) {
      throw failures.opening(e);
    } finally {
      if (!opened) {
        close(demuxer, deadline);
      }
    }
  }

  private static Demuxer connect(
      CameraUrl url,
      StreamSettings settings,
      Deadline deadline,
      Duration probe,
      String media,
      String format,
      StreamErrors failures)
      throws StreamException {
    Map<String, String> options = new HashMap<>();
    if (!url.isFile()) {
      options.put("analyzeduration", Long.toString(probe.toNanos() / 1000));
      // Estimating the frame rate would take all that time even if everything else is known.
      options.put("fpsprobesize", "0");
    }
    if (url.isHttp()) {
      // FFmpeg reads up to a megabyte to tell JPEGs from anything else: many seconds of a stream.
      options.put("formatprobesize", "8192");
    }
    if (url.isRtsp()) {
      boolean auto = settings.transport() == Transport.AUTO;
      options.put(
          "rtsp_transport",
          auto ? "tcp+udp" : settings.transport().name().toLowerCase(Locale.ROOT));
      if (auto) { // FFmpeg asks for UDP on the same connection if the camera answers 461
        options.put("rtsp_flags", "prefer_tcp");
      }
      // With audio, FFmpeg would also shift timestamps when the camera's clock report arrives.
      options.put("allowed_media_types", media);
    }
    String address = url.isFile() ? "file:" + url.address() : url.address();
    try {
      return new Demuxer(address, url.masked(), format, options, deadline);
    } catch (FFmpegException e) {
      if (!OTHER_REFUSALS.contains(e.problem()) || options.remove("rtsp_flags") == null) {
        throw failures.opening(e);
      }
      options.put("rtsp_transport", "udp");
      try {
        return new Demuxer(address, url.masked(), format, options, deadline);
      } catch (FFmpegException udp) {
        throw failures.opening(e);
      }
    }
  }

  private static AVStream selectVideo(CameraUrl url, Demuxer demuxer, StreamErrors failures)
      throws StreamException {
    AVStream video = demuxer.selectVideo();
    if (video == null) {
      throw new StreamException(Kind.NO_VIDEO_STREAM, url, "no video, only audio or data");
    }
    AVCodecParameters parameters = video.codecpar();
    if (!Decoder.exists(parameters)) {
      throw failures.codec(Decoder.codecName(parameters));
    }
    if (parameters.width() <= 0 || parameters.height() <= 0) {
      if (url.isFile()) {
        throw new StreamException(
            Kind.NOT_VIDEO, url, "no frames; check that the file is complete");
      }
      boolean jpegs = url.isHttp() && parameters.codec_id() == AV_CODEC_ID_MJPEG;
      throw jpegs ? failures.noPicture() : failures.noKeyframe();
    }
    return video;
  }

  /** Keeps the first picture for {@link #receive}, unless the parts around it are wrong. */
  private void checkParts() throws FFmpegException, StreamException {
    first = demuxer.read();
    if (first == null || !JpegPacket.endsWithMarker(first)) {
      throw failures().noPicture();
    }
  }

  /** Valid until {@link #close}. */
  public StreamInfo info() {
    return info;
  }

  /**
   * The camera's clock minus ours, from the RTCP sender reports that the camera sends with its
   * packets. Includes the network delay of a packet.
   *
   * @param clock ours
   * @return empty before the first report
   */
  public Optional<Duration> clockOffset(Clock clock) {
    long beganMicros = demuxer.context().start_time_realtime();
    if (beganMicros == NO_TIMESTAMP || beganMicros == 0 || lastTimestampMicros == NO_TIMESTAMP) {
      return Optional.empty();
    }
    Instant theirs = Instant.EPOCH.plus(beganMicros + lastTimestampMicros, ChronoUnit.MICROS);
    Instant ours = clock.instant().minusNanos(System.nanoTime() - lastArrivalNanos);
    return Optional.of(Duration.between(ours, theirs));
  }

  /**
   * Connects, lists the audio streams, which {@link #open} does not request, and disconnects.
   *
   * @param stop as in {@link #open}
   * @return FFmpeg's names of their codecs
   * @throws StreamException as in {@link #open}
   */
  public static List<String> audioCodecs(
      CameraUrl url, StreamSettings settings, CountDownLatch stop) throws StreamException {
    Deadline deadline = new Deadline(stop);
    deadline.in(settings.timeout());
    StreamErrors failures = new StreamErrors(url, settings.timeout(), deadline);
    Demuxer demuxer =
        connect(url, settings, deadline, PROBE_TIMEOUT, "video+audio", null, failures);
    List<String> codecs = new ArrayList<>();
    for (int i = 0; i < demuxer.context().nb_streams(); i++) {
      AVCodecParameters parameters = demuxer.context().streams(i).codecpar();
      if (parameters.codec_type() == AVMEDIA_TYPE_AUDIO) {
        codecs.add(Decoder.codecName(parameters));
      }
    }
    close(demuxer, deadline);
    return codecs;
  }

  /**
   * Waits for the next packet; a file is read at its own rate. The first packet is a keyframe.
   *
   * @return to be closed by the caller; null at the end of a file
   * @throws StreamException if the stream failed, stalled or changed, or the service is stopping;
   *     the stream can only be closed then
   */
  public Packet read() throws StreamException {
    return read(url.isFile());
  }

  /** Like {@link #read}, but reads a file as fast as possible. */
  public Packet readUnpaced() throws StreamException {
    return read(false);
  }

  private Packet read(boolean paced) throws StreamException {
    AVPacket packet = receive();
    if (packet == null) {
      return null;
    }
    long arrival = System.nanoTime();
    if (changes.changed(packet)) {
      throw new StreamException(Kind.CHANGED, url, "picture size or codec parameters changed");
    }
    normalizeTimestamps(packet, arrival);
    if (paced) {
      awaitDue(arrival);
    }
    return new Packet(Packets.take(packet), timestamps.pts(), timestamps.dts(), arrival);
  }

  /** Returns the next packet, borrowed; null at the end of a file. */
  private AVPacket receive() throws StreamException {
    deadline.in(settings.timeout());
    while (!stalled) {
      AVPacket packet = first;
      first = null;
      try {
        packet = packet == null ? demuxer.read() : packet;
      } catch (FFmpegException e) {
        throw failures().reading(e);
      }
      if (packet == null) {
        if (url.isFile()) {
          return null;
        }
        throw failures().closed();
      }
      // Interrupted, FFmpeg may still return a packet that it held back to find its end.
      stalled = deadline.passed();
      if (jpegs && !isWhole(packet)) {
        continue;
      }
      parameterSets.complete(packet);
      hasKeyframe |= (packet.flags() & AV_PKT_FLAG_KEY) != 0;
      if (hasKeyframe) {
        return packet;
      }
      awaitKeyframe();
    }
    throw failures().stalled();
  }

  /**
   * Whether a JPEG is no half one, which a camera leaves that ends in mid-picture. There are
   * cameras that write no end markers at all: after two such pictures they are taken as they are.
   */
  private boolean isWhole(AVPacket packet) {
    if ((packet.flags() & AV_PKT_FLAG_CORRUPT) != 0) {
      return false;
    }
    boolean whole = JpegPacket.trimToMarker(packet);
    if (whole) {
      picturesWithoutEnd = Integer.MIN_VALUE;
    }
    return whole || ++picturesWithoutEnd > MAX_PICTURES_WITHOUT_END;
  }

  private StreamErrors failures() {
    return new StreamErrors(url, settings.timeout(), deadline);
  }

  private void awaitKeyframe() throws StreamException {
    Duration wait = keyframeTimeout(settings);
    if (System.nanoTime() - openedNanos > wait.toNanos()) {
      throw new StreamErrors(url, wait, deadline).noKeyframe();
    }
    deadline.in(settings.timeout());
  }

  /** Normalizes the packet's timestamps. */
  private void normalizeTimestamps(AVPacket packet, long arrival) {
    lastTimestampMicros = demuxer.micros(packet.pts());
    lastArrivalNanos = arrival;
    // A file has no arrival times: assumes its frame rate.
    long arrivalMicros = url.isFile() ? count * intervalMicros : arrival / 1000;
    timestamps.accept(demuxer.micros(packet.dts()), lastTimestampMicros, arrivalMicros);
    count++;
  }

  private void awaitDue(long now) throws StreamException {
    if (count == 1) {
      firstNanos = now;
    }
    long wait = firstNanos + timestamps.dts() * 1000 - now;
    try {
      if (wait > 0 && stop.await(wait, TimeUnit.NANOSECONDS)) {
        throw new StreamException(Kind.STOPPED, url, "the service is stopping");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamException(Kind.STOPPED, url, "the service is stopping");
    }
  }

  @Override
  public void close() {
    close(demuxer, deadline);
  }

  private static void close(Demuxer demuxer, Deadline deadline) {
    deadline.inClosing(CLOSE_TIMEOUT);
    demuxer.close();
  }
}
