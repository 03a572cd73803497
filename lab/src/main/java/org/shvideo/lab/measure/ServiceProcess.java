package org.shvideo.lab.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.shvideo.cli.ShVideo;
import org.shvideo.cli.pipeline.UserException;

/**
 * A service of ours as a process of its own, which can be ended and frozen, and started again: what
 * a container's restart policy is to it. Its output goes to a file. Used by one thread.
 */
public final class ServiceProcess implements AutoCloseable {
  /** What a service may see of our environment; all else comes from its settings. */
  private static final Set<String> INHERITED =
      Set.of("PATH", "HOME", "TMPDIR", "TZ", "JAVA_HOME", "DJL_CACHE_DIR", "ENGINE_CACHE_DIR");

  /** How a Java process ends that was told to: by itself, or by the signal (128 + 15). */
  private static final Set<Integer> ENDED = Set.of(0, 143);

  private static final int LINES_TOLD = 15;

  private final String name;
  private final ProcessBuilder builder;
  private final List<String> unexpected = new ArrayList<>();
  private Process process;
  private boolean frozen;

  /**
   * @param name for messages
   * @param main the class that is started, on this process' own class path
   * @param log gets the output, after that of earlier starts
   */
  public ServiceProcess(String name, Class<?> main, Map<String, String> settings, Path log) {
    this(name, java(main), settings, log);
  }

  /** One that is given the options of capture's start script, which decide what it takes. */
  public static ServiceProcess likeCapture(
      String name, Class<?> main, Map<String, String> settings, Path log) {
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("MALLOC_ARENA_MAX", "2");
    environment.put("MALLOC_MMAP_THRESHOLD_", "262144");
    return new ServiceProcess(name, java(main, "-Xms8m", "-Xmn4m", "-Xmx64m"), environment, log);
  }

  private ServiceProcess(
      String name, List<String> command, Map<String, String> settings, Path log) {
    this.name = name;
    builder = builder(command, settings, log);
  }

  /** What starts a class of this process' own class path, as the services' start scripts do. */
  static List<String> java(Class<?> main) {
    return java(main, "-Xmx256m");
  }

  private static List<String> java(Class<?> main, String... heap) {
    String root = System.getProperty("shvideo.root", "");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(heap));
    command.addAll(
        List.of(
            "@" + Path.of(root, "build", "java.options"),
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-Dshvideo.root=" + root,
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    return command;
  }

  /**
   * What users type, where this process itself was started by {@code ./sh-video} and all is built
   * therefore; elsewhere, as in tests and in images, Java with this process' class path.
   */
  public static List<String> installed(String script, Class<?> main) {
    Path root = Path.of(System.getProperty("shvideo.root", "")).toAbsolutePath();
    String built = root.resolve("lab/target/lab/lib").toString();
    if (!System.getProperty("java.class.path").startsWith(built)) {
      return java(main);
    }
    Path file =
        main == ShVideo.class
            ? root.resolve(script)
            : root.resolve(script).resolve("target").resolve(script).resolve("bin/" + script);
    return List.of(file.toString());
  }

  /** Says what went wrong with a process, and the last of its log. */
  public static UserException failure(String what, Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return new UserException(
        "%s:%n%s"
            .formatted(
                what,
                String.join(
                    System.lineSeparator(),
                    lines.subList(Math.max(0, lines.size() - LINES_TOLD), lines.size()))));
  }

  /**
   * A process that sees nothing of our environment but these settings and what every program needs.
   *
   * @param log gets the output, after what it holds
   */
  public static ProcessBuilder builder(
      List<String> command, Map<String, String> settings, Path log) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().keySet().retainAll(INHERITED);
    builder.environment().putAll(settings);
    return builder;
  }

  public String name() {
    return name;
  }

  /** Starts it if it does not run; notes it when it had ended without being told to. */
  public void start() {
    if (process != null && process.isAlive()) {
      return;
    }
    noteUnexpectedEnd();
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be started", e);
    }
  }

  /**
   * Of the process that runs.
   *
   * @throws IllegalStateException when none does
   */
  public long pid() {
    if (process == null || !process.isAlive()) {
      throw new IllegalStateException(name + " does not run");
    }
    return process.pid();
  }

  /** SIGKILL; returns when it is gone. */
  public void kill() throws InterruptedException {
    noteUnexpectedEnd();
    if (process != null) {
      process.destroyForcibly().waitFor();
      process = null;
      frozen = false;
    }
  }

  /**
   * SIGTERM; returns when it is gone.
   *
   * @return how long it took
   */
  public Duration terminate(Duration atMost) throws InterruptedException {
    noteUnexpectedEnd();
    if (process == null) {
      return Duration.ZERO;
    }
    long began = System.nanoTime();
    process.destroy();
    if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
      unexpected.add(
          "%s was told to end and did not within %d s".formatted(name, atMost.toSeconds()));
      process.destroyForcibly().waitFor();
    } else if (!ENDED.contains(process.exitValue())) {
      unexpected.add(
          "%s was told to end and did so with status %d".formatted(name, process.exitValue()));
    }
    process = null;
    return Duration.ofNanos(System.nanoTime() - began);
  }

  /** SIGSTOP: it stands still with all it holds. */
  public void freeze() throws InterruptedException {
    noteUnexpectedEnd();
    if (process != null) {
      signal(process.toHandle(), "STOP");
      frozen = true;
    }
  }

  /** SIGCONT. */
  public void thaw() throws InterruptedException {
    if (process != null && frozen) {
      signal(process.toHandle(), "CONT");
      frozen = false;
    }
  }

  /** What it did that nobody asked for, so far. */
  public List<String> unexpected() {
    noteUnexpectedEnd();
    return List.copyOf(unexpected);
  }

  private void noteUnexpectedEnd() {
    if (process != null && !process.isAlive()) {
      unexpected.add("%s ended by itself, with status %d".formatted(name, process.exitValue()));
      process = null;
    }
  }

  /** Java itself can send no other signals than SIGTERM and SIGKILL. */
  public static void signal(ProcessHandle process, String signal) throws InterruptedException {
    try {
      new ProcessBuilder("sh", "-c", "kill -" + signal + " " + process.pid()).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("signals cannot be sent", e);
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
    }
  }
}
