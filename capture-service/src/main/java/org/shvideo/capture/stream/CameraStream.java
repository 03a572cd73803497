package org.shvideo.capture.stream;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_CORRUPT;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avformat.AVFMT_NOTIMESTAMPS;
import static org.shvideo.ffmpeg.Packets.NO_TIMESTAMP;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.shvideo.capture.stream.Packet.SpeedCorrection;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.ffmpeg.Decoder;
import org.shvideo.ffmpeg.Demuxer;
import org.shvideo.ffmpeg.FFmpegException;
import org.shvideo.ffmpeg.FFmpegLog;
import org.shvideo.ffmpeg.Frames;
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
  /** No camera's picture has as many; one that has ends the connection. */
  static final int MAX_PACKET_BYTES = 32 << 20;

  /** Room for a plane of the largest picture, at 16 bits, and for a packet that grows. */
  private static final long MAX_BLOCK_BYTES = 96 << 20;

  /** Progressive JPEGs have about ten; each takes as long to decode as a whole picture. */
  private static final int MAX_JPEG_SCANS = 100;

  static {
    FFmpegLog.install(Masking::mask);
    Frames.limitBlocks(MAX_BLOCK_BYTES);
  }

  /** The first keyframe may take so many timeouts: some cameras send one every ten seconds. */
  private static final int KEYFRAME_TIMEOUTS = 3;

  private static final int MAX_PICTURES_WITHOUT_END = 2;

  private static final long MAX_HELD_BACK = Duration.ofSeconds(10).toNanos();
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

  /** Read while opening, and freed by this; may be null. */
  private final AVPacket first;

  private boolean firstIsNext;

  /** Null if the pictures come in one stream. */
  private final StillPictures stills;

  /** Null if the JPEGs say it themselves. */
  private final JpegPacket.RtpSize jpegSize;

  private final boolean jpegs;

  /** FFmpeg returns a packet of RTSP when the next one shows where it ends: at most this late. */
  private final long heldBackNanos;

  private long lastStepNanos;

  private int picturesWithoutEnd;
  private boolean hasKeyframe;
  private boolean stalled;
  private long firstNanos;
  private long count;
  private long lastTimestampMicros = NO_TIMESTAMP;
  private long lastArrivalNanos;

  /**
   * Takes over what {@link StreamOpener} opened.
   *
   * @param first read ahead; may be null
   * @param stills for all packets after the first; null for a stream
   * @param jpegSize of JPEGs over RTP; null for all others, and where the camera does not tell it
   */
  CameraStream(
      CameraUrl url,
      StreamSettings settings,
      CountDownLatch stop,
      Deadline deadline,
      Demuxer demuxer,
      AVStream video,
      AVPacket first,
      StillPictures stills,
      JpegPacket.RtpSize jpegSize) {
    this.url = url;
    this.settings = settings;
    this.stop = stop;
    this.deadline = deadline;
    this.demuxer = demuxer;
    this.first = first;
    this.firstIsNext = first != null;
    this.stills = stills;
    this.jpegSize = jpegSize;
    AVCodecParameters parameters = video.codecpar();
    // HTTP MJPEG and raw streams have no timestamps; FFmpeg makes some up.
    boolean byArrival =
        !url.isFile() && (demuxer.context().iformat().flags() & AVFMT_NOTIMESTAMPS) != 0;
    double frameRate = byArrival ? 0 : demuxer.frameRate();
    this.intervalMicros = Math.round(MICROS / (frameRate > 0 ? frameRate : DEFAULT_FRAME_RATE));
    this.parameterSets = new ParameterSets(parameters);
    this.timestamps = new TimestampNormalizer(byArrival, parameters.video_delay() * intervalMicros);
    boolean isJpeg = parameters.codec_id() == AV_CODEC_ID_MJPEG;
    this.jpegs = !url.isFile() && isJpeg;
    boolean heldBack = url.isRtsp() && !isJpeg && frameRate > 0;
    this.heldBackNanos = heldBack ? Math.min(intervalMicros * 1000, MAX_HELD_BACK) : 0;
    this.lastStepNanos = heldBackNanos;
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
    return new StreamOpener(url, settings, stop).open();
  }

  static Duration keyframeTimeout(StreamSettings settings) {
    return settings.timeout().multipliedBy(KEYFRAME_TIMEOUTS);
  }

  /** Valid until {@link #close}. */
  public StreamInfo info() {
    return info;
  }

  /** How often the camera is asked for a picture; empty if it sends a stream. */
  public Optional<Duration> snapshotInterval() {
    return stills == null ? Optional.empty() : Optional.of(settings.snapshotInterval());
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
    return new StreamOpener(url, settings, stop).audioCodecs();
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

  /** By what the last packet showed that earlier times were wrong; empty if it did not. */
  public Optional<SpeedCorrection> correction() {
    return Optional.ofNullable(timestamps.correction());
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
    long arrival = System.nanoTime() - Math.min(heldBackNanos, lastStepNanos);
    if (changes.changed(packet)) {
      throw new StreamException(Kind.CHANGED, url, "picture size or codec parameters changed");
    }
    long before = timestamps.dts();
    boolean isFirst = count == 0;
    normalizeTimestamps(packet, arrival);
    lastStepNanos = isFirst ? heldBackNanos : (timestamps.dts() - before) * 1000;
    if (paced) { // a file, of which nothing is held back
      awaitDue(arrival);
    }
    return new Packet(Packets.take(packet), timestamps.pts(), timestamps.dts(), arrival);
  }

  /** Returns the next packet, borrowed; null at the end of a file. */
  private AVPacket receive() throws StreamException {
    Duration wait = snapshotInterval().orElse(Duration.ZERO);
    deadline.in(settings.timeout().plus(wait));
    while (!stalled) {
      AVPacket packet;
      try {
        packet = next();
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
      if (jpegs && JpegPacket.hasMoreScans(packet, MAX_JPEG_SCANS)) {
        throw failures().tooManyScans(MAX_JPEG_SCANS);
      }
      if (jpegs && !isWhole(packet)) {
        continue;
      }
      if (jpegs && jpegSize != null) {
        jpegSize.restore(packet);
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

  /** Borrowed, until the next call; null at the end. */
  private AVPacket next() throws FFmpegException, StreamException {
    if (firstIsNext) {
      firstIsNext = false;
      return first;
    }
    return stills == null ? demuxer.read() : stills.next();
  }

  /**
   * Whether a JPEG is no half one, which a camera leaves that ends in mid-picture. There are
   * streams without any end markers: after two such pictures they are taken as they are.
   */
  private boolean isWhole(AVPacket packet) {
    if ((packet.flags() & AV_PKT_FLAG_CORRUPT) != 0) {
      return false;
    }
    boolean whole = JpegPacket.trimToMarker(packet);
    if (whole) {
      picturesWithoutEnd = Integer.MIN_VALUE;
    }
    return whole || (stills == null && ++picturesWithoutEnd > MAX_PICTURES_WITHOUT_END);
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
    if (first != null) {
      Packets.free(first);
    }
    if (stills != null) {
      stills.close();
    }
    close(demuxer, deadline);
  }

  static void close(Demuxer demuxer, Deadline deadline) {
    deadline.inClosing(CLOSE_TIMEOUT);
    demuxer.close();
  }
}
