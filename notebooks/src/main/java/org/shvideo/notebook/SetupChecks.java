package org.shvideo.notebook;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.shvideo.notebook.results.Results;
import org.shvideo.notebook.session.NotebookException;
import org.shvideo.notebook.session.Session;
import org.shvideo.notebook.view.Kernel;
import org.shvideo.notebook.view.Table;
import org.shvideo.notebook.view.View;
import org.shvideo.tasks.monitoring.Metrics;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.worker.yolo.YoloDetector;

/** What a notebook needs: whether it is there and, if not, what to do. */
public final class SetupChecks extends View {
  private final List<Check> checks = new ArrayList<>();

  private record Check(String name, boolean ok, String detail) {}

  SetupChecks(Session session) {
    add("Java", () -> Runtime.version().toString());
    add("kernel", () -> Kernel.current().name().orElse("none: not running in a notebook"));
    add("sh-video", Metrics::version);
    add("engine", YoloDetector::engine);
    add("model", () -> session.model(session.worker().model()).getFileName().toString());
    add("video folder", () -> folder(session.folder().root()));
    add("log", () -> Results.read(session.log()).text());
    add("Redis", () -> redis(session));
  }

  private void add(String name, Callable<String> check) {
    try {
      checks.add(new Check(name, true, NotebookException.explain(check)));
    } catch (NotebookException e) {
      checks.add(new Check(name, false, e.getMessage()));
    } catch (RuntimeException | LinkageError e) {
      checks.add(new Check(name, false, e.toString()));
    }
  }

  private static String folder(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new NotebookException(
          folder + " does not exist. Set VIDEO_DIR to the folder that capture and worker use.");
    }
    if (!Files.isReadable(folder) || !Files.isWritable(folder)) {
      throw new NotebookException("No permission to read and write " + folder);
    }
    double free = folder.toFile().getUsableSpace() / 1e9;
    return "%s, %.0f GB free".formatted(folder.getFileName(), free);
  }

  private static String redis(Session session) {
    var settings = session.queue(session.worker().queue().queue());
    try (JobQueue queue = new JobQueue(settings)) {
      queue.ping();
    }
    // An embedded one has another port at each start, which is of no interest.
    return session.namesRedis()
        ? "connected to %s:%d, queue %s"
            .formatted(settings.host(), settings.port(), settings.queue())
        : "connected to that of ./sh-video on this folder, queue " + settings.queue();
  }

  @Override
  public Map<String, String> mimeBundle() {
    var table =
        Table.of(checks)
            .column("", check -> check.ok() ? "✔" : "✘")
            .column("what", Check::name)
            .column("found", Check::detail)
            .mimeBundle();
    String html =
        table
            .get("text/html")
            .replace(">✔<", "><span style=\"color:green\">✔</span><")
            .replace(">✘<", "><span style=\"color:red\">✘</span><");
    return Map.of("text/html", html, "text/plain", table.get("text/plain"));
  }
}
