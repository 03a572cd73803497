package org.shvideo.lab.chaos;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.shvideo.cli.pipeline.Models;
import org.shvideo.cli.pipeline.ShutdownSignal;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.lab.chaos.ChaosPlan.Injection;
import org.shvideo.lab.measure.BenchmarkReport;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Tests that no clip is lost under random faults. */
@Command(
    name = "chaos",
    description = {
      "Kills, suspends and disconnects the parts of the pipeline at random, and checks that nothing"
          + " was lost.",
      "",
      "Runs three test cameras, capture, two workers and Redis in a folder of their own. After the"
          + " faults they finish their work, and every clip is checked. Exit status: 0 if all"
          + " guarantees were kept, else 1; then the folder is kept."
    })
public final class ChaosCommand implements Callable<Integer> {
  /** Jobs that are lost come back in a few leases, of 0.3 s here instead of 30 s. */
  private static final Duration MAX_WAIT = Duration.ofMinutes(5);

  @Option(
      names = "--minutes",
      defaultValue = "3",
      paramLabel = "M",
      description = "How long to inject faults (default: ${DEFAULT-VALUE}).")
  private double minutes;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seed of the random faults (default: random).")
  private Long seed;

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description =
          "An empty or new folder to work in, which is kept (default: a temporary folder).")
  private Path folder;

  @Option(
      names = "--queue-only",
      description =
          "Without cameras, clips and model: many threads queue, take and settle jobs, and each"
              + " step is checked.")
  private boolean queueOnly;

  @Option(
      names = "--operations",
      defaultValue = "100000",
      paramLabel = "N",
      description = "With --queue-only: how many calls of the queue (default: ${DEFAULT-VALUE}).")
  private long operations;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show each fault.")
  private boolean verbose;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (!(minutes > 0 && minutes <= 24 * 60)) {
      throw new ParameterException(
          spec.commandLine(), "--minutes must be above 0 and at most 1440, not " + minutes);
    }
    LogLevel.ERROR.apply();
    PrintWriter out = spec.commandLine().getOut();
    long usedSeed = seed == null ? new Random().nextInt(1_000_000) : seed;
    Path work = folder == null ? Files.createTempDirectory("sh-video-chaos") : requireEmpty(folder);
    if (queueOnly) {
      return runQueue(work, usedSeed, out);
    }
    Path model = Models.findOrBuiltIn(Settings.of(Map.of()), out);
    Duration length = Duration.ofMillis(Math.round(minutes * 60_000));
    ChaosPlan plan =
        ChaosPlan.draw(new Random(usedSeed), length, ChaosPipeline.WORKERS, ChaosPipeline.CAMERAS);
    out.printf(
        "Seed %d, %s min, %d faults: %d test cameras, capture, %d workers and Redis in %s%n",
        usedSeed,
        BenchmarkReport.format(minutes),
        plan.injections().size(),
        ChaosPipeline.CAMERAS,
        ChaosPipeline.WORKERS,
        work);
    out.flush();
    ChaosReport report = run(plan, work, model, out);
    if (folder == null && report.kept()) {
      FileOperations.deleteTree(work);
    } else {
      out.println("Clips and logs are in " + work);
    }
    out.println(report.kept() ? "All guarantees were kept." : "A guarantee was VIOLATED.");
    return report.kept() ? 0 : 1;
  }

  private int runQueue(Path work, long usedSeed, PrintWriter out)
      throws IOException, InterruptedException {
    out.printf("Seed %d, %,d operations on Redis in %s%n", usedSeed, operations, work);
    out.flush();
    QueueChaos chaos = QueueChaos.run(work, operations, usedSeed);
    List<String> violations = new ArrayList<>(chaos.problems());
    violations.addAll(chaos.history.violations());
    if (chaos.history.longest().compareTo(MAX_WAIT) > 0) {
      violations.add("a clip waited for its line for more than " + MAX_WAIT.toMinutes() + " min");
    }
    out.printf("%n%-75s times%n", "fault");
    chaos.faults.forEach((fault, times) -> out.printf("%-75s %5d%n", fault.text, times));
    out.printf(
        "%n%,d operations checked, %,d clips, %,d queued again because Redis had lost their jobs%n",
        chaos.history.operations(), chaos.history.clips(), chaos.queuedAgain.get());
    out.printf(
        "longest time from clip to line: %.1f s%n", chaos.history.longest().toMillis() / 1e3);
    violations.stream().limit(20).forEach(violation -> out.println("VIOLATED " + violation));
    out.printf("%d violations%n", violations.size());
    if (folder == null && violations.isEmpty()) {
      FileOperations.deleteTree(work);
    }
    return violations.isEmpty() ? 0 : 1;
  }

  private ChaosReport run(ChaosPlan plan, Path work, Path model, PrintWriter out)
      throws IOException, InterruptedException {
    VideoFolder video = new VideoFolder(work.resolve("video"));
    try (ShutdownSignal shutdown = new ShutdownSignal(out);
        ChaosPipeline pipeline = new ChaosPipeline(video, model, work)) {
      FolderObserver observer = new FolderObserver(video);
      FaultInjector injector = new FaultInjector(pipeline, observer);
      List<String> problems;
      try (observer) {
        observer.start();
        pipeline.startServices();
        injector.run(plan, shutdown, (at, injection) -> print(at, injection, out));
        out.println("Waiting until all work is finished.");
        out.flush();
        problems = pipeline.finish();
      }
      print(injector, out);
      try (JobQueue queue = pipeline.openQueue()) {
        ChaosReport report =
            ChaosReport.of(video, queue, observer, problems, pipeline.slowestShutdown);
        report.print(out);
        return report;
      }
    }
  }

  private void print(Duration at, Injection injection, PrintWriter out) {
    if (verbose) {
      out.printf(
          "%6.1f s  %s%s, for %.1f s%n",
          at.toMillis() / 1e3,
          injection.fault().text,
          injection.index() == 0 ? "" : " (no. %d)".formatted(injection.index() + 1),
          injection.length().toMillis() / 1e3);
      out.flush();
    }
  }

  private static void print(FaultInjector injector, PrintWriter out) {
    out.printf("%n%-60s times%n", "fault");
    for (ChaosFault fault : ChaosFault.values()) {
      out.printf("%-60s %5d%n", fault.text, injector.counts.getOrDefault(fault, 0));
    }
    int total = injector.counts.values().stream().mapToInt(Integer::intValue).sum();
    out.printf("%-60s %5d%n", "total", total);
    out.printf(
        "Power cuts removed %d bytes that Redis had written.%n%n", injector.bytesLostInPowerCuts);
  }

  private static Path requireEmpty(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (var files = Files.list(folder)) {
      if (files.findAny().isPresent()) {
        throw new UserException(
            folder + " is not empty. Set --folder to a new or an empty folder.");
      }
    }
    return folder.toAbsolutePath().normalize();
  }
}
