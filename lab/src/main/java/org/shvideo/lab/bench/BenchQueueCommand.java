package org.shvideo.lab.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.cli.pipeline.ShutdownSignal;
import org.shvideo.cli.pipeline.TemporaryFolder;
import org.shvideo.lab.measure.BenchReport;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.queue.Delivery;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures the queue on a Redis of its own, which appends to disk as in a run. */
@Command(
    name = "queue",
    mixinStandardHelpOptions = true,
    description = {
      "How many jobs a second the queue takes, how soon an idle worker has one, and whether many"
          + " that wait slow it down.",
      "Starts a Redis of its own in a temporary folder."
    })
final class BenchQueueCommand implements Callable<Integer> {
  private static final int REPEATS = 5;
  private static final int PINGS = 200;
  private static final int SENDERS = 4;
  private static final String WORKER = "bench";

  @Option(
      names = "--jobs",
      defaultValue = "10000",
      description = "How many are enqueued each time; ${DEFAULT-VALUE} where not given.")
  private int jobs;

  @Option(
      names = "--waiting",
      defaultValue = "100000",
      description = "How many are to slow the queue down; ${DEFAULT-VALUE} where not given.")
  private int waiting;

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Spec private CommandSpec spec;

  private final BenchReport report = new BenchReport("queue");
  private ShutdownSignal interruption;

  @Override
  public Integer call() throws Exception {
    if (jobs < SENDERS || waiting < 1) {
      throw new ParameterException(
          spec.commandLine(), "--jobs is at least %d, --waiting at least 1".formatted(SENDERS));
    }
    LogLevel.ERROR.apply();
    try (ShutdownSignal ending = new ShutdownSignal(spec.commandLine().getErr());
        TemporaryFolder folder = TemporaryFolder.make("sh-video-bench");
        EmbeddedRedis redis = EmbeddedRedis.start(new VideoFolder(folder.path()));
        JobQueue queue = new JobQueue(QueueSettings.from(Settings.of(redis.environment())))) {
      interruption = ending;
      say("warming up");
      enqueue(queue, jobs);
      settle(queue, jobs);

      measureStart(queue, "enqueue to started, idle worker", "≤ 20 ms");
      measureEnqueue(queue, 1, "enqueues, one after the other", "");
      double empty =
          measureEnqueue(queue, SENDERS, "enqueues, %d at once".formatted(SENDERS), "≥ 5000/s");
      double settledEmpty = measureSettle(queue, "taken and finished, one worker");

      say("filling the queue with %,d jobs".formatted(waiting));
      enqueue(queue, waiting);
      double full =
          measureEnqueue(
              queue,
              SENDERS,
              "enqueues, %d at once, %,d waiting".formatted(SENDERS, waiting),
              "not slower");
      double settledFull =
          measureSettle(queue, "taken and finished, one worker, %,d waiting".formatted(waiting));
      report.add("enqueues: full against empty", "×", new double[] {full / empty}, "about 1");
      report.add(
          "taken and finished: full against empty",
          "×",
          new double[] {settledFull / settledEmpty},
          "about 1");
    }
    report.print(spec.commandLine().getOut(), asJson);
    return 0;
  }

  private void say(String what) throws InterruptedException {
    interruption.sleep(Duration.ZERO);
    BenchReport.say(spec, what);
  }

  private double measureEnqueue(JobQueue queue, int senders, String what, String target)
      throws InterruptedException, ExecutionException {
    say(what);
    int each = jobs / senders;
    double[] perSecond = new double[REPEATS];
    ExecutorService pool = Executors.newFixedThreadPool(senders);
    try {
      for (int repeat = 0; repeat < REPEATS; repeat++) {
        long began = System.nanoTime();
        List<Future<?>> sent = new ArrayList<>();
        for (int sender = 0; sender < senders; sender++) {
          sent.add(pool.submit(() -> enqueue(queue, each)));
        }
        for (Future<?> done : sent) {
          done.get();
        }
        perSecond[repeat] = senders * each / seconds(began);
        settle(queue, senders * each);
      }
    } finally {
      pool.shutdownNow();
    }
    report.add(what, "/s", perSecond, target);
    return report.last();
  }

  private double measureSettle(JobQueue queue, String what) throws InterruptedException {
    say(what);
    double[] perSecond = new double[REPEATS];
    for (int repeat = 0; repeat < REPEATS; repeat++) {
      enqueue(queue, settled());
      long began = System.nanoTime();
      settle(queue, settled());
      perSecond[repeat] = settled() / seconds(began);
    }
    report.add(what, "/s", perSecond, "");
    return report.last();
  }

  private void measureStart(JobQueue queue, String what, String target)
      throws InterruptedException {
    say(what);
    SynchronousQueue<Long> taken = new SynchronousQueue<>();
    Thread worker =
        new Thread(
            () -> {
              try {
                // Taking ends early when interrupted, and leaves it to the caller to end.
                while (!Thread.currentThread().isInterrupted()) {
                  var delivery = queue.take(WORKER, Duration.ofSeconds(5));
                  long now = System.nanoTime();
                  if (delivery.isPresent()) {
                    queue.finish(delivery.get(), "{}");
                    taken.put(now);
                  }
                }
              } catch (InterruptedException e) {
                // measured enough
              }
            },
            "idle worker");
    worker.setDaemon(true);
    worker.start();
    double[] millis = new double[PINGS];
    for (int ping = 0; ping < PINGS; ping++) {
      TimeUnit.MILLISECONDS.sleep(20); // the worker waits again
      long began = System.nanoTime();
      queue.enqueue(Job.forFile("clip.avi"));
      millis[ping] = (taken.take() - began) / 1e6;
    }
    worker.interrupt();
    worker.join();
    report.add(what, "ms", millis, target);
  }

  /** Fewer: each is taken and finished before the next. */
  private int settled() {
    return Math.max(1, jobs / 5);
  }

  private static void enqueue(JobQueue queue, int jobs) {
    for (int job = 0; job < jobs; job++) {
      queue.enqueue(Job.forFile("20260223-144819.avi"));
    }
  }

  private static void settle(JobQueue queue, int jobs) {
    for (int job = 0; job < jobs; job++) {
      Delivery delivery =
          queue
              .take(WORKER, Duration.ofSeconds(5))
              .orElseThrow(() -> new IllegalStateException("a job is missing"));
      queue.finish(delivery, "{}");
    }
  }

  private static double seconds(long sinceNanos) {
    return (System.nanoTime() - sinceNanos) / 1e9;
  }
}
