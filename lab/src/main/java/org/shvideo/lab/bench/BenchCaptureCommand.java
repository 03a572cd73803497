package org.shvideo.lab.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.cli.pipeline.ShutdownSignal;
import org.shvideo.cli.pipeline.TemporaryFolder;
import org.shvideo.lab.measure.BenchReport;
import org.shvideo.lab.measure.SceneClip;
import org.shvideo.lab.measure.SceneOptions;
import org.shvideo.tasks.logging.LogLevel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures what cameras cost the capture service, against the prototype on the same stream. */
@Command(
    name = "capture",
    mixinStandardHelpOptions = true,
    description = {
      "What a camera costs the capture service: one before which nothing happens, further ones, one"
          + " that is recorded all the time; against what the prototype does with the same stream.",
      "Test cameras show the drawn scene over RTSP. Takes some minutes, most of which the cameras"
          + " need to come to rest.",
      "With --minutes it measures nothing but many idle cameras on one core, and whether a packet"
          + " is lost."
    })
final class BenchCaptureCommand implements Callable<Integer> {
  private static final String OF_A_CORE = "% of a core";

  /** Of the stream, each time: the prototype may not keep up with the camera. */
  private static final int MOST_PROTOTYPE_SECONDS = 5;

  private static final int PROTOTYPE_WARM_UP_SECONDS = 2;

  /** The system counts in hundredths of a second: a short measurement may see nothing. */
  private static final double LEAST_PERCENT = 0.1;

  @Mixin private SceneOptions scene;

  @Option(
      names = "--seconds",
      defaultValue = "20",
      description = "How long is measured each time; ${DEFAULT-VALUE} where not given.")
  private int seconds;

  @Option(
      names = "--repeats",
      defaultValue = "3",
      description = "How often is measured; ${DEFAULT-VALUE} where not given.")
  private int repeats;

  @Option(
      names = "--cameras",
      defaultValue = "8",
      description =
          "How many idle cameras tell what a further one costs; ${DEFAULT-VALUE} where not given.")
  private int cameras;

  @Option(
      names = "--minutes",
      description = "Measures only so many idle cameras, for so long, on one core.")
  private Double minutes;

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Spec private CommandSpec spec;

  private final BenchReport report = new BenchReport("capture");

  @Override
  public Integer call() throws IOException, InterruptedException {
    check(seconds > 0, "--seconds", seconds);
    check(repeats > 0, "--repeats", repeats);
    check(cameras > 1, "--cameras", cameras);
    check(minutes == null || minutes > 0, "--minutes", minutes);
    LogLevel.ERROR.apply();
    say("drawing and encoding the scene");
    SceneClip clip = SceneClip.draw(scene.scene());
    try (ShutdownSignal interruption = new ShutdownSignal(spec.commandLine().getErr());
        TemporaryFolder folder = TemporaryFolder.make("sh-video-bench")) {
      if (minutes == null) {
        compare(clip, folder.path(), interruption);
      } else {
        measureMany(clip, folder.path(), interruption);
      }
    }
    report.print(spec.commandLine().getOut(), asJson);
    return 0;
  }

  private void check(boolean right, String option, Object given) {
    if (!right) {
      throw new ParameterException(spec.commandLine(), option + " is too small: " + given);
    }
  }

  private void compare(SceneClip clip, Path folder, ShutdownSignal interruption)
      throws IOException, InterruptedException {
    EncodedVideo quiet = clip.quietAfterMotions(scene.settleSeconds(), 120 + 2 * repeats * seconds);
    CaptureSubject one;
    CaptureSubject all;
    CaptureSubject many;
    CaptureSubject busy;
    try (CaptureBench bench = new CaptureBench(folder, interruption)) {
      say("starting capture four times, with %d cameras together".formatted(cameras + 3));
      one = bench.add("capture, idle", quiet, 1, idle("suspicious"));
      all = bench.add("capture, idle, decoding all", quiet, 1, idle("all"));
      many = bench.add("capture, many idle", quiet, cameras, idle("suspicious"));
      busy = bench.add("capture, recording", clip.busy(), 1, Map.of());
      say("waiting %d s for the cameras to come to rest".formatted(scene.settleSeconds()));
      bench.settle(scene.settleSeconds());
      bench.awaitMotion(busy);
      say("capture: %d times %d s".formatted(repeats, seconds));
      bench.measure(repeats, Duration.ofSeconds(seconds));
    }
    double[] prototype = prototype(quiet, folder, interruption);

    String still = "idle camera, %d kbit/s".formatted(clip.quietKilobits());
    String moving = "constant motion, recorded, %d kbit/s".formatted(clip.busyKilobits());
    report.add("prototype: every frame decoded, MOG2", OF_A_CORE, prototype, "");
    double baseline = report.last();
    report.add(still, OF_A_CORE, one.percent(), "≤ 2");
    double atRest = report.last();
    report.add(
        "each further one of " + cameras, OF_A_CORE, further(many.percent(), one.percent()), "≤ 2");
    report.add("idle camera, MOTION_DECODE=all", OF_A_CORE, all.percent(), "");
    report.add(moving, OF_A_CORE, busy.percent(), "≤ 16");
    double recording = report.last();
    add("prototype to idle camera", "×", baseline / Math.max(LEAST_PERCENT, atRest), "");
    add("prototype to constant motion", "×", baseline / Math.max(LEAST_PERCENT, recording), "");
    report.add("memory (RSS) with one idle camera", "MiB", one.residentMib(), "");
    report.add(
        "memory of each further one of " + cameras,
        "MiB",
        further(many.residentMib(), one.residentMib()),
        "≤ 12");
  }

  private double[] prototype(EncodedVideo video, Path folder, ShutdownSignal interruption)
      throws IOException, InterruptedException {
    say("the prototype's way");
    double[] percent = new double[repeats];
    try (PrototypeSubject prototype = PrototypeSubject.start(folder.resolve("prototype"), video)) {
      double unused = prototype.percent(PROTOTYPE_WARM_UP_SECONDS, interruption);
      for (int repeat = 0; repeat < repeats; repeat++) {
        percent[repeat] =
            prototype.percent(Math.min(seconds, MOST_PROTOTYPE_SECONDS), interruption);
      }
    }
    return percent;
  }

  private static Map<String, String> idle(String decode) {
    Map<String, String> settings = new HashMap<>(CaptureBench.IDLE);
    settings.put("MOTION_DECODE", decode);
    return settings;
  }

  /** What each camera beyond the first adds, each time that was measured. */
  private double[] further(double[] many, double[] one) {
    double[] further = new double[many.length];
    for (int repeat = 0; repeat < many.length; repeat++) {
      further[repeat] = (many[repeat] - one[repeat]) / (cameras - 1);
    }
    return further;
  }

  private void measureMany(SceneClip clip, Path folder, ShutdownSignal interruption)
      throws IOException, InterruptedException {
    int lastSeconds = (int) Math.ceil(minutes * 60);
    int groups = (cameras + CaptureSubject.CAMERAS_AT_ONCE - 1) / CaptureSubject.CAMERAS_AT_ONCE;
    // The first cameras must stay quiet until the last ones have come to rest and are measured.
    int quietSeconds = 120 + lastSeconds + groups * (scene.settleSeconds() + 20);
    EncodedVideo quiet = clip.quietAfterMotions(scene.settleSeconds(), quietSeconds);
    try (CaptureBench bench = new CaptureBench(folder, interruption)) {
      CaptureSubject many = bench.add("capture, many idle", quiet, cameras, idle("suspicious"));
      say(
          "waiting %d s for %d cameras to come to rest, %d at once"
              .formatted(groups * scene.settleSeconds(), cameras, CaptureSubject.CAMERAS_AT_ONCE));
      bench.settle(scene.settleSeconds());
      String core = many.confine() ? "on one core" : "on all cores (taskset does not work here)";
      say("%d cameras %s: %s min".formatted(cameras, core, BenchReport.shown(minutes)));
      Map<String, Double> before = many.packets();
      long began = System.nanoTime();
      bench.measure(1, Duration.ofSeconds(lastSeconds));
      Map<String, Double> after = many.packets();
      double due = quiet.frameRate() * (System.nanoTime() - began) / 1e9;
      double fewest =
          after.entrySet().stream()
              .mapToDouble(camera -> camera.getValue() - before.get(camera.getKey()))
              .min()
              .orElse(0);
      String of =
          "%d idle cameras %s, %d kbit/s each".formatted(cameras, core, clip.quietKilobits());
      report.add(of, OF_A_CORE, many.percent(), "≤ 100");
      report.add("memory (RSS)", "MiB", many.residentMib(), "");
      add("packets received a camera, fewest", "", fewest, "");
      add(
          "behind the cameras, the slowest",
          "s",
          Math.max(0, due - fewest) / quiet.frameRate(),
          "");
      add("packets lost since the start, all cameras", "", many.lost(), "0");
      add("connections that broke off", "", many.reconnects(), "0");
    }
  }

  private void add(String what, String unit, double value, String target) {
    report.add(what, unit, new double[] {value}, target);
  }

  private void say(String what) {
    BenchReport.say(spec, what);
  }
}
