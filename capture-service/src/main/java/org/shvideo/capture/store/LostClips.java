package org.shvideo.capture.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.lifecycle.Threads;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.log.LogFollower;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Queues clips again that have no line and whose jobs Redis has lost, as after a failover to a
 * replica that lagged behind, or {@code FLUSHALL}. Runs a thread of its own.
 *
 * <p>It knows the clips without a line: those in the folder when it starts, and those published
 * since; the log is read once, and then what is appended. While there are such clips, it asks Redis
 * for all open jobs now and then. A clip that is neither in the outbox nor in the queue twice in
 * succession gets a new job. Clips much older than the log's first line are left alone: their lines
 * may have been moved away with a part of the log.
 */
public final class LostClips implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LostClips.class);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

  /** How much older than the log's first line a clip may be; the first clips wait for a worker. */
  private static final Duration MAX_WAIT = Duration.ofDays(1);

  private final VideoFolder folder;
  private final Outbox outbox;
  private final JobQueue queue;
  private final LogFollower log;
  private final Duration interval;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "lost-clips");
  private final LongAdder queued = new LongAdder();

  /** The sizes of clips without a line. */
  private final Map<String, Long> waiting = new ConcurrentHashMap<>();

  // Used by the thread only.
  private boolean listed;
  private LocalDateTime firstLine;
  private Set<String> suspects = Set.of();

  /** Closes neither the store nor the queue; to be made before the first clip is published. */
  public LostClips(ClipStore store, JobQueue queue) {
    this(store, queue, queue.mendInterval());
  }

  LostClips(ClipStore store, JobQueue queue, Duration interval) {
    this.folder = store.folder();
    this.outbox = store.outbox();
    this.queue = queue;
    this.interval = interval;
    this.log = new DetectionLog(folder.log()).follow();
    thread.setDaemon(true);
    store.addListener(
        new ClipListener() {
          @Override
          public void step(Step step, String clip) {
            if (step == Step.NAMED) { // before its job is sent, so before its line is written
              waiting.put(clip, folder.root().resolve(clip).toFile().length());
            }
          }
        });
  }

  public void start() {
    thread.start();
  }

  /** Adds the number of jobs that were lost. */
  public void addTo(Monitoring monitoring) {
    monitoring
        .metrics()
        .counter(
            "shvideo_lost_jobs_total",
            "Clips queued again because Redis had lost their jobs.",
            queued::sum);
  }

  private void run() {
    try {
      do {
        try {
          check();
        } catch (QueueUnavailableException e) {
          LOG.debug("Cannot look for lost jobs now.", e);
        } catch (IOException | RuntimeException e) {
          LOG.warn("Cannot look for clips whose jobs were lost: {}. Retrying.", e.toString());
        }
      } while (!stop.await(interval.toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      // the service is stopping
    }
  }

  /** Looks once; in the order in which clips pass the stages, so that none is missed. */
  void check() throws IOException {
    if (!listed) {
      list();
      listed = true;
    }
    readLines();
    waiting.keySet().removeIf(this::isOlderThanTheLog);
    Set<String> missing = new HashSet<>(waiting.keySet());
    for (String clip : outbox.clips()) {
      missing.remove(clip);
      try {
        outbox.get(clip).map(Job::filename).ifPresent(missing::remove);
      } catch (NoSuchFileException e) {
        // sent meanwhile
      }
    }
    if (!missing.isEmpty()) {
      long mended = queue.mend();
      if (mended > 0) {
        queued.add(mended);
        LOG.warn("{} jobs had been deleted from the queue by somebody. Queued them again.", mended);
      }
      queue.forEachOpenJob(status -> missing.remove(status.job().filename()));
      readLines();
      missing.retainAll(waiting.keySet());
    }
    for (String clip : missing) {
      if (suspects.contains(clip)) {
        queueAgain(folder.root().resolve(clip));
      }
    }
    suspects = missing;
  }

  private void list() throws IOException {
    try (Stream<Path> files = Files.list(folder.root())) {
      files
          .filter(file -> ClipName.isClip(file.getFileName().toString()))
          .filter(Files::isRegularFile)
          .forEach(file -> waiting.put(file.getFileName().toString(), file.toFile().length()));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void readLines() {
    log.read(this::read, () -> firstLine = null);
  }

  private void read(DetectionLine line) {
    if (firstLine == null) {
      firstLine = line.timestamp();
    }
    waiting.computeIfPresent(line.filename(), (clip, bytes) -> line.matches(bytes) ? null : bytes);
  }

  private boolean isOlderThanTheLog(String clip) {
    return firstLine != null
        && ClipName.recordedAt(clip)
            .map(time -> time.isBefore(firstLine.minus(MAX_WAIT)))
            .orElse(false);
  }

  private void queueAgain(Path clip) {
    if (!Files.exists(clip)) {
      waiting.remove(clip.getFileName().toString());
      return;
    }
    Job job = ClipRepair.job(clip);
    queue.enqueue(job);
    queued.increment();
    LOG.warn(
        "Clip {} had neither a line nor a job: Redis lost it. Queued it again, job {}.",
        job.filename(),
        job.id());
  }

  /** Stops within 1 s. */
  @Override
  public void close() {
    stop.countDown();
    thread.interrupt();
    Threads.awaitEnd(thread, CLOSE_TIMEOUT);
  }
}
