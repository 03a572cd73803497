package org.shvideo.notebook;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.worker.yolo.ModelSource;
import org.shvideo.worker.yolo.YoloDetector;

/** What a notebook needs, each with whether it is there and, where not, what to do. */
public final class SetupChecks implements View {
  private static final int OLDEST_JAVA = 17;

  private final List<Check> checks;

  /**
   * One of them.
   *
   * @param detail what was found, or what to do about what was not
   */
  public record Check(String name, boolean ok, String detail) {}

  private SetupChecks(List<Check> checks) {
    this.checks = List.copyOf(checks);
  }

  static SetupChecks run(Notebook notebook) {
    List<Check> checks = new ArrayList<>();
    int java = Runtime.version().feature();
    checks.add(
        new Check(
            "Java",
            java >= OLDEST_JAVA,
            Runtime.version() + (java >= OLDEST_JAVA ? "" : ": version 17 or later is needed")));
    checks.add(
        new Check("kernel", true, Kernel.current().name().orElse("none: this is no notebook")));
    checks.add(new Check("sh-video", true, version()));
    checks.add(check("engine", YoloDetector::engine));
    checks.add(check("model", () -> model(notebook)));
    checks.add(folder(notebook.folder().root()));
    checks.add(check("log", () -> notebook.results().text()));
    checks.add(check("Redis", () -> redis(notebook)));
    return new SetupChecks(checks);
  }

  private static Check check(String name, Callable<String> question) {
    try {
      return new Check(name, true, NotebookException.explained(question));
    } catch (NotebookException e) {
      return new Check(name, false, e.getMessage());
    } catch (RuntimeException | LinkageError e) {
      return new Check(name, false, e.toString());
    }
  }

  private static String redis(Notebook notebook) {
    var settings = notebook.jobs().settings();
    try (JobQueue queue = new JobQueue(settings)) {
      queue.ping();
      // The port of an embedded one is another at each start and tells nothing.
      return notebook.namesRedis()
          ? "answers at %s:%d, queue %s"
              .formatted(settings.host(), settings.port(), settings.queue())
          : "answers, that of ./sh-video on this folder, queue " + settings.queue();
    }
  }

  private static String model(Notebook notebook) throws Exception {
    Path root = Path.of(System.getProperty("shvideo.root", ""));
    return new ModelSource(notebook.worker().model(), root).find().getFileName().toString();
  }

  private static Check folder(Path folder) {
    if (!Files.isDirectory(folder)) {
      return new Check(
          "video folder",
          false,
          "%s is not there. VIDEO_DIR says where it is; it must be the one that capture and worker use."
              .formatted(folder));
    }
    boolean usable = Files.isReadable(folder) && Files.isWritable(folder);
    return new Check(
        "video folder",
        usable,
        usable
            ? "%s, %.0f GB free"
                .formatted(folder.getFileName(), folder.toFile().getUsableSpace() / 1e9)
            : "%s may not be read and written by this user".formatted(folder));
  }

  private static String version() {
    try (InputStream in =
        SetupChecks.class.getResourceAsStream(
            "/META-INF/maven/org.shvideo/notebooks/pom.properties")) {
      if (in != null) {
        Properties properties = new Properties();
        properties.load(in);
        return properties.getProperty("version");
      }
    } catch (java.io.IOException e) {
      // as if it were not there
    }
    return "run from its classes, without a version";
  }

  /** All of them. */
  public List<Check> all() {
    return checks;
  }

  /** Whether nothing is missing. */
  public boolean ok() {
    return checks.stream().allMatch(Check::ok);
  }

  private View table() {
    return Table.of(checks)
        .column("", check -> check.ok() ? "✔" : "✘")
        .column("what", Check::name)
        .column("found", Check::detail);
  }

  @Override
  public String text() {
    return table().text();
  }

  @Override
  public Map<String, String> forms() {
    String html =
        table()
            .forms()
            .get("text/html")
            .replace(">✔<", "><span style=\"color:green\">✔</span><")
            .replace(">✘<", "><span style=\"color:red\">✘</span><");
    return Map.of("text/html", html, "text/plain", text());
  }

  @Override
  public String toString() {
    return text();
  }
}
