package org.shvideo.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.shvideo.capture.clip.ClipListener;
import org.shvideo.capture.clip.ClipStore;
import org.shvideo.capture.clip.OutboxSender;
import org.shvideo.cli.Ledger.Anomaly;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.queue.EmbeddedAddress;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Accounts for every clip, and mends what can be mended without risk. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Accounts for every published clip: it has a line, or a job that will bring it one.",
      "",
      "Looks at the video folder, the outbox, the queue and the log, and names what is not as it"
          + " should be. Uses the Redis that RDS_HOST names, that of a running 'sh-video run', or"
          + " starts the embedded one for the moment. Exit status 0 when all is well, 1 when not."
    })
final class CheckCommand implements Callable<Integer> {
  private static final ObjectMapper json = new JsonMapper();
  private static final Duration SENT_WITHIN = Duration.ofSeconds(20);

  @Mixin private QueueOptions options;

  @Option(
      names = "--repair",
      description =
          "Queue clips that have no job, salvage recordings that were left unfinished, send jobs"
              + " that were not sent. Nothing is deleted.")
  private boolean repair;

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    LogLevel.ERROR.apply();
    VideoFolder folder = options.folder();
    if (!Files.isDirectory(folder.root())) {
      throw new UserException(
          "There is no folder " + folder.root() + "; --video-dir or VIDEO_DIR names the right one");
    }
    Settings settings = EmbeddedAddress.wire(Settings.ofProcess(), folder);
    if (settings.isSet("RDS_HOST")) {
      return check(folder, settings);
    }
    if (!Files.isDirectory(EmbeddedAddress.home(folder))) {
      return check(folder, null);
    }
    try (EmbeddedRedis redis = EmbeddedRedis.start(folder)) {
      return check(folder, settings.with(redis.environment()));
    }
  }

  /**
   * @param settings null where no queue was ever made for the folder
   */
  private int check(VideoFolder folder, Settings settings) throws Exception {
    if (settings == null) {
      if (repair) {
        throw new UserException(
            "There is no queue to repair into: RDS_HOST names none, and no 'sh-video run' ever used"
                + " "
                + folder.root());
      }
      return tell(Ledger.of(folder, null, capturing(folder)));
    }
    QueueSettings queueSettings = QueueSettings.from(settings);
    settings.check();
    try (JobQueue queue = new JobQueue(queueSettings)) {
      queue.ping();
      if (repair) {
        repair(folder, queue);
      }
      return tell(Ledger.of(folder, queue, capturing(folder)));
    }
  }

  private void repair(VideoFolder folder, JobQueue queue) throws Exception {
    PrintWriter err = spec.commandLine().getErr();
    if (capturing(folder)) {
      err.println("A capture service records here: its recordings and jobs are left to it.");
    } else {
      finishCapturesWork(folder, queue, err);
    }
    for (Anomaly anomaly : Ledger.of(folder, queue, capturing(folder)).anomalies()) {
      if (anomaly.kind() == Ledger.Kind.CLIP_WITHOUT_JOB) {
        Job job = Job.forFile(anomaly.what());
        queue.enqueue(job);
        err.println("Queued " + anomaly.what() + ", job " + job.id());
      }
    }
  }

  /** As at a start of capture: salvages what it left behind, and sends what it did not send. */
  private static void finishCapturesWork(VideoFolder folder, JobQueue queue, PrintWriter err)
      throws Exception {
    ClipListener listener =
        new ClipListener() {
          @Override
          public void published(Path clip, Job job) {
            err.println("Salvaged " + clip.getFileName() + ", job " + job.id());
          }

          @Override
          public void queued(Job job) {
            err.println("Sent " + job.filename() + ", job " + job.id());
          }
        };
    Clock clock = Clock.system(ZoneId.systemDefault());
    try (ClipStore store = ClipStore.open(folder, true, clock, listener);
        OutboxSender sender = new OutboxSender(store, queue, new SecureRandom(), listener)) {
      sender.start();
      long deadline = System.nanoTime() + SENT_WITHIN.toNanos();
      while (sender.waiting() > 0 && System.nanoTime() < deadline) {
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  private static boolean capturing(VideoFolder folder) throws IOException {
    return ClipStore.isInUse(folder);
  }

  private int tell(Ledger ledger) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (asJson) {
      out.println(json.writeValueAsString(ledger));
    } else {
      print(ledger, out);
    }
    return ledger.clean() ? 0 : 1;
  }

  /** For people. */
  static void print(Ledger ledger, PrintWriter out) {
    out.printf("%6d clips published and still there%n", ledger.published());
    out.printf("%6d   analysed%n", ledger.analysed());
    out.printf("%6d   failed, with the reason in the log%n", ledger.failed());
    out.printf("%6d   waiting or in work%n", ledger.waiting());
    out.printf("%6d   unaccounted%n", ledger.unaccounted());
    out.printf("%6d clips that were deleted to keep the limits%n", ledger.deleted());
    out.printf("%6d clips in the log that were removed otherwise%n", ledger.removed());
    out.printf("%6d other videos in the folder%n", ledger.others());
    for (Anomaly anomaly : ledger.anomalies()) {
      out.printf(
          "%s: %s. Mend: %s%n", anomaly.kind().text(), anomaly.what(), anomaly.kind().mend());
    }
    out.println("unaccounted = " + ledger.unaccounted());
  }
}
