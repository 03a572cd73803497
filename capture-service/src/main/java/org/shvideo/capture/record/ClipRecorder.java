package org.shvideo.capture.record;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.shvideo.capture.container.Container;
import org.shvideo.capture.container.FrameRate;
import org.shvideo.capture.motion.MotionState;
import org.shvideo.capture.record.ClipSettings.RecordMode;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.capture.store.PendingClip;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.Packet.SpeedCorrection;
import org.shvideo.capture.stream.StreamInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Records clips from one connection to one camera. While nothing moves, it keeps the pre-roll. When
 * motion begins, it starts a clip at the last keyframe before the pre-roll. After its length a clip
 * ends at the next keyframe, at which another one starts if motion continues or begins again soon:
 * no packet is lost or in two clips. While the store is paused, no clip starts. A clip that cannot
 * be written ends with an error, and recording is tried again later. Not thread-safe.
 *
 * <p>If recording is continuous, what leaves the pre-roll without being in a motion's clip becomes
 * clips too. So each packet is in one clip, and whether that is a motion's is known before it is
 * written: a continuous clip ends with the keyframe at which a motion's begins.
 *
 * <p>With gradual refresh, clips overlap from the recovery point to the first complete picture.
 */
public final class ClipRecorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClipRecorder.class);

  /**
   * Maximum delay from the first moving frame to the detection of motion, which may wait for a
   * keyframe, catch up, and need several frames.
   */
  static final Duration MAX_DETECTION_DELAY = Duration.ofSeconds(4);

  /**
   * Clips are about so much too long at most. Smart codecs have up to 50 s from keyframe to
   * keyframe.
   */
  private static final long MAX_GOP_MICROS = 60_000_000;

  /** Nothing is seen for a moment after connecting, so that is not done more often than needed. */
  private static final long MIN_CONNECTION_MICROS = 20_000_000;

  private static final Duration RETRY_DELAY = Duration.ofSeconds(10);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final String camera;
  private final StreamInfo info;
  private final ClipSettings settings;
  private final ClipStore store;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final PreRollBuffer preRoll;

  /** For the camera's packets; empty where frames are encoded anew, into AVI. */
  private final Optional<Container> container;

  private PendingClip clip;

  /** Of the motion's or the continuous clip; there is one at a time. */
  private ClipWriter writer;

  private boolean continuous;
  private FrameRate rate;
  private long beginMicros;
  private long endMicros;
  private long nowMicros;
  private boolean moving;

  /** The entry with which the last clip ended; a motion's pre-roll reaches back no further. */
  private long lastEntryMicros;

  private SpeedCorrection lastCorrection = new SpeedCorrection(0, 1);

  private long retryNanos;
  private boolean retrying;
  private CompletableFuture<Void> publication = CompletableFuture.completedFuture(null);

  /**
   * @param info used until this is closed
   * @param clock for the time of day; packets' arrival times are of {@link System#nanoTime}
   */
  public ClipRecorder(
      String camera, StreamInfo info, ClipSettings settings, ClipStore store, Clock clock) {
    this(camera, info, settings, store, clock, System::nanoTime);
  }

  ClipRecorder(
      String camera,
      StreamInfo info,
      ClipSettings settings,
      ClipStore store,
      Clock clock,
      LongSupplier nanoTime) {
    this.camera = camera;
    this.info = info;
    this.settings = settings;
    this.store = store;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.preRoll =
        new PreRollBuffer(
            settings.preRollKept(),
            settings.preRollMaxBytes(),
            info.parameters().codec_id(),
            settings.always() ? this::recordContinuously : packets -> {});
    this.container =
        settings.mode() == RecordMode.COPY
            ? Container.holding(info.parameters())
            : Optional.empty();
    if (settings.mode() == RecordMode.COPY && container.isEmpty()) {
      LOG.warn(
          "Neither AVI nor Matroska can hold {}. Re-encoding clips as MPEG-4, which needs a CPU"
              + " core; better choose H.265 or H.264 in the camera's settings.",
          info.codec());
    }
  }

  /**
   * Takes the stream's next packet.
   *
   * @param owned closed by this, now or later
   * @param motion the state after this packet
   */
  public void accept(Packet owned, MotionState motion) {
    nowMicros = owned.dtsMicros();
    moving = motion.moving();
    if (recordsMotion()) {
      record(owned);
      preRoll.add(owned, recordsMotion());
    } else {
      preRoll.add(owned);
      if (moving && mayTry() && !store.isPaused()) {
        long since = lastCorrection.applyAsLong(motion.sinceMicros()); // was noted before it
        long from = since - settings.preRoll().toNanos() / 1000;
        List<Packet> packets = preRoll.from(Math.max(from, lastEntryMicros));
        if (!packets.isEmpty()) {
          preRoll.passOnUntil(packets.get(0));
          endContinuous();
          begin(packets, "Motion detected", false);
          if (writer != null) {
            preRoll.markRecorded();
          }
        }
      }
    }
  }

  private boolean recordsMotion() {
    return writer != null && !continuous;
  }

  /** Records packets that leave the pre-roll, a GOP at a time. */
  private void recordContinuously(List<Packet> packets) {
    boolean begins = packets.get(0).keyframe();
    long length = packets.get(0).dtsMicros() - beginMicros;
    if (store.isPaused() || (begins && length >= settings.length().toNanos() / 1000)) {
      endContinuous();
    }
    if (store.isPaused()) {
      return;
    }
    if (writer != null) {
      write(packets);
    } else if (begins && mayTry()) {
      begin(packets, "Nothing moves", true);
    }
  }

  private void endContinuous() {
    if (writer != null && continuous) {
      end();
    }
  }

  /** Corrects the times of all packets so far. */
  public void correct(SpeedCorrection correction) {
    preRoll.retime(correction);
    lastEntryMicros = correction.applyAsLong(lastEntryMicros);
    lastCorrection = correction;
    if (writer != null) {
      writer.retime(correction);
      beginMicros = correction.applyAsLong(beginMicros);
      endMicros = correction.applyAsLong(endMicros);
    }
  }

  /**
   * Whether clips need a keyframe that does not come: a clip would begin a minute or more before
   * its motion or could not begin at all, or the clip in progress cannot end.
   */
  public boolean needsKeyframe() {
    if (recordsMotion() && moving) {
      return overtimeMicros() > MAX_GOP_MICROS;
    }
    return preRoll.gopMicros(nowMicros) > MAX_GOP_MICROS
        && (!recordsMotion() || overtimeMicros() >= 0)
        && (moving || nowMicros > MIN_CONNECTION_MICROS);
  }

  private long overtimeMicros() {
    return nowMicros - beginMicros - settings.length().toNanos() / 1000;
  }

  private void record(Packet packet) {
    long overtime = overtimeMicros();
    if (overtime < 0) {
      write(List.of(packet));
      return;
    }
    boolean entry = preRoll.isEntry(packet);
    boolean mayBegin = moving && !store.isPaused();
    if (entry) {
      end();
      lastEntryMicros = packet.ptsMicros();
      if (mayBegin) {
        List<Packet> before = preRoll.beforeEntry(packet);
        begin(
            Stream.concat(before.stream(), Stream.of(packet)).toList(), "Motion continues", false);
      }
    } else if (store.isPaused() || (!moving && !settings.always() && overtime > MAX_GOP_MICROS)) {
      end();
    } else {
      write(List.of(packet));
    }
  }

  private boolean mayTry() {
    return !retrying || nanoTime.getAsLong() - retryNanos >= 0;
  }

  private void begin(List<Packet> packets, String reason, boolean continuously) {
    List<Packet> known = Stream.concat(preRoll.all().stream(), packets.stream()).toList();
    PendingClip pending = null;
    try {
      OffsetDateTime recordedAt = recordedAt(packets.get(0), known);
      String extension = container.orElse(Container.AVI).extension();
      pending =
          continuously
              ? store.beginContinuous(camera, recordedAt, extension)
              : store.begin(camera, recordedAt, extension);
      rate = FrameRate.measured(preRoll.all(), info.frameRate());
      writer = writer(pending);
    } catch (IOException e) {
      if (pending != null) {
        store.discard(pending);
      }
      retryLater("Cannot record a clip: {}. Retrying in {} s.", e);
      return;
    }
    clip = pending;
    continuous = continuously;
    beginMicros = packets.get(0).dtsMicros();
    LOG.atLevel(continuous ? Level.DEBUG : Level.INFO)
        .log("{}. Recording clip {}.", reason, clip.name());
    write(packets);
  }

  private ClipWriter writer(PendingClip pending) throws IOException {
    Map<String, String> metadata = pending.metadata();
    return container.isPresent()
        ? new CopyClipWriter(pending.file(), info.parameters(), rate, metadata)
        : new EncodeClipWriter(pending.file(), info, rate, metadata);
  }

  /**
   * When the packet was captured. Packets arrive late, never early, so the one with the smallest
   * delay gives the time at which the stream began, even if the first ones arrived in a burst.
   */
  private OffsetDateTime recordedAt(Packet first, List<Packet> known) {
    long streamBegan =
        known.stream()
            .mapToLong(packet -> packet.arrivalNanos() - packet.dtsMicros() * 1000)
            .min()
            .orElseThrow();
    Instant now = clock.instant();
    long ago = nanoTime.getAsLong() - (streamBegan + first.dtsMicros() * 1000);
    return now.minusNanos(ago)
        .truncatedTo(ChronoUnit.MILLIS)
        .atZone(clock.getZone())
        .toOffsetDateTime();
  }

  private void write(List<Packet> packets) {
    try {
      for (Packet packet : packets) {
        writer.write(packet);
        endMicros = packet.dtsMicros();
      }
      retrying = false;
    } catch (IOException e) {
      retryLater("Clip aborted: {}. Keeping what was written; recording again in {} s.", e);
      end();
    }
  }

  private void retryLater(String message, IOException e) {
    retrying = true;
    retryNanos = nanoTime.getAsLong() + RETRY_DELAY.toNanos();
    LOG.error(message, ClipStore.reason(e), RETRY_DELAY.toSeconds());
  }

  /** Ends the clip in progress. */
  private void end() {
    ClipWriter ended = writer;
    writer = null;
    boolean complete = false;
    try {
      ended.close();
      complete = true;
    } catch (IOException e) {
      if (!retrying) {
        LOG.error("Cannot complete the clip: {}. Keeping what was written.", ClipStore.reason(e));
      }
    }
    if (ended.written() == 0) {
      LOG.warn("Discarded clip {}: no packet could be decoded or written.", clip.name());
      store.discard(clip);
    } else if (complete) {
      long micros = endMicros - beginMicros + rate.frameMicros();
      publication = store.publish(clip, Duration.of(micros, ChronoUnit.MICROS));
    } else {
      publication = store.salvage(clip);
    }
  }

  /** Finishes the clip in progress and waits, up to 5 s, until it is published. */
  @Override
  public void close() {
    if (recordsMotion()) {
      end();
    }
    preRoll.close();
    endContinuous();
    try {
      publication.get(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.warn("Clip {} is still being published. The next start finishes it.", clip.name());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      LOG.error("Cannot publish clip {}", clip.name(), e.getCause());
    }
  }
}
