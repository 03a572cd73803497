package org.shvideo.capture.record;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.shvideo.capture.avi.AviWriter;
import org.shvideo.capture.avi.FrameRate;
import org.shvideo.capture.motion.MotionState;
import org.shvideo.capture.record.ClipSettings.RecordMode;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.capture.store.Recording;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records one connection to one camera. Idle, it keeps the pre-roll. When motion begins it opens a
 * clip at the keyframe at or before the motion less the pre-roll. A clip that has its length ends;
 * while motion goes on it ends at the next keyframe, with which the next clip begins, so that no
 * packet is lost and none is in two clips. While the store is paused no clip begins. A clip that
 * cannot be written ends with an error, and recording is tried again after a while. Not
 * thread-safe.
 */
public final class ClipRecorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClipRecorder.class);

  /**
   * Motion is told of some time after its first frame: found at the end of a GOP, decoded late, and
   * seen more than once.
   */
  static final Duration MOTION_TOLD_WITHIN = Duration.ofSeconds(4);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(10);
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final String camera;
  private final StreamInfo info;
  private final ClipSettings settings;
  private final ClipStore store;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final PreRollBuffer preRoll;

  private Recording recording;
  private ClipWriter writer;
  private FrameRate rate;
  private long beginMicros;
  private long endMicros;
  private long retryNanos;
  private boolean retrying;
  private boolean toldOfLargeGop;
  private CompletableFuture<Void> publication = CompletableFuture.completedFuture(null);

  /**
   * @param info used until this is closed
   * @param clock gives the time of day; packets' arrival is of {@link System#nanoTime}
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
    this.preRoll = new PreRollBuffer(settings.preRollHeld(), settings.preRollMaxBytes());
    if (settings.mode() == RecordMode.COPY && !copies()) {
      LOG.warn(
          "AVI cannot hold {}, so clips are re-encoded as MPEG-4, which costs a core; better choose"
              + " H.264 in the camera's settings",
          info.codec());
    }
  }

  private boolean copies() {
    return settings.mode() == RecordMode.COPY && AviWriter.supports(info.parameters());
  }

  /**
   * Takes the stream's next packet.
   *
   * @param owned closed by this, at once or later
   * @param motion what is known of motion after it
   */
  public void accept(Packet owned, MotionState motion) {
    if (writer != null) {
      record(owned, motion.moving());
      keep(owned);
    } else {
      keep(owned);
      if (motion.moving() && mayTry() && !store.isPaused()) {
        long from = motion.sinceMicros() - settings.preRoll().toNanos() / 1000;
        List<Packet> packets = preRoll.from(from);
        if (!packets.isEmpty()) {
          begin(packets, "Motion detected");
        }
      }
    }
  }

  private void record(Packet packet, boolean moving) {
    if (packet.dtsMicros() - beginMicros >= settings.length().toNanos() / 1000) {
      if (!moving || store.isPaused()) {
        end();
        return;
      }
      if (packet.keyframe()) {
        end();
        begin(List.of(packet), "Motion goes on");
        return;
      }
    }
    write(List.of(packet));
  }

  private void keep(Packet owned) {
    if (!preRoll.add(owned) && !toldOfLargeGop) {
      toldOfLargeGop = true;
      LOG.warn(
          "The packets from one keyframe to the next are more than PRE_ROLL_MAX_MIB ({} MiB):"
              + " motion may be recorded from the next keyframe only. Raise it, or shorten the"
              + " camera's keyframe interval.",
          settings.preRollMaxBytes() >> 20);
    }
  }

  private boolean mayTry() {
    return !retrying || nanoTime.getAsLong() - retryNanos >= 0;
  }

  private void begin(List<Packet> packets, String why) {
    List<Packet> known = Stream.concat(preRoll.all().stream(), packets.stream()).toList();
    Recording begun = null;
    try {
      begun = store.begin(camera, recordedAt(packets.get(0), known));
      rate = FrameRate.measured(preRoll.all(), info.frameRate());
      writer = writer(begun);
    } catch (IOException e) {
      if (begun != null) {
        store.discard(begun);
      }
      tryLater("No clip can be recorded: {}. Trying again in {} s", e);
      return;
    }
    recording = begun;
    beginMicros = packets.get(0).dtsMicros();
    LOG.info("{}, recording {}", why, recording.name());
    write(packets);
  }

  private ClipWriter writer(Recording begun) throws IOException {
    Map<String, String> metadata = begun.metadata();
    return copies()
        ? new CopyClipWriter(begun.file(), info.parameters(), rate, metadata)
        : new EncodeClipWriter(begun.file(), info, rate, metadata);
  }

  /**
   * When the packet was captured. Packets are held up on their way, never early: the one that came
   * with the least delay tells when the stream's line began, also when the first of a connection
   * came in a burst.
   */
  private OffsetDateTime recordedAt(Packet first, List<Packet> known) {
    long lineBegan =
        known.stream()
            .mapToLong(packet -> packet.arrivalNanos() - packet.dtsMicros() * 1000)
            .min()
            .orElseThrow();
    Instant now = clock.instant();
    long ago = nanoTime.getAsLong() - (lineBegan + first.dtsMicros() * 1000);
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
      tryLater("The clip broke off: {}. What it has is kept; recording again in {} s", e);
      end();
    }
  }

  private void tryLater(String message, IOException e) {
    retrying = true;
    retryNanos = nanoTime.getAsLong() + RETRY_AFTER.toNanos();
    LOG.error(message, ClipStore.reason(e), RETRY_AFTER.toSeconds());
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
        LOG.error("The clip broke off at its end: {}", ClipStore.reason(e));
      }
    }
    if (ended.written() == 0) {
      LOG.warn("{} is dropped: no packet could be decoded or written", recording.name());
      store.discard(recording);
    } else if (complete) {
      long micros = endMicros - beginMicros + Math.round(1e6 / rate.framesASecond());
      publication = store.publish(recording, Duration.of(micros, ChronoUnit.MICROS));
    } else {
      publication = store.salvage(recording);
    }
  }

  /** Finishes the clip in progress and waits, up to 5 s, until it is published. */
  @Override
  public void close() {
    if (writer != null) {
      end();
    }
    preRoll.close();
    try {
      publication.get(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.warn("{} is still being published; the next start finishes it", recording.name());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      LOG.error("{} was not published", recording.name(), e.getCause());
    }
  }
}
