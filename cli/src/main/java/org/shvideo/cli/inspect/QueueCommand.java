package org.shvideo.cli.inspect;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobStatus;
import org.shvideo.tasks.queue.DeadLetter;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueDepth;
import org.shvideo.tasks.video.ClipNameException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks into the queue, and puts a clip into it by hand. */
@Command(
    name = "queue",
    mixinStandardHelpOptions = true,
    description = {
      "Shows how many jobs wait, run, wait for another attempt or were given up, and which.",
      "Finds the Redis of a running 'sh-video run' by itself; RDS_HOST names another."
    },
    subcommands = {
      QueueCommand.Add.class,
      QueueCommand.Show.class,
      QueueCommand.Dead.class,
    })
public final class QueueCommand implements Callable<Integer> {
  private static final ObjectMapper json =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .build();

  @Mixin private QueueOptions options;

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Option(
      names = "--most",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many jobs to list; ${DEFAULT-VALUE} where not given.")
  private int most;

  @Spec private CommandSpec spec;

  private record Overview(QueueDepth depth, List<JobStatus> open) {}

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try (JobQueue queue = options.open()) {
      Overview overview = new Overview(queue.depth(), queue.open(most));
      if (asJson) {
        out.println(json.writeValueAsString(overview));
        return 0;
      }
      QueueDepth depth = overview.depth();
      out.printf(
          "%d waiting, %d started, %d to be retried, %d given up%n",
          depth.waiting(), depth.started(), depth.retrying(), depth.dead());
      for (JobStatus status : overview.open()) {
        out.println("  " + oneLine(status));
      }
    }
    return 0;
  }

  private static String oneLine(JobStatus status) {
    String state = status.state().name().toLowerCase(Locale.ROOT);
    String detail =
        switch (status.state()) {
          case QUEUED -> status.enqueued() == null ? "" : "for " + ago(status.enqueued());
          case STARTED ->
              "%.0f %%, attempt %d, by %s"
                  .formatted(status.progress() * 100, status.attempt(), status.worker());
          case RETRYING -> "after attempt %d: %s".formatted(status.attempt(), status.error());
          case FINISHED -> status.ended() == null ? "" : ago(status.ended()) + " ago";
          case FAILED -> status.error();
        };
    return "%s  %-9s %s  %s".formatted(status.job().id(), state, status.job().filename(), detail);
  }

  private static String ago(Instant then) {
    Duration since = Duration.between(then, Instant.now());
    return since.toMinutes() < 2
        ? since.toSeconds() + " s"
        : since.toHours() < 2 ? since.toMinutes() + " min" : since.toHours() + " h";
  }

  @Command(
      name = "add",
      mixinStandardHelpOptions = true,
      description = "Queues files of the video folder, also ones that were analysed before.")
  static final class Add implements Callable<Integer> {
    @Mixin private QueueOptions options;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Names inside the video folder.")
    private List<String> files;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      // All names are looked at before the first job is sent: half an order helps nobody.
      for (String file : files) {
        try {
          options.folder().clip(file);
        } catch (ClipNameException e) {
          throw new UserException(
              e.getMessage() + " (" + options.folder().root() + "); nothing was queued", e);
        }
      }
      try (JobQueue queue = options.open()) {
        for (String file : files) {
          Job job = Job.forFile(file);
          queue.enqueue(job);
          spec.commandLine().getOut().printf("Job %s queued for file %s%n", job.id(), file);
        }
      }
      return 0;
    }
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Shows all that is known of a job.")
  static final class Show implements Callable<Integer> {
    @Mixin private QueueOptions options;

    @Parameters(paramLabel = "ID", description = "The job's id, as 'queue' and the log show it.")
    private String id;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
      try (JobQueue queue = options.open()) {
        JobStatus status =
            queue
                .status(id)
                .orElseThrow(
                    () ->
                        new UserException(
                            "No job "
                                + id
                                + ": never queued, or ended so long ago that only the log knows"
                                + " it"));
        spec.commandLine()
            .getOut()
            .println(json.writerWithDefaultPrettyPrinter().writeValueAsString(status));
      }
      return 0;
    }
  }

  @Command(
      name = "dead",
      mixinStandardHelpOptions = true,
      description = "Lists the jobs that were given up, newest first, with the reason.")
  static final class Dead implements Callable<Integer> {
    @Mixin private QueueOptions options;

    @Option(
        names = "--most",
        paramLabel = "N",
        defaultValue = "20",
        description = "How many to list; ${DEFAULT-VALUE} where not given.")
    private int most;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      try (JobQueue queue = options.open()) {
        List<DeadLetter> letters = queue.dead(most);
        for (DeadLetter letter : letters) {
          out.printf(
              "%s  %s  %s  attempt %d: %s%n",
              letter.at(),
              letter.job().id(),
              letter.job().filename(),
              letter.attempt(),
              letter.error());
        }
        if (letters.isEmpty()) {
          out.println("No job was given up.");
        }
      }
      return 0;
    }
  }
}
