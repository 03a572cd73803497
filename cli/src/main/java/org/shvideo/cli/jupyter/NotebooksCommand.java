package org.shvideo.cli.jupyter;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.cli.pipeline.EventPrinter;
import org.shvideo.cli.pipeline.Models;
import org.shvideo.cli.pipeline.ShutdownSignal;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.cli.pipeline.WorkerHost;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.queue.EmbeddedAddress;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.WorkerSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Opens the notebooks in JupyterLab, with a queue and a worker behind them. */
@Command(
    name = "notebooks",
    mixinStandardHelpOptions = true,
    description = {
      "Opens the notebooks in JupyterLab on the Java kernel, until Ctrl-C.",
      "",
      "Uses the Redis that RDS_HOST names, or that of a running 'sh-video run'; embeds one with a"
          + " worker of its own where there is neither. The first start needs Python 3.10 or later"
          + " and its venv module, and fetches JupyterLab and the kernel."
    })
public final class NotebooksCommand implements Callable<Integer> {
  private static final Duration LOOKS_EVERY = Duration.ofMillis(200);

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8888",
      description = "Port of JupyterLab, 0 for a free one; ${DEFAULT-VALUE} where not given.")
  private int port;

  @Option(
      names = "--video-dir",
      paramLabel = "DIR",
      description = "The video folder; VIDEO_DIR, or ./video, where not given.")
  private Path videoDir;

  @Option(names = "--no-browser", description = "Open no browser; the URL is printed either way.")
  private boolean noBrowser;

  @Option(
      names = "--prepare",
      description = "Only install JupyterLab and the kernel, for a later start without a network.")
  private boolean prepareOnly;

  @Spec private CommandSpec spec;

  /** Whose Redis the notebooks use. */
  enum Wiring {
    /** The one that RDS_HOST names; workers are its owner's matter. */
    NAMED,
    /** That of a running pipeline on the same folder, with its worker. */
    RUNNING,
    /** One of our own, with a worker of our own. */
    OWN
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    Settings settings = settings(Settings.ofProcess(), videoDir);
    VideoFolder folder = new VideoFolder(settings.get(VideoFolder.SETTING));
    WorkerSettings.from(settings).logLevel().apply();
    settings.check();
    Path root = Path.of(System.getProperty("shvideo.root", "")).toAbsolutePath();
    Path notebooks = root.resolve("notebooks");
    Clock clock = Clock.system(ZoneId.systemDefault());
    EventPrinter story = new EventPrinter(out, folder, clock);

    var python =
        new VirtualEnvironment(
            notebooks.resolve(".venv"), notebooks.resolve("requirements.txt"), "python3", out);
    python.prepare();
    KernelSpec.ofProcess(root)
        .install(
            notebooks.resolve("kernels/jjava/kernel.json"),
            python.home().resolve("share/jupyter/kernels/java"));
    if (prepareOnly) {
      return 0;
    }
    Files.createDirectories(folder.root());

    Wiring wiring = wiring(settings, folder);
    try (ShutdownSignal interruption = new ShutdownSignal(out);
        EmbeddedRedis redis = wiring == Wiring.OWN ? EmbeddedRedis.start(folder) : null;
        WorkerHost analysis =
            redis == null ? null : analysis(settings, redis, folder, story, clock);
        JupyterLab lab =
            JupyterLab.start(
                python, notebooks, environment(settings, folder), port, browser(settings))) {
      story.tell("queue", told(wiring));
      story.tell("folder", EventPrinter.shown(folder.root()));
      if (analysis != null) {
        story.tell("model", analysis.model());
        analysis.start();
      }
      story.tell("notebooks", lab.url());
      while (!interruption.await(LOOKS_EVERY)) {
        if (lab.awaitEnd(Duration.ZERO)) {
          story.tell("end", "JupyterLab was shut down");
          break;
        }
      }
      return 0;
    }
  }

  /** The environment with the options in front; what is logged at warning and above is enough. */
  static Settings settings(Settings environment, Path videoDir) {
    Map<String, String> given = new LinkedHashMap<>();
    if (videoDir != null) {
      given.put(VideoFolder.SETTING.name(), videoDir.toString());
    }
    if (!environment.isSet(LogLevel.SETTING.name())) {
      given.put(LogLevel.SETTING.name(), LogLevel.WARNING.name());
    }
    return environment.with(given);
  }

  static Wiring wiring(Settings settings, VideoFolder folder) {
    if (settings.isSet("RDS_HOST")) {
      return Wiring.NAMED;
    }
    return EmbeddedAddress.find(folder).filter(NotebooksCommand::answers).isPresent()
        ? Wiring.RUNNING
        : Wiring.OWN;
  }

  private static boolean answers(Map<String, String> address) {
    try (JobQueue queue = new JobQueue(QueueSettings.from(Settings.of(address)))) {
      queue.ping();
      return true;
    } catch (QueueUnavailableException e) {
      return false;
    }
  }

  /**
   * What the kernels find in their environment beside our own. Paths are absolute, because a kernel
   * runs in its notebook's folder. Not the address of an embedded Redis: notebooks find it by the
   * video folder, also after a pipeline was started again.
   */
  static Map<String, String> environment(Settings settings, VideoFolder folder) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put(
        VideoFolder.SETTING.name(), folder.root().toAbsolutePath().normalize().toString());
    for (String name : new String[] {"YOLO_MODEL", "RDS_PSW_FILE"}) {
      if (settings.isSet(name)) {
        Path file = settings.get(Setting.path(name, "", ""));
        environment.put(name, file.toAbsolutePath().toString());
      }
    }
    return environment;
  }

  private WorkerHost analysis(
      Settings settings, EmbeddedRedis redis, VideoFolder folder, EventPrinter story, Clock clock) {
    Path model;
    try {
      model = Models.find(settings);
    } catch (UserException e) {
      // Looking at the log, at clips and at the queue needs no model.
      story.tell("model", "none, so queued clips wait: " + e.getMessage());
      return null;
    }
    return WorkerHost.open(
        settings.with(redis.environment()), folder, model, story, clock, new SecureRandom());
  }

  private boolean browser(Settings settings) {
    boolean desktop =
        settings.isSet("DISPLAY")
            || settings.isSet("WAYLAND_DISPLAY")
            || System.getProperty("os.name").startsWith("Mac");
    return desktop && !noBrowser;
  }

  private static String told(Wiring wiring) {
    return switch (wiring) {
      case NAMED -> "the Redis that RDS_HOST names; its jobs wait until a worker runs there";
      case RUNNING -> "the one of the sh-video that runs on this folder";
      case OWN -> "a Redis and a worker of this process";
    };
  }
}
