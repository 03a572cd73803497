package org.shvideo.cli.inspect;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.cli.pipeline.VideoFolderOption;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobStatus;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.queue.DeadLetter;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueDepth;
import org.shvideo.tasks.video.ClipNameException;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the jobs in the queue, and adds some by hand. */
@Command(
    name = "queue",
    description = {
      "Shows the number of jobs that are waiting, started, retrying or dead, and lists them.",
      "Uses the Redis at RDS_HOST, or that of a running 'sh-video run'."
    })
public final class QueueCommand implements Callable<Integer> {
  @Mixin private VideoFolderOption videoFolder;

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Option(
      names = "--most",
      paramLabel = "N",
      defaultValue = "20",
      description = "Maximum number of jobs to list (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Spec private CommandSpec spec;

  private record Overview(QueueDepth depth, List<JobStatus> open) {}

  @Override
  public Integer call() {
    try (JobQueue queue = videoFolder.openQueue()) {
      Overview overview = new Overview(queue.depth(), queue.openJobs(limit));
      if (asJson) {
        out().println(Json.write(overview));
        return 0;
      }
      out().println(overview.depth().text());
      for (JobStatus status : overview.open()) {
        out().println("  " + describe(status));
      }
    }
    return 0;
  }

  private static String describe(JobStatus status) {
    String state = status.state().name().toLowerCase(Locale.ROOT);
    String detail =
        switch (status.state()) {
          case QUEUED -> status.enqueued() == null ? "" : "for " + age(status.enqueued());
          case STARTED ->
              "%.0f %%, attempt %d, by %s"
                  .formatted(status.progress() * 100, status.attempt(), status.worker());
          case RETRYING -> "after attempt %d: %s".formatted(status.attempt(), status.error());
          case FINISHED -> status.ended() == null ? "" : age(status.ended()) + " ago";
          case FAILED -> status.error();
        };
    return "%s  %-9s %s  %s".formatted(status.job().id(), state, status.job().filename(), detail);
  }

  private static String age(Instant then) {
    Duration since = Duration.between(then, Instant.now());
    return since.toMinutes() < 2
        ? since.toSeconds() + " s"
        : since.toHours() < 2 ? since.toMinutes() + " min" : since.toHours() + " h";
  }

  @Command(
      name = "add",
      mixinStandardHelpOptions = true, // picocli counts it when it calls a method
      description = "Queues files in the video folder, even if they were analysed before.")
  void add(
      @Mixin VideoFolderOption videoFolder,
      @Parameters(
              arity = "1..*",
              paramLabel = "FILE",
              description = "Names of files in the video folder.")
          List<String> files) {
    // All names are checked before the first job is queued: all or nothing.
    VideoFolder folder = videoFolder.folder();
    for (String file : files) {
      try {
        folder.clip(file);
      } catch (ClipNameException e) {
        throw new UserException(
            "%s (%s); nothing was queued".formatted(e.getMessage(), folder.root()), e);
      }
    }
    try (JobQueue queue = videoFolder.openQueue()) {
      for (String file : files) {
        Job job = Job.forFile(file);
        queue.enqueue(job);
        out().printf("Job %s queued for file %s%n", job.id(), file);
      }
    }
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Shows the status of a job.")
  void show(
      @Mixin VideoFolderOption videoFolder,
      @Parameters(paramLabel = "ID", description = "The ID of the job, as in 'queue' and the log.")
          String id) {
    try (JobQueue queue = videoFolder.openQueue()) {
      JobStatus status =
          queue
              .status(id)
              .orElseThrow(
                  () ->
                      new UserException(
                          "No job %s: it was never queued, or its status has expired. See the log."
                              .formatted(id)));
      out().println(Json.writeIndented(status));
    }
  }

  @Command(
      name = "dead",
      mixinStandardHelpOptions = true,
      description = "Lists dead letters: failed jobs that are not retried, newest first.")
  void dead(
      @Mixin VideoFolderOption videoFolder,
      @Option(
              names = "--most",
              paramLabel = "N",
              defaultValue = "20",
              description = "Maximum number of jobs to list (default: ${DEFAULT-VALUE}).")
          int limit) {
    try (JobQueue queue = videoFolder.openQueue()) {
      List<DeadLetter> letters = queue.deadLetters(limit);
      for (DeadLetter letter : letters) {
        Job job = letter.job();
        out()
            .printf(
                "%s  %s  %s  attempt %d: %s%n",
                letter.at(), job.id(), job.filename(), letter.attempt(), letter.error());
      }
      if (letters.isEmpty()) {
        out().println("No dead letters.");
      }
    }
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
