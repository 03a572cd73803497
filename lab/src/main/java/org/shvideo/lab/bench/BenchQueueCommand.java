package org.shvideo.lab.bench;

import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.queue.Delivery;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the queue with a Redis that appends to disk, as in normal operation. */
@Command(
    name = "queue",
    hidden = true,
    description = {
      "Measures how many jobs per second the queue accepts, how soon an idle worker gets a job, and"
          + " whether many waiting jobs slow it down.",
      "Starts a Redis in a temporary folder."
    })
final class BenchQueueCommand extends Benchmark {
  private static final int REPEATS = 5;
  private static final int LATENCY_SAMPLES = 200;
  private static final Duration IDLE_TIME = Duration.ofMillis(20);
  private static final Duration TAKE_TIMEOUT = Duration.ofSeconds(5);
  private static final int SENDERS = 4;
  private static final String WORKER = "bench";

  @Option(
      names = "--jobs",
      defaultValue = "10000",
      description = "Number of jobs for each measurement (default: ${DEFAULT-VALUE}).")
  private int jobs;

  @Option(
      names = "--waiting",
      defaultValue = "100000",
      description = "Number of waiting jobs in a full queue (default: ${DEFAULT-VALUE}).")
  private int waiting;

  @Override
  void checkOptions() {
    require(jobs >= SENDERS, "--jobs", jobs);
    require(waiting >= 1, "--waiting", waiting);
  }

  @Override
  void measure() throws InterruptedException, ExecutionException {
    try (EmbeddedRedis redis = EmbeddedRedis.start(new VideoFolder(folder));
        JobQueue queue = new JobQueue(QueueSettings.from(Settings.of(redis.environment())))) {
      begin("warming up");
      enqueue(queue, jobs);
      finish(queue, jobs);

      measureLatency(queue);
      double unused = measureEnqueue(queue, 1, "enqueued, one sender", "");
      String senders = "enqueued, %d senders".formatted(SENDERS);
      double enqueuedEmpty = measureEnqueue(queue, SENDERS, senders, "≥ 5000/s");
      String worker = "taken and finished, one worker";
      double finishedEmpty = measureFinish(queue, worker);

      begin("filling the queue with %,d jobs".formatted(waiting));
      enqueue(queue, waiting);
      String full = ", %,d waiting".formatted(waiting);
      double enqueuedFull = measureEnqueue(queue, SENDERS, senders + full, "not slower");
      double finishedFull = measureFinish(queue, worker + full);
      report.add("enqueued: full to empty queue", "×", enqueuedFull / enqueuedEmpty, "about 1");
      report.add(
          "taken and finished: full to empty queue", "×", finishedFull / finishedEmpty, "about 1");
    }
  }

  private void begin(String what) throws InterruptedException {
    shutdown.sleep(Duration.ZERO);
    progress(what);
  }

  private double measureEnqueue(JobQueue queue, int senders, String what, String target)
      throws InterruptedException, ExecutionException {
    begin(what);
    int each = jobs / senders;
    Callable<Object> sender = Executors.callable(() -> enqueue(queue, each));
    ExecutorService pool = Executors.newFixedThreadPool(senders);
    try {
      for (int repeat = 0; repeat < REPEATS; repeat++) {
        long start = System.nanoTime();
        for (Future<Object> done : pool.invokeAll(Collections.nCopies(senders, sender))) {
          Object unused = done.get();
        }
        report.add(what, "/s", senders * each / secondsSince(start), target);
        finish(queue, senders * each);
      }
    } finally {
      pool.shutdownNow();
    }
    return report.median(what);
  }

  private double measureFinish(JobQueue queue, String what) throws InterruptedException {
    begin(what);
    int finished = Math.max(1, jobs / 5); // one after the other, which takes longer
    for (int repeat = 0; repeat < REPEATS; repeat++) {
      enqueue(queue, finished);
      long start = System.nanoTime();
      finish(queue, finished);
      report.add(what, "/s", finished / secondsSince(start));
    }
    return report.median(what);
  }

  private void measureLatency(JobQueue queue) throws InterruptedException {
    String what = "from enqueued to taken by an idle worker";
    begin(what);
    SynchronousQueue<Long> takenAt = new SynchronousQueue<>();
    Thread worker =
        new Thread(
            () -> {
              try {
                // An interrupted take returns early and empty.
                while (!Thread.currentThread().isInterrupted()) {
                  var delivery = queue.take(WORKER, TAKE_TIMEOUT);
                  long now = System.nanoTime();
                  if (delivery.isPresent()) {
                    queue.finish(delivery.get(), "{}");
                    takenAt.put(now);
                  }
                }
              } catch (InterruptedException e) {
                // the measurement is complete
              }
            },
            "idle worker");
    worker.setDaemon(true);
    worker.start();
    for (int sample = 0; sample < LATENCY_SAMPLES; sample++) {
      shutdown.sleep(IDLE_TIME); // until the worker waits again
      long start = System.nanoTime();
      queue.enqueue(Job.forFile("clip.avi"));
      report.add(what, "ms", (takenAt.take() - start) / 1e6, "≤ 20 ms");
    }
    worker.interrupt();
    worker.join();
  }

  private static void enqueue(JobQueue queue, int jobs) {
    for (int job = 0; job < jobs; job++) {
      queue.enqueue(Job.forFile("20260223-144819.avi"));
    }
  }

  private static void finish(JobQueue queue, int jobs) {
    for (int job = 0; job < jobs; job++) {
      Delivery delivery =
          queue
              .take(WORKER, TAKE_TIMEOUT)
              .orElseThrow(() -> new IllegalStateException("a job is missing"));
      queue.finish(delivery, "{}");
    }
  }

  private static double secondsSince(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e9;
  }
}
