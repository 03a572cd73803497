package org.shvideo.capture.retention;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.shvideo.capture.retention.StoredClips.StoredClip;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.lifecycle.Threads;
import org.shvideo.tasks.log.Deletion;
import org.shvideo.tasks.log.DeletionLog;
import org.shvideo.tasks.monitoring.CheckResult;
import org.shvideo.tasks.monitoring.Metrics;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Enforces the limits on stored clips, in a thread of its own: deletes the oldest analysed clips,
 * never one that was not analysed, and pauses recording if that is not enough. Age is judged by a
 * {@link RetentionClock}. A deletion is on disk in the deletion log before the clip is deleted; one
 * that a crash interrupted is finished at the next start, and logged once.
 */
public final class Retention implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private static final Duration CHECK_INTERVAL = Duration.ofMinutes(1);
  private static final Duration PAUSED_CHECK_INTERVAL = Duration.ofSeconds(5);
  private static final Duration LOG_INTERVAL = Duration.ofMinutes(5);

  /** What continuous recording leaves free, so that there is room for motion. */
  private static final long CONTINUOUS_MIN_FREE = 1L << 30;

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

  /** A step of a deletion, on disk before the next one begins. */
  enum DeletionStep {
    /** The deletion is logged. */
    LOGGED,
    /** The files are deleted. */
    DELETED
  }

  private final ClipStore store;
  private final VideoFolder folder;
  private final RetentionSettings settings;
  private final Clock clock;
  private final RetentionClock time;
  private final LongSupplier nanoTime;
  private final BiConsumer<DeletionStep, String> stepListener;
  private final DeletionLog deletions;
  private final StoredClips clips;
  private final ContinuousClips continuous;
  private final Thread thread = new Thread(this::run, "retention");
  private final Queue<String> newClips = new ConcurrentLinkedQueue<>();
  private final Queue<String> newContinuous = new ConcurrentLinkedQueue<>();
  private final Semaphore wakeUps = new Semaphore(0);
  private final LongAdder deletedClips = new LongAdder();
  private volatile boolean stopped;

  // Used by the thread only.
  private boolean listed;
  private long listedNanos;

  /** A clip whose deletion is logged but not done; null if there is none. */
  private String loggedDeletion;

  private String loggedFailure;

  /** Why clips are kept that are too old; null if none are. */
  private String held;

  private boolean pauseLogged;
  private long pauseLoggedNanos;

  // Read by other threads.
  private volatile String failure;
  private volatile String heldReason;
  private volatile String pauseReason;
  private volatile long bytes;

  /**
   * @param store not closed by this
   * @param clock for the time zone of clip names
   * @throws IOException if the disk is smaller than the space to be kept free
   */
  public Retention(ClipStore store, RetentionSettings settings, Clock clock) throws IOException {
    this(
        store,
        settings,
        clock,
        System::nanoTime,
        (step, clip) -> LOG.debug("Deletion of clip {}: {}", clip, step));
  }

  Retention(
      ClipStore store,
      RetentionSettings settings,
      Clock clock,
      LongSupplier nanoTime,
      BiConsumer<DeletionStep, String> stepListener)
      throws IOException {
    this.store = store;
    this.folder = store.folder();
    this.settings = settings;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.stepListener = stepListener;
    this.deletions = new DeletionLog(folder.deletionLog());
    this.time = new RetentionClock(folder, clock, nanoTime);
    this.clips = new StoredClips(folder, clock.getZone(), time::isDoubtful);
    this.continuous = new ContinuousClips(folder);
    long size = disk().getTotalSpace();
    if (size > 0 && settings.minFree() >= size) {
      throw new IOException(
          "VIDEO_MIN_FREE=%s is more than the size of the disk of %s, %s."
              .formatted(Setting.shortened(settings.minFree()), folder.root(), mib(size)));
    }
    thread.setDaemon(true);
    if (settings.limited()) {
      store.addListener(
          new ClipListener() {
            @Override
            public void step(Step step, String clip) {
              if (step == Step.NAME_SYNCED) {
                newClips.add(clip);
                wakeUps.release();
              }
            }

            @Override
            public void recordedContinuously(String clip) {
              newContinuous.add(clip);
              wakeUps.release();
            }
          });
    }
  }

  /** Starts enforcing the limits, if there are any. */
  public void start() {
    if (settings.limited()) {
      thread.start();
    }
  }

  private void run() {
    try {
      while (!stopped) {
        enforceLimits();
        Duration wait = pauseReason == null ? CHECK_INTERVAL : PAUSED_CHECK_INTERVAL;
        if (wakeUps.tryAcquire(wait.toMillis(), TimeUnit.MILLISECONDS)) {
          wakeUps.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      // the service is stopping
    }
  }

  /** Checks the limits once, deletes clips, and pauses or resumes recording. */
  void enforceLimits() {
    try {
      update();
      held = null;
      deleteContinuous();
      String reason = delete();
      tellHeld();
      if (!stopped) {
        pauseOrResume(reason);
      }
      failure = reason;
    } catch (IOException e) {
      failure = ClipStore.reason(e);
    } catch (UncheckedIOException e) {
      failure = e.getMessage();
    } catch (RuntimeException e) {
      failure = e.toString();
      LOG.error("Retention failed. Retrying.", e);
    }
    if (failure != null && !failure.equals(loggedFailure)) {
      LOG.error("Cannot delete old clips: {}. Retrying.", failure);
    }
    loggedFailure = failure;
  }

  private void update() throws IOException {
    long now = nanoTime.getAsLong();
    boolean due = now - listedNanos >= CHECK_INTERVAL.toNanos() || pauseReason != null;
    if (!listed) {
      continuous.list();
    }
    for (String name = newContinuous.poll(); name != null; name = newContinuous.poll()) {
      continuous.add(folder.root().resolve(name));
    }
    if (!listed || due) {
      clips.list();
      listedNanos = now;
    }
    boolean jumped =
        time.observe(
            Stream.concat(clips.newest().stream(), continuous.newest().stream())
                .max(Comparator.naturalOrder()));
    clips.setNow(time.now(), jumped);
    for (String name = newClips.peek(); name != null; name = newClips.peek()) {
      clips.published(name);
      time.recorded(name);
      newClips.remove();
    }
    if (!listed) {
      Deletion last = clips.readDeletions(deletions);
      StoredClip stored = last == null ? null : clips.get(last.filename());
      loggedDeletion = stored != null && stored.is(last) ? stored.name() : null;
      listed = true;
    }
    clips.readLines();
    bytes = bytes();
  }

  private long bytes() {
    return clips.bytes() + continuous.bytes();
  }

  /** Deletes clips of continuous recording, which go before those of motion. */
  private void deleteContinuous() throws IOException {
    int deleted = 0;
    long freed = 0;
    String reason = continuousReason(0);
    String last = reason;
    for (; reason != null && !stopped; reason = continuousReason(freed)) {
      freed += continuous.deleteOldest();
      deleted++;
      last = reason;
    }
    if (deleted > 0) {
      continuous.sync();
      bytes = bytes();
      LOG.info("Deleted {} clips of continuous recording, {}: {}", deleted, mib(freed), last);
    }
  }

  /** Why the oldest is to be deleted; null if it is not. */
  private String continuousReason(long freed) throws IOException {
    if (continuous.isEmpty()) {
      return null;
    }
    RetentionSettings.Continuous limits = settings.continuous();
    LocalDateTime now = time.now().isBefore(time.systemTime()) ? time.now() : time.systemTime();
    if (limits.maxDays() > 0
        && time.isKnown()
        && continuous.isOldestBefore(now.minusDays(limits.maxDays()))) {
      return "CONTINUOUS_MAX_DAYS=" + limits.maxDays();
    }
    if (limits.maxBytes() > 0 && continuous.bytes() > limits.maxBytes()) {
      return "CONTINUOUS_MAX_BYTES=" + Setting.shortened(limits.maxBytes());
    }
    // The operating system may report freed space late.
    long free = disk().getUsableSpace() + freed;
    return free < CONTINUOUS_MIN_FREE
        ? "less than %s are free".formatted(mib(CONTINUOUS_MIN_FREE))
        : exceededLimit(free);
  }

  /** Deletes analysed clips down to the limits. Returns why one could not be deleted, or null. */
  private String delete() throws IOException {
    long free = free();
    Set<String> unsent = null;
    StoredClip clip = null;
    try {
      clip = loggedDeletion == null ? null : clips.get(loggedDeletion);
      if (clip != null) {
        remove(clip);
      }
      for (clip = clips.oldest(); clip != null && !stopped; clip = clips.after(clip)) {
        boolean tooOld = isTooOld(clip);
        String reason = tooOld ? "VIDEO_MAX_DAYS=" + settings.maxDays() : exceededLimit(free);
        if (reason == null) {
          return null;
        }
        unsent = unsent == null ? unsent() : unsent;
        if (!unsent.contains(clip.name())) {
          deletions.append(clip.deletion(OffsetDateTime.now(clock), reason));
          loggedDeletion = clip.name();
          stepListener.accept(DeletionStep.LOGGED, clip.name());
          remove(clip);
          time.deleted(clip.name(), tooOld);
          // The operating system may report freed space late.
          free += clip.bytes();
          LOG.info("Deleted clip {}, {} bytes: {}", clip.name(), clip.bytes(), reason);
        }
      }
      return null;
    } catch (IOException e) {
      return clip.name() + ": " + ClipStore.reason(e);
    }
  }

  private boolean isTooOld(StoredClip clip) {
    if (settings.maxDays() == 0
        || !clip.time().isBefore(time.systemTime().minusDays(settings.maxDays()))) {
      return false;
    }
    boolean believed = clip.time().isBefore(time.now().minusDays(settings.maxDays()));
    if (believed && time.mayDelete(clips.size(), settings.maxDays())) {
      return true;
    }
    held = time.reason(believed);
    return false;
  }

  /** Tells why clips are kept that are too old; in the log once, until that is over. */
  private void tellHeld() {
    if (settings.maxDays() == 0) {
      return;
    }
    if (held != null && heldReason == null) {
      LOG.warn("Clips older than VIDEO_MAX_DAYS={} are kept: {}", settings.maxDays(), held);
    }
    heldReason = held;
    time.save(held);
  }

  private String exceededLimit(long free) {
    if (settings.maxBytes() > 0 && bytes() > settings.maxBytes()) {
      return "VIDEO_MAX_BYTES=" + Setting.shortened(settings.maxBytes());
    }
    return free < settings.minFree()
        ? "VIDEO_MIN_FREE=" + Setting.shortened(settings.minFree())
        : null;
  }

  /** Deletes the snapshot first, which would not be found without its clip. */
  private void remove(StoredClip clip) throws IOException {
    if (clip.hasSnapshot()) {
      Files.deleteIfExists(folder.root().resolve(clip.snapshot()));
    }
    Files.deleteIfExists(folder.root().resolve(clip.name()));
    FileOperations.sync(folder.root());
    stepListener.accept(DeletionStep.DELETED, clip.name());
    clips.remove(clip.name());
    bytes = bytes();
    loggedDeletion = null;
    deletedClips.increment();
  }

  /** The clips with an outbox entry. */
  private Set<String> unsent() throws IOException {
    Set<String> names = new HashSet<>();
    for (String pendingName : store.outbox().clips()) {
      names.add(pendingName);
      store.outbox().get(pendingName).map(Job::filename).ifPresent(names::add);
    }
    return names;
  }

  private FileStore disk() throws IOException {
    return Files.getFileStore(folder.root());
  }

  private long free() throws IOException {
    return settings.minFree() > 0 ? disk().getUsableSpace() : Long.MAX_VALUE / 2;
  }

  private void pauseOrResume(String reason) throws IOException {
    long free = free();
    String limit = exceededLimit(free);
    if (limit == null) {
      if (pauseLogged) {
        LOG.info("Recording resumed.");
      }
      pauseLogged = false;
      pauseReason = null;
      store.pause(false);
      return;
    }
    store.pause(true);
    String all =
        "clips take %s%s, which exceeds %s, and none may be deleted: %s"
            .formatted(
                mib(clips.bytes()),
                settings.minFree() > 0 ? " and %s are free".formatted(mib(free)) : "",
                limit,
                reason != null ? reason : "%d were not analysed yet".formatted(clips.waiting()));
    pauseReason =
        all + ". Check that a worker is running (./sh-video queue), change the limit or free space";
    long now = nanoTime.getAsLong();
    if (!pauseLogged || now - pauseLoggedNanos >= LOG_INTERVAL.toNanos()) {
      LOG.error("RECORDING IS PAUSED, motion is not recorded: {}.", pauseReason);
      pauseLogged = true;
      pauseLoggedNanos = now;
    }
  }

  private static String mib(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
  }

  /** Adds the check {@code retention}, failed while recording is paused, and the metrics. */
  public void addTo(Monitoring monitoring) {
    monitoring.health().add("retention", this::check);
    Metrics metrics = monitoring.metrics();
    metrics.gauge(
        "shvideo_recording_paused",
        "1 while no clip is started because a limit is exceeded and nothing may be deleted.",
        () -> pauseReason == null ? 0 : 1);
    metrics.counter(
        "shvideo_clips_deleted_total", "Clips deleted to keep the limits.", deletedClips::sum);
  }

  CheckResult check() {
    String reason = pauseReason;
    if (reason != null) {
      return CheckResult.failed("recording is paused: " + reason);
    }
    if (thread.getState() == Thread.State.TERMINATED && !stopped) {
      return CheckResult.failed(
          "the thread that enforces the limits has ended: restart the service");
    }
    String failed = failure;
    if (failed != null) {
      return CheckResult.degraded("cannot delete old clips, retrying: " + failed);
    }
    String kept = heldReason;
    return kept != null
        ? CheckResult.degraded("clips that are too old are kept: " + kept)
        : CheckResult.ok(
            settings.limited() ? "clips take " + mib(bytes) : "no limit set, all clips are kept");
  }

  /** Stops within 1 s. */
  @Override
  public void close() {
    stopped = true;
    wakeUps.release();
    Threads.awaitEnd(thread, CLOSE_TIMEOUT);
  }
}
