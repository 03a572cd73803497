package org.shvideo.capture.retention;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.shvideo.capture.retention.StoredClips.StoredClip;
import org.shvideo.capture.store.ClipStore;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.log.Deletion;
import org.shvideo.tasks.log.DeletionLog;
import org.shvideo.tasks.monitoring.CheckResult;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the footage within its limits, in a thread of its own: deletes the oldest clips that were
 * analysed, never one that was not, and pauses recording where that does not suffice. A deletion is
 * on disk in the deletion log before the clip goes; one that a crash cut short is finished by the
 * next start, and logged once.
 */
public final class Retention implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);
  private static final Duration LOOK_AGAIN_WHILE_PAUSED = Duration.ofSeconds(5);
  private static final Duration TELL_AGAIN = Duration.ofMinutes(5);
  private static final Duration CLOSING = Duration.ofSeconds(1);

  private final ClipStore store;
  private final VideoFolder folder;
  private final RetentionSettings settings;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final DeletionLog deletions;
  private final StoredClips clips;
  private final Thread thread = new Thread(this::run, "retention");
  private final Queue<String> published = new ConcurrentLinkedQueue<>();
  private final Semaphore news = new Semaphore(0);
  private final LongAdder deletedClips = new LongAdder();
  private volatile boolean stopped;

  // Of the thread.
  private boolean opened;
  private long listedNanos;

  /** The clip whose deletion is logged but not done; null when there is none. */
  private String logged;

  private String toldTrouble;
  private String toldPause;
  private long toldPauseNanos;

  // For whoever asks.
  private volatile String trouble;
  private volatile String pause;
  private volatile long bytes;

  /**
   * @param store not closed by this
   * @param clock gives the zone of the clips' names
   * @throws IOException when the disk is smaller than what is to stay free on it
   */
  public Retention(ClipStore store, RetentionSettings settings, Clock clock) throws IOException {
    this(store, settings, clock, System::nanoTime);
  }

  Retention(ClipStore store, RetentionSettings settings, Clock clock, LongSupplier nanoTime)
      throws IOException {
    this.store = store;
    this.folder = store.folder();
    this.settings = settings;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.deletions = new DeletionLog(folder.deletionLog());
    this.clips = new StoredClips(folder);
    long size = disk().getTotalSpace();
    if (size > 0 && settings.minFree() >= size) {
      throw new IOException(
          "VIDEO_MIN_FREE=%s asks for more free room than the disk of %s has at all, %s."
              .formatted(Setting.shortened(settings.minFree()), folder.root(), mib(size)));
    }
    thread.setDaemon(true);
    store.onPublication(this::published);
  }

  /** Begins to look after the limits, if there are any. */
  public void start() {
    if (settings.limited()) {
      thread.start();
    }
  }

  private void published(String clip) {
    if (settings.limited()) {
      published.add(clip);
      news.release();
    }
  }

  private void run() {
    try {
      while (!stopped) {
        look();
        Duration wait = pause == null ? LOOK_AGAIN : LOOK_AGAIN_WHILE_PAUSED;
        if (news.tryAcquire(wait.toMillis(), TimeUnit.MILLISECONDS)) {
          news.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      // the service stops
    }
  }

  /** Looks once, and does what is to be done. */
  void look() {
    try {
      takeStock();
      String failure = delete();
      if (!stopped) {
        pauseOrResume(failure);
      }
      trouble = failure;
    } catch (IOException e) {
      trouble = ClipStore.reason(e);
    } catch (UncheckedIOException e) {
      trouble = e.getMessage();
    } catch (RuntimeException e) {
      trouble = e.toString();
      LOG.error("Retention failed; trying again", e);
    }
    if (trouble != null && !trouble.equals(toldTrouble)) {
      LOG.error("Old clips cannot be deleted now: {}; trying again", trouble);
    }
    toldTrouble = trouble;
  }

  private void takeStock() throws IOException {
    long now = nanoTime.getAsLong();
    boolean due = now - listedNanos >= LOOK_AGAIN.toNanos() || pause != null;
    for (String name = published.peek(); name != null; name = published.peek()) {
      clips.published(name);
      published.remove();
    }
    if (!opened || due) {
      clips.list();
      listedNanos = now;
    }
    if (!opened) {
      Deletion last = clips.readDeletions(deletions);
      StoredClip there = last == null ? null : clips.get(last.filename());
      logged = there != null && there.is(last) ? there.name() : null;
      opened = true;
    }
    clips.readLines();
    bytes = clips.bytes();
  }

  /**
   * Deletes what is beyond the limits and may be deleted.
   *
   * @return why a clip could not be deleted; null when all could
   */
  private String delete() throws IOException {
    String oldestKept = oldestKept();
    long free = free();
    Set<String> unsent = null;
    StoredClip clip = null;
    try {
      clip = logged == null ? null : clips.get(logged);
      if (clip != null) {
        remove(clip);
      }
      for (clip = clips.oldest(); clip != null && !stopped; clip = clips.after(clip)) {
        String reason =
            clip.name().compareTo(oldestKept) < 0
                ? "VIDEO_MAX_DAYS=" + settings.maxDays()
                : tooMuch(free);
        if (reason == null) {
          return null;
        }
        if (!clip.analysed()) {
          continue;
        }
        unsent = unsent == null ? unsent() : unsent;
        if (!unsent.contains(clip.name())) {
          deletions.append(clip.deletion(OffsetDateTime.now(clock), reason));
          logged = clip.name();
          LOG.debug("The deletion of {} is on disk", clip.name());
          remove(clip);
          // What the system says is free may lag behind; it is asked again the next time.
          free += clip.bytes();
          LOG.info("Deleted {}, {} bytes: {}", clip.name(), clip.bytes(), reason);
        }
      }
      return null;
    } catch (IOException e) {
      return clip.name() + ": " + ClipStore.reason(e);
    }
  }

  /** Names before this one are of clips that are too old; empty when none is. */
  private String oldestKept() {
    return settings.maxDays() == 0
        ? ""
        : ClipName.prefix(LocalDateTime.now(clock).minusDays(settings.maxDays()));
  }

  private String tooMuch(long free) {
    if (settings.maxBytes() > 0 && clips.bytes() > settings.maxBytes()) {
      return "VIDEO_MAX_BYTES=" + Setting.shortened(settings.maxBytes());
    }
    return free < settings.minFree()
        ? "VIDEO_MIN_FREE=" + Setting.shortened(settings.minFree())
        : null;
  }

  /** The snapshot first: when the clip is gone nobody would look for it any more. */
  private void remove(StoredClip clip) throws IOException {
    if (clip.hasSnapshot()) {
      Files.deleteIfExists(folder.root().resolve(clip.snapshot()));
    }
    Files.deleteIfExists(folder.root().resolve(clip.name()));
    FileOperations.sync(folder.root());
    LOG.debug("{} is deleted", clip.name());
    clips.remove(clip.name());
    bytes = clips.bytes();
    logged = null;
    deletedClips.increment();
  }

  /** The clips that have an entry in the outbox, whatever the log says of them. */
  private Set<String> unsent() throws IOException {
    Set<String> names = new HashSet<>();
    for (String recording : store.outbox().recordings()) {
      names.add(recording);
      store.outbox().get(recording).map(Job::filename).ifPresent(names::add);
    }
    return names;
  }

  private FileStore disk() throws IOException {
    return Files.getFileStore(folder.root());
  }

  private long free() throws IOException {
    return settings.minFree() > 0 ? disk().getUsableSpace() : Long.MAX_VALUE / 2;
  }

  private void pauseOrResume(String failure) throws IOException {
    long free = free();
    String limit = tooMuch(free);
    if (limit == null) {
      if (toldPause != null) {
        LOG.info("Recording is possible again");
      }
      toldPause = null;
      pause = null;
      store.pause(false);
      return;
    }
    store.pause(true);
    String all =
        "clips take %s%s, which is beyond %s, and none may be deleted: %s"
            .formatted(
                mib(clips.bytes()),
                settings.minFree() > 0 ? " and %s are free".formatted(mib(free)) : "",
                limit,
                failure != null ? failure : "%d were not analysed yet".formatted(clips.waiting()));
    pause =
        all + ". See that a worker runs (./sh-video queue tells), change the limit or make room";
    long now = nanoTime.getAsLong();
    if (toldPause == null || now - toldPauseNanos >= TELL_AGAIN.toNanos()) {
      LOG.error("RECORDING IS PAUSED, motion is not recorded: {}", pause);
      toldPause = pause;
      toldPauseNanos = now;
    }
  }

  private static String mib(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
  }

  /** Whether recording goes on, and why not. */
  public CheckResult check() {
    String reason = pause;
    if (reason != null) {
      return CheckResult.failed("recording is paused: " + reason);
    }
    if (thread.getState() == Thread.State.TERMINATED && !stopped) {
      return CheckResult.failed("limits are not looked after any more: restart the service");
    }
    String failed = trouble;
    return failed != null
        ? CheckResult.degraded("old clips cannot be deleted now; this is tried again: " + failed)
        : CheckResult.ok(
            settings.limited() ? "clips take " + mib(bytes) : "no limit is set, clips are kept");
  }

  /** Whether recording is paused now. */
  public boolean isPaused() {
    return pause != null;
  }

  /** Clips deleted since the start. */
  public long deletedClips() {
    return deletedClips.sum();
  }

  /** Stops within 1 s. */
  @Override
  public void close() {
    stopped = true;
    news.release();
    try {
      thread.join(CLOSING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
