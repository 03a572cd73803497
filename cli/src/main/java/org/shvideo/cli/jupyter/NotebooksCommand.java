package org.shvideo.cli.jupyter;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.shvideo.cli.pipeline.SupervisedWorker;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.cli.pipeline.VideoFolderOption;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.queue.EmbeddedRedisAddress;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.WorkerSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Opens the notebooks in JupyterLab, with a queue and a worker behind them. */
@Command(
    name = "notebooks",
    description = {
      "Opens the notebooks in JupyterLab on the Java kernel, until Ctrl-C.",
      "",
      "Uses the Redis at RDS_HOST, or that of a running 'sh-video run'; if there is neither, embeds"
          + " one and runs a worker. The first start needs Python 3.10 or later with its venv"
          + " module, and downloads JupyterLab and the kernel."
    })
public final class NotebooksCommand implements Callable<Integer> {
  private static final Duration POLL_INTERVAL = Duration.ofMillis(200);

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8888",
      description = "Port of JupyterLab; 0 for any free port (default: ${DEFAULT-VALUE}).")
  private int port;

  @Mixin private VideoFolderOption videoFolder;

  @Option(names = "--no-browser", description = "Do not open a browser, only print the URL.")
  private boolean noBrowser;

  @Option(
      names = "--prepare",
      description = "Only install JupyterLab and the kernel, so that later starts need no network.")
  private boolean prepareOnly;

  @Spec private CommandSpec spec;

  /** Which queue the notebooks use, and the message about it. */
  enum QueueSource {
    /** The Redis at RDS_HOST; its owner runs the workers. */
    CONFIGURED("the Redis at RDS_HOST; its jobs wait until a worker runs there"),
    /** That of a running pipeline on the same folder, with its worker. */
    RUNNING("that of the sh-video that runs on this folder"),
    /** A Redis and a worker of this command. */
    EMBEDDED("a Redis and a worker of this command");

    private final String text;

    QueueSource(String text) {
      this.text = text;
    }
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    // Only warnings and errors are logged unless LOGLEVEL is set.
    Settings settings =
        videoFolder.addTo(Settings.ofProcess()).withDefault(LogLevel.SETTING, LogLevel.WARNING);
    VideoFolder folder = new VideoFolder(settings.get(VideoFolder.SETTING));
    settings.read(WorkerSettings::from).logLevel().apply();
    Path root = Path.of(System.getProperty("shvideo.root", "")).toAbsolutePath();
    Path notebooks = root.resolve("notebooks");
    Clock clock = Clock.system(ZoneId.systemDefault());
    EventPrinter events = new EventPrinter(out, folder, clock);

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

    QueueSource queueSource = queueSource(settings, folder);
    try (ShutdownSignal shutdown = new ShutdownSignal(out);
        EmbeddedRedis redis =
            queueSource == QueueSource.EMBEDDED ? EmbeddedRedis.start(folder) : null;
        SupervisedWorker worker =
            redis == null ? null : startWorker(settings, redis, folder, events);
        JupyterLab lab =
            JupyterLab.start(
                python, notebooks, environment(settings, folder), port, openBrowser(settings))) {
      events.print("queue", queueSource.text);
      events.print("folder", EventPrinter.displayPath(folder.root()));
      if (worker != null) {
        events.print("model", worker.model());
      }
      events.print("notebooks", lab.url());
      while (!shutdown.await(POLL_INTERVAL)) {
        if (!lab.isAlive()) {
          events.print("end", "JupyterLab was shut down");
          break;
        }
      }
      return 0;
    }
  }

  static QueueSource queueSource(Settings settings, VideoFolder folder) {
    if (settings.isSet("RDS_HOST")) {
      return QueueSource.CONFIGURED;
    }
    return EmbeddedRedisAddress.find(folder).filter(NotebooksCommand::responds).isPresent()
        ? QueueSource.RUNNING
        : QueueSource.EMBEDDED;
  }

  private static boolean responds(Map<String, String> address) {
    try (JobQueue queue = new JobQueue(QueueSettings.from(Settings.of(address)))) {
      queue.ping();
      return true;
    } catch (QueueUnavailableException e) {
      return false;
    }
  }

  /**
   * What is added to the environment of the kernels. Paths are absolute, because a kernel runs in
   * the folder of its notebook. The address of an embedded Redis is not included: notebooks find it
   * by the video folder, even after the pipeline was restarted.
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

  private static SupervisedWorker startWorker(
      Settings settings, EmbeddedRedis redis, VideoFolder folder, EventPrinter events) {
    Path model;
    try {
      model = Models.find(settings);
    } catch (UserException e) {
      // Notebooks that show the log, clips and the queue need no model.
      events.print("model", "not found, so clips stay queued: " + e.getMessage());
      return null;
    }
    return SupervisedWorker.start(settings.with(redis.environment()), folder, model, events);
  }

  private boolean openBrowser(Settings settings) {
    boolean desktop =
        settings.isSet("DISPLAY")
            || settings.isSet("WAYLAND_DISPLAY")
            || System.getProperty("os.name").startsWith("Mac");
    return desktop && !noBrowser;
  }
}
