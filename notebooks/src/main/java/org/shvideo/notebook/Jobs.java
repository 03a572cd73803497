package org.shvideo.notebook;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobStatus;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueDepth;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;

/**
 * The queue as a notebook sees it. Looks for Redis anew in every call, so that one that came back
 * elsewhere is found. Every call fails with a {@link NotebookException} where there is none.
 */
public final class Jobs {
  private static final int MOST_SHOWN = 50;
  private static final int SHORT = 8;

  private final Notebook notebook;
  private final String queueName;

  Jobs(Notebook notebook, String queueName) {
    this.notebook = notebook;
    this.queueName = queueName;
  }

  /** The queue's name, {@code RDSQ_OUTMSG}. */
  public String queueName() {
    return queueName;
  }

  /** How many jobs wait and run, and which; answers only when Redis does. */
  public View overview() {
    return withQueue(
        queue -> {
          QueueDepth depth = queue.depth();
          List<JobStatus> open = queue.open(MOST_SHOWN);
          String sentence =
              "Redis answers. Queue %s: %d waiting, %d in work, %d to be tried again, %d given up."
                  .formatted(
                      queueName, depth.waiting(), depth.started(), depth.retrying(), depth.dead());
          return open.isEmpty()
              ? new Text(sentence)
              : Table.of(open)
                  .column("job", status -> shortId(status.job()))
                  .column("file", status -> status.job().filename())
                  .column("state", Jobs::state)
                  .column("waiting since", status -> Submission.local(status.enqueued()))
                  .caption(sentence);
        });
  }

  /** The jobs that were given up, newest first, with the reason. */
  public View givenUp() {
    return withQueue(
        queue -> {
          var dead = queue.dead(MOST_SHOWN);
          return dead.isEmpty()
              ? new Text("No job of queue %s was given up.".formatted(queueName))
              : Table.of(dead)
                  .column("job", letter -> shortId(letter.job()))
                  .column("file", letter -> letter.job().filename())
                  .column("attempts", letter -> letter.attempt())
                  .column("reason", letter -> letter.error())
                  .column("given up", letter -> Submission.local(letter.at()));
        });
  }

  /**
   * Queues files of the video folder, a new job each: a file that was analysed before is analysed
   * again and gets a further line.
   *
   * @throws NotebookException when one is not there; then none is queued
   */
  public Submission send(String... files) {
    if (files.length == 0) {
      throw new NotebookException("Name at least one file to queue.");
    }
    List<Job> jobs = new ArrayList<>();
    for (String file : files) {
      notebook.path(file);
      jobs.add(Job.forFile(file));
    }
    return withQueue(
        queue -> {
          jobs.forEach(queue::enqueue);
          return new Submission(notebook, this, jobs);
        });
  }

  /** Queues the file as if it had been recorded by that camera at that time. */
  Submission send(Job job) {
    return withQueue(
        queue -> {
          queue.enqueue(job);
          return new Submission(notebook, this, List.of(job));
        });
  }

  QueueSettings settings() {
    Settings settings = notebook.wired();
    QueueSettings queue = QueueSettings.from(settings);
    settings.check();
    return new QueueSettings(
        queue.host(),
        queue.port(),
        queue.password(),
        queueName,
        queue.lease(),
        queue.maxAttempts(),
        queue.resultTtl());
  }

  <T> T withQueue(Function<JobQueue, T> action) {
    return NotebookException.explained(
        () -> {
          try (JobQueue queue = new JobQueue(settings())) {
            return action.apply(queue);
          }
        });
  }

  /** Enough of the id to tell jobs apart. */
  static String shortId(Job job) {
    return job.id().substring(0, Math.min(SHORT, job.id().length()));
  }

  static String state(JobStatus status) {
    return switch (status.state()) {
      case QUEUED -> "queued";
      case STARTED -> "started";
      case RETRYING -> "to be tried again: " + status.error();
      case FINISHED -> "finished";
      case FAILED -> "failed: " + status.error();
    };
  }
}
