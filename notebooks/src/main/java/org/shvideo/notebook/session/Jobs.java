package org.shvideo.notebook.session;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.shvideo.notebook.view.Table;
import org.shvideo.notebook.view.Text;
import org.shvideo.notebook.view.View;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobStatus;
import org.shvideo.tasks.queue.DeadLetter;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueDepth;
import org.shvideo.tasks.queue.QueueSettings;

/**
 * A queue. Every call connects to Redis anew, so that a restarted one is found at its new address,
 * and throws {@link NotebookException} where there is none.
 *
 * @param session borrowed
 */
public record Jobs(Session session, String queueName) {
  private static final int MAX_ROWS = 50;
  private static final int SHORT_ID_LENGTH = 8;

  public Jobs {
    if (queueName.isBlank()) {
      throw new NotebookException("The name of the queue is empty.");
    }
  }

  /** How many jobs are in the queue, and which. */
  public View overview() {
    return withQueue(
        queue -> {
          QueueDepth depth = queue.depth();
          List<JobStatus> open = queue.openJobs(MAX_ROWS);
          String sentence =
              "Connected to Redis. Queue %s: %d waiting, %d started, %d retrying, %d given up."
                  .formatted(
                      queueName, depth.waiting(), depth.started(), depth.retrying(), depth.dead());
          return open.isEmpty()
              ? new Text(sentence)
              : Table.of(open)
                  .column("job", status -> shortId(status.job()))
                  .column("file", status -> status.job().filename())
                  .column("state", Jobs::state)
                  .column("queued", JobStatus::enqueued)
                  .caption(sentence);
        });
  }

  /** The jobs that were given up (dead letters), the newest first, with the reason. */
  public View givenUp() {
    return withQueue(
        queue -> {
          List<DeadLetter> letters = queue.deadLetters(MAX_ROWS);
          return letters.isEmpty()
              ? new Text("Queue %s has no jobs that were given up.".formatted(queueName))
              : Table.of(letters)
                  .column("job", letter -> shortId(letter.job()))
                  .column("file", letter -> letter.job().filename())
                  .column("attempts", DeadLetter::attempt)
                  .column("reason", DeadLetter::error)
                  .column("given up", DeadLetter::at);
        });
  }

  /**
   * Queues files of the video folder, each as a new job: a file that was analysed before is
   * analysed again and gets another line.
   *
   * @throws NotebookException when one does not exist; then none is queued
   */
  public Submission send(String... files) {
    if (files.length == 0) {
      throw new NotebookException("Name at least one file to queue.");
    }
    for (String file : files) {
      session.clip(file);
    }
    return send(Stream.of(files).map(Job::forFile).toList());
  }

  Submission send(List<Job> jobs) {
    return withQueue(
        queue -> {
          jobs.forEach(queue::enqueue);
          return new Submission(session, this, jobs);
        });
  }

  /** The queue's settings, with the address of Redis now. */
  QueueSettings settings() {
    return session.queue(queueName);
  }

  <T> T withQueue(Function<JobQueue, T> action) {
    return NotebookException.explain(
        () -> {
          try (JobQueue queue = new JobQueue(settings())) {
            return action.apply(queue);
          }
        });
  }

  static String shortId(Job job) {
    return job.id().substring(0, Math.min(SHORT_ID_LENGTH, job.id().length()));
  }

  static String state(JobStatus status) {
    return switch (status.state()) {
      case QUEUED -> "queued";
      case STARTED -> "started";
      case RETRYING -> "retrying: " + status.error();
      case FINISHED -> "finished";
      case FAILED -> "failed: " + status.error();
    };
  }
}
