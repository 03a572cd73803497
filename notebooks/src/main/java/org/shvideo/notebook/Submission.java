package org.shvideo.notebook;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobState;
import org.shvideo.tasks.job.JobStatus;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.worker.WorkLimits;
import org.shvideo.worker.Worker;
import org.shvideo.worker.WorkerListener;

/** Jobs that this notebook queued, to be followed to their end. */
public final class Submission implements View {
  private static final Duration LOOKS_EVERY = Duration.ofMillis(250);
  private static final Duration NOBODY_AFTER = Duration.ofSeconds(15);
  private static final Duration FOLLOWED_AT_MOST = Duration.ofMinutes(10);

  /** Long after the worker has, which waits for one frame and for Redis. */
  private static final Duration STOPS_WITHIN = Duration.ofSeconds(20);

  private final Notebook notebook;
  private final Jobs queue;
  private final List<Job> jobs;

  /**
   * A job and what is known of it.
   *
   * @param status empty when the queue has forgotten the job, as it does some minutes after its end
   * @param logged its line in the log, looked up only then
   */
  private record Row(Job job, Optional<JobStatus> status, Optional<DetectionLine> logged) {
    String state() {
      return status
          .map(Jobs::state)
          .or(() -> logged.map(line -> line.ok() ? "finished" : "failed: " + line.error()))
          .orElse("no longer known to Redis, and without a line in the log");
    }

    boolean ended() {
      return status
          .map(JobStatus::state)
          .map(state -> state == JobState.FINISHED || state == JobState.FAILED)
          .orElse(true);
    }

    Optional<DetectionLine> line() {
      try {
        String result = status.map(JobStatus::result).orElse(null);
        return result == null ? logged : Optional.of(Json.read(result, DetectionLine.class));
      } catch (IOException e) {
        return Optional.empty();
      }
    }
  }

  Submission(Notebook notebook, Jobs queue, List<Job> jobs) {
    this.notebook = notebook;
    this.queue = queue;
    this.jobs = List.copyOf(jobs);
  }

  public List<Job> jobs() {
    return jobs;
  }

  /** Where each job stands now. */
  @Override
  public String text() {
    return table().text();
  }

  @Override
  public Map<String, String> forms() {
    return table().forms();
  }

  /**
   * Watches the jobs until all have ended, showing how far they are, for at most ten minutes.
   *
   * @return where each stands, what was seen in it; says so when no worker takes them
   */
  public View follow() {
    return follow(NOBODY_AFTER, FOLLOWED_AT_MOST);
  }

  View follow(Duration nobodyAfter, Duration atMost) {
    return queue.withQueue(
        jobQueue -> {
          LiveDisplay live = new LiveDisplay();
          long begun = System.nanoTime();
          while (true) {
            List<Row> rows = rows(jobQueue);
            live.show(progress(rows));
            Duration waited = Duration.ofNanos(System.nanoTime() - begun);
            boolean untouched =
                rows.stream()
                    .allMatch(
                        row -> row.status().map(s -> s.state() == JobState.QUEUED).orElse(false));
            if (rows.stream().allMatch(Row::ended)) {
              live.showNow(progress(rows));
              return table(rows);
            }
            if (untouched && waited.compareTo(nobodyAfter) > 0 && jobQueue.depth().started() == 0) {
              live.showNow(progress(rows));
              return nobody(waited);
            }
            if (waited.compareTo(atMost) > 0 || !pause()) {
              live.showNow(progress(rows));
              return table(rows)
                  .caption("No longer watched. The jobs go on; run this cell again to see how.");
            }
          }
        });
  }

  /**
   * Works on the jobs in this notebook, with the worker's log under the cell, until they have
   * ended. Only for a queue of one's own: other jobs of the queue are worked on too.
   */
  public View work() {
    return NotebookException.explained(
        () -> {
          var settings = queue.settings();
          try (JobQueue jobQueue = new JobQueue(settings)) {
            Worker worker =
                new Worker(
                    jobQueue,
                    settings,
                    WorkLimits.DEFAULT,
                    notebook.folder(),
                    notebook.log(),
                    notebook.analysis().detection(true),
                    new WorkerListener() {},
                    Clock.system(ZoneId.systemDefault()),
                    new SecureRandom());
            Thread thread = new Thread(worker::run, "worker");
            thread.setDaemon(true);
            thread.start();
            boolean stopped = false;
            try {
              while (!stopped && !rows(jobQueue).stream().allMatch(Row::ended)) {
                stopped = !pause();
              }
            } finally {
              // A worker cannot be awaited while an interrupt stands.
              stopped |= Thread.interrupted();
              worker.close();
              thread.join(STOPS_WITHIN.toMillis());
            }
            Table<Row> table = table(rows(jobQueue));
            if (stopped) {
              Thread.currentThread().interrupt();
              return table.caption("Stopped. What was not done waits in the queue.");
            }
            return table;
          }
        });
  }

  private View nobody(Duration waited) {
    return new Text(
        ("No worker has taken the %s for %d seconds. Is one running? ./sh-video run and docker"
                + " compose up video-worker start one. Nothing is lost: the queue keeps the %s;"
                + " run this cell again to go on watching.")
            .formatted(
                jobs.size() == 1 ? "job" : "jobs",
                waited.toSeconds(),
                jobs.size() == 1 ? "job" : "jobs"));
  }

  private List<Row> rows(JobQueue jobQueue) {
    List<Row> rows = new ArrayList<>();
    for (Job job : jobs) {
      Optional<JobStatus> status = jobQueue.status(job.id());
      rows.add(
          new Row(
              job, status, status.isEmpty() ? notebook.log().find(job.id()) : Optional.empty()));
    }
    return rows;
  }

  private Table<Row> table() {
    return queue.withQueue(jobQueue -> table(rows(jobQueue)));
  }

  private Table<Row> table(List<Row> rows) {
    Table<Row> table =
        Table.of(rows)
            .column("job", row -> Jobs.shortId(row.job()))
            .column("file", row -> row.job().filename())
            .column("state", Row::state);
    if (rows.stream().noneMatch(row -> row.line().isPresent())) {
      return table;
    }
    return table
        .column("seen", row -> row.line().map(DetectionLine::detected).orElse(List.of()))
        .column(
            "frames analysed",
            row ->
                row.line()
                    .filter(DetectionLine::ok)
                    .map(line -> line.analysed() + " of " + line.frames())
                    .orElse(""))
        .column("in, s", row -> row.line().map(DetectionLine::elapsedSeconds).orElse(null));
  }

  private static View progress(List<Row> rows) {
    List<String> lines = rows.stream().map(Submission::progress).filter(Objects::nonNull).toList();
    return new Text(String.join("\n", lines));
  }

  private static String progress(Row row) {
    String name = row.job().filename();
    return row.status()
        .map(
            status ->
                switch (status.state()) {
                  case QUEUED, RETRYING -> Text.progress(name, 0, Jobs.state(status)).text();
                  case STARTED ->
                      Text.progress(
                              name,
                              status.progress(),
                              status.attempt() > 1 ? "attempt " + status.attempt() : "started")
                          .text();
                  case FINISHED, FAILED ->
                      Text.progress(name, 1, Jobs.state(status) + took(status)).text();
                })
        .orElseGet(() -> Text.progress(name, 1, row.state()).text());
  }

  private static String took(JobStatus status) {
    if (status.started() == null || status.ended() == null) {
      return "";
    }
    double seconds = Duration.between(status.started(), status.ended()).toMillis() / 1e3;
    return String.format(Locale.ROOT, " after %.1f s", seconds);
  }

  static LocalDateTime local(Instant time) {
    return time == null ? null : LocalDateTime.ofInstant(time, ZoneId.systemDefault());
  }

  /** Whether to go on: not when the kernel was interrupted. */
  private static boolean pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(LOOKS_EVERY.toMillis());
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public String toString() {
    return text();
  }
}
