package org.shvideo.notebook.session;

import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.shvideo.notebook.view.LiveDisplay;
import org.shvideo.notebook.view.Table;
import org.shvideo.notebook.view.Text;
import org.shvideo.notebook.view.View;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobState;
import org.shvideo.tasks.job.JobStatus;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.worker.WorkLimits;
import org.shvideo.worker.Worker;
import org.shvideo.worker.WorkerListener;
import org.shvideo.worker.analysis.ClipAnalyzer;

/** Jobs that this notebook queued. As a view: the state of each, read anew each time. */
public final class Submission extends View {
  private static final Duration POLL_INTERVAL = Duration.ofMillis(250);
  private static final Duration NO_WORKER_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration FOLLOW_TIMEOUT = Duration.ofMinutes(10);

  /** Much longer than the worker needs, which waits for one frame and for Redis. */
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

  private final Session session;
  private final Jobs queue;
  private final List<Job> jobs;
  private final DetectionLog log;

  /**
   * A job and what is known of it.
   *
   * @param status empty when the queue no longer has it, some minutes after the job's end
   * @param line its line in the log, if it is there yet
   */
  private record Row(Job job, Optional<JobStatus> status, Optional<DetectionLine> line) {
    boolean isIn(JobState state) {
      return status.filter(known -> known.state() == state).isPresent();
    }

    boolean ended() {
      return status.isEmpty() || isIn(JobState.FINISHED) || isIn(JobState.FAILED);
    }

    String state() {
      return status
          .map(Jobs::state)
          .or(() -> line.map(found -> found.ok() ? "finished" : "failed: " + found.error()))
          .orElse("unknown: expired in Redis and not in the log");
    }

    String progress() {
      double fraction = ended() ? 1 : isIn(JobState.STARTED) ? status.get().progress() : 0;
      String detail = state();
      if (isIn(JobState.STARTED) && status.get().attempt() > 1) {
        detail = "attempt " + status.get().attempt();
      } else if (ended()
          && status.isPresent()
          && status.get().started() != null
          && status.get().ended() != null) {
        Duration time = Duration.between(status.get().started(), status.get().ended());
        detail += String.format(Locale.ROOT, " after %.1f s", time.toMillis() / 1e3);
      }
      return Text.progress(job.filename(), fraction, 1, detail).text();
    }
  }

  Submission(Session session, Jobs queue, List<Job> jobs) {
    this.session = session;
    this.queue = queue;
    this.jobs = List.copyOf(jobs);
    this.log = session.log();
  }

  @Override
  public Map<String, String> mimeBundle() {
    return queue.withQueue(connected -> table(rows(connected))).mimeBundle();
  }

  /**
   * Shows the progress of the jobs until all have ended, for ten minutes at most.
   *
   * @return their state, and what was detected; or that no worker takes them
   */
  public View follow() {
    return follow(NO_WORKER_TIMEOUT, FOLLOW_TIMEOUT);
  }

  View follow(Duration noWorkerTimeout, Duration timeout) {
    return queue.withQueue(
        connected -> {
          LiveDisplay display = new LiveDisplay();
          long start = System.nanoTime();
          while (true) {
            List<Row> rows = rows(connected);
            Duration waited = Duration.ofNanos(System.nanoTime() - start);
            boolean ended = rows.stream().allMatch(Row::ended);
            boolean noWorker =
                waited.compareTo(noWorkerTimeout) > 0
                    && rows.stream().allMatch(row -> row.isIn(JobState.QUEUED))
                    && connected.depth().started() == 0;
            View progress =
                new Text(rows.stream().map(Row::progress).collect(Collectors.joining("\n")));
            display.show(progress);
            if (ended || noWorker || waited.compareTo(timeout) > 0 || !pause()) {
              display.showNow(progress);
              return ended
                  ? table(rows)
                  : noWorker
                      ? noWorker(waited)
                      : table(rows)
                          .caption(
                              "Stopped following. The jobs continue; run this cell again to see"
                                  + " their state.");
            }
          }
        });
  }

  private static View noWorker(Duration waited) {
    return new Text(
        ("No worker has started a job for %d seconds. Start one with ./sh-video run or docker"
                + " compose up video-worker. The jobs stay in the queue; run this cell again to"
                + " follow them.")
            .formatted(waited.toSeconds()));
  }

  /**
   * Runs a worker in this notebook, with its log under the cell, until the jobs have ended. Only
   * for a queue of the notebook's own: the worker takes other jobs of the queue too.
   */
  public View work() {
    return NotebookException.explain(
        () -> {
          var settings = queue.settings();
          Clock clock = Clock.system(ZoneId.systemDefault());
          try (JobQueue connected = new JobQueue(settings)) {
            Worker worker =
                new Worker(
                    connected,
                    WorkLimits.DEFAULT,
                    session.folder(),
                    log,
                    new ClipAnalyzer(session.detector(), session.worker().sampling(), true, clock),
                    new WorkerListener() {},
                    clock);
            Thread thread = new Thread(worker::run, "worker");
            thread.setDaemon(true);
            thread.start();
            boolean stopped = false;
            try {
              while (!stopped && !rows(connected).stream().allMatch(Row::ended)) {
                stopped = !pause();
              }
            } finally {
              stopped |= Thread.interrupted(); // an interrupted thread cannot wait for the worker
              worker.close();
              thread.join(STOP_TIMEOUT.toMillis());
            }
            Table<Row> table = table(rows(connected));
            if (stopped) {
              Thread.currentThread().interrupt();
              return table.caption("Stopped. Unfinished jobs stay in the queue.");
            }
            return table;
          }
        });
  }

  private List<Row> rows(JobQueue connected) {
    return jobs.stream()
        .map(job -> new Row(job, connected.status(job.id()), log.find(job.id())))
        .toList();
  }

  private static Table<Row> table(List<Row> rows) {
    Table<Row> table =
        Table.of(rows)
            .column("job", row -> Jobs.shortId(row.job()))
            .column("file", row -> row.job().filename())
            .column("state", Row::state);
    if (rows.stream().allMatch(row -> row.line().isEmpty())) {
      return table;
    }
    return table
        .column("detected", row -> row.line().map(DetectionLine::detected).orElse(List.of()))
        .column(
            "frames analysed",
            row ->
                row.line()
                    .filter(DetectionLine::ok)
                    .map(line -> line.analysed() + " of " + line.frames())
                    .orElse(""))
        .column("analysis, s", row -> row.line().map(DetectionLine::elapsedSeconds).orElse(null));
  }

  /** Waits a moment; false when the cell was interrupted. */
  private static boolean pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL.toMillis());
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
