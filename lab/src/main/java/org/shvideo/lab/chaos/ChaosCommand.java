package org.shvideo.lab.chaos;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.shvideo.cli.pipeline.Models;
import org.shvideo.cli.pipeline.ShutdownSignal;
import org.shvideo.cli.pipeline.TemporaryFolder;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.lab.chaos.ChaosVerdict.Point;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Proves on this machine that nothing is lost. */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    description = {
      "Kills, freezes and cuts off every part of the pipeline at random moments, and checks that"
          + " nothing was lost.",
      "",
      "Three test cameras, capture, two workers and Redis run as processes of their own in a folder"
          + " of their own. After so many minutes they are left to settle, and every clip that was"
          + " begun is looked at. Exit status 0 when the promise was kept, 1 when not; then the"
          + " folder stays."
    })
public final class ChaosCommand implements Callable<Integer> {
  @Option(
      names = "--minutes",
      defaultValue = "3",
      paramLabel = "M",
      description = "How long faults strike; ${DEFAULT-VALUE} where not given.")
  private double minutes;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "What strikes when is drawn from this number; any where not given.")
  private Long seed;

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description =
          "An empty or new folder to work in, which stays; a temporary one where not given.")
  private Path folder;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show each fault as it strikes.")
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
    long drawn = seed == null ? new Random().nextInt(1_000_000) : seed;
    Path work = folder == null ? Files.createTempDirectory("sh-video-chaos") : usable(folder);
    Path model = Models.findOrBuiltIn(Settings.of(Map.of()), out);
    Duration length = Duration.ofMillis(Math.round(minutes * 60_000));
    ChaosPlan plan = ChaosPlan.draw(new Random(drawn), length, ChaosRun.WORKERS, ChaosRun.CAMERAS);
    out.printf(
        "Seed %d, %s min, %d faults: %d test cameras, capture, %d workers and Redis in %s%n",
        drawn, shown(minutes), plan.strikes().size(), ChaosRun.CAMERAS, ChaosRun.WORKERS, work);
    out.flush();
    ChaosVerdict verdict = run(plan, work, model, out);
    if (folder == null && verdict.kept()) {
      new TemporaryFolder(work).close();
    } else {
      out.println("Clips, log and the services' output are in " + work);
    }
    out.println(verdict.kept() ? "The promise was kept." : "The promise was BROKEN.");
    return verdict.kept() ? 0 : 1;
  }

  private ChaosVerdict run(ChaosPlan plan, Path work, Path model, PrintWriter out)
      throws Exception {
    VideoFolder video = new VideoFolder(work.resolve("video"));
    try (ShutdownSignal interruption = new ShutdownSignal(out);
        ChaosRun run = ChaosRun.open(video, model, work)) {
      run.strike(
          plan,
          interruption,
          (at, strike) -> {
            if (verbose) {
              out.printf(
                  "%6.1f s  %s%s, for %.1f s%n",
                  at.toMillis() / 1e3,
                  strike.fault().text(),
                  strike.index() == 0 ? "" : " (no. %d)".formatted(strike.index() + 1),
                  strike.length().toMillis() / 1e3);
              out.flush();
            }
          });
      out.println("Settling.");
      out.flush();
      List<String> restless = run.settle();
      try (JobQueue queue = run.queue()) {
        ChaosVerdict verdict =
            ChaosVerdict.of(video, queue, run.witness(), restless, run.slowestEnd());
        tell(run.struck(), run.lostInPowerCuts(), verdict, out);
        return verdict;
      }
    }
  }

  private static void tell(
      Map<ChaosFault, Integer> struck,
      long lostInPowerCuts,
      ChaosVerdict verdict,
      PrintWriter out) {
    out.printf("%n%-60s times%n", "fault");
    for (ChaosFault fault : ChaosFault.values()) {
      out.printf("%-60s %5d%n", fault.text(), struck.getOrDefault(fault, 0));
    }
    out.printf("%-60s %5d%n", "in all", struck.values().stream().mapToInt(Integer::intValue).sum());
    out.printf("Redis had written %d bytes that power cuts took away again.%n%n", lostInPowerCuts);
    verdict.ledger().print(out);
    out.println();
    for (Point point : verdict.points()) {
      out.printf("%-6s %s (%s)%n", point.kept() ? "kept" : "BROKEN", point.promise(), point.seen());
      point.shown().forEach(what -> out.println("         " + what));
    }
    out.println();
  }

  private Path usable(Path wanted) throws IOException {
    Files.createDirectories(wanted);
    try (var files = Files.list(wanted)) {
      if (files.findAny().isPresent()) {
        throw new UserException(wanted + " is not empty: --folder names a new or an empty folder");
      }
    }
    return wanted.toAbsolutePath().normalize();
  }

  private static String shown(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }
}
