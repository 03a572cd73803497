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
import org.shvideo.capture.CaptureMain;
import org.shvideo.cli.pipeline.JavaCommand;
import org.shvideo.cli.pipeline.LogTail;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.tasks.lifecycle.Watchdog;

/**
 * A service that runs as a process and can be killed, suspended and restarted, as by a container's
 * restart policy. Its output goes to a file. Not thread-safe.
 */
public final class ServiceProcess implements AutoCloseable {
  /** The only variables that a service inherits from this process. */
  private static final Set<String> INHERITED_VARIABLES =
      Set.of("PATH", "HOME", "TMPDIR", "TZ", "JAVA_HOME", "DJL_CACHE_DIR", "ENGINE_CACHE_DIR");

  /** Exit statuses after SIGTERM: of an orderly shutdown, or of the signal (128 + 15). */
  private static final Set<Integer> TERMINATED_STATUSES = Set.of(0, 143);

  private final String name;
  private final Path log;
  private final ProcessBuilder builder;
  private final List<String> unexpected = new ArrayList<>();
  private Process process;
  private boolean suspended;

  private ServiceProcess(
      String name, List<String> command, Map<String, String> settings, Path log) {
    this.name = name;
    this.log = log;
    builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().keySet().retainAll(INHERITED_VARIABLES);
    builder.environment().putAll(settings);
  }

  /**
   * A service that runs with the class path of this process. It is not started yet.
   *
   * @param name for messages
   * @param settings its environment, with the few variables that every program needs
   * @param log the output is appended
   */
  public ServiceProcess(String name, Class<?> main, Map<String, String> settings, Path log) {
    this(name, java(main, "-Xmx256m"), settings, log);
  }

  /** Capture with the options of its start script, which decide how much memory it uses. */
  public static ServiceProcess capture(String name, Map<String, String> settings, Path log) {
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("MALLOC_ARENA_MAX", "2");
    environment.put("MALLOC_MMAP_THRESHOLD_", "262144");
    return new ServiceProcess(
        name, java(CaptureMain.class, "-Xms8m", "-Xmn4m", "-Xmx64m"), environment, log);
  }

  /**
   * A program by its start script, as users start it, if {@code ./sh-video} has started this
   * process and so has built everything; otherwise, as in tests, with the class path of this
   * process.
   */
  public static ServiceProcess installed(
      String name,
      String script,
      Class<?> main,
      Map<String, String> settings,
      Path log,
      String... arguments) {
    Path root = Path.of(System.getProperty("shvideo.root", "")).toAbsolutePath();
    String built = root.resolve("lab/target/lab/lib").toString();
    List<String> command = java(main, "-Xmx256m");
    if (System.getProperty("java.class.path").startsWith(built)) {
      Path file = root.resolve(script);
      command.clear();
      command.add(
          (Files.isRegularFile(file)
                  ? file
                  : file.resolve("target").resolve(script).resolve("bin").resolve(script))
              .toString());
    }
    command.addAll(List.of(arguments));
    return new ServiceProcess(name, command, settings, log);
  }

  private static List<String> java(Class<?> main, String... heap) {
    List<String> flags = new ArrayList<>(List.of(heap));
    flags.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError"));
    return JavaCommand.of(main, flags.toArray(String[]::new));
  }

  /** An exception with the end of the output. */
  public UserException failure(String problem) throws IOException {
    return new UserException("%s %s:%n%s".formatted(name, problem, LogTail.of(log)));
  }

  public String name() {
    return name;
  }

  /** Starts the service unless it runs; an unexpected end is recorded. */
  public void start() {
    if (process != null && process.isAlive()) {
      return;
    }
    recordUnexpectedEnd();
    try {
      process = builder.start();
      Watchdog.over(process.toHandle());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start " + name, e);
    }
  }

  /**
   * The process that was started last.
   *
   * @throws IllegalStateException when there is none, or its end was noticed
   */
  public Process process() {
    if (process == null) {
      throw new IllegalStateException(name + " is not running");
    }
    return process;
  }

  /** Sends SIGKILL and waits until the process has ended. */
  public void kill() throws InterruptedException {
    recordUnexpectedEnd();
    if (process != null) {
      process.destroyForcibly().waitFor();
      process = null;
      suspended = false;
    }
  }

  /**
   * Sends SIGTERM and waits until the process has ended; after the timeout, kills it.
   *
   * @return how long it took
   */
  public Duration terminate(Duration timeout) throws InterruptedException {
    recordUnexpectedEnd();
    if (process == null) {
      return Duration.ZERO;
    }
    long start = System.nanoTime();
    process.destroy();
    if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
      unexpected.add(
          "%s did not end within %d s after SIGTERM".formatted(name, timeout.toSeconds()));
      process.destroyForcibly().waitFor();
    } else if (!TERMINATED_STATUSES.contains(process.exitValue())) {
      unexpected.add("%s ended with status %d after SIGTERM".formatted(name, process.exitValue()));
    }
    process = null;
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Sends SIGSTOP. */
  public void suspend() throws InterruptedException {
    recordUnexpectedEnd();
    if (process != null) {
      signal(process.toHandle(), "STOP");
      suspended = true;
    }
  }

  /** Sends SIGCONT. */
  public void resume() throws InterruptedException {
    if (process != null && suspended) {
      signal(process.toHandle(), "CONT");
      suspended = false;
    }
  }

  /** What went wrong so far: unexpected and unsuccessful ends. */
  public List<String> unexpected() {
    recordUnexpectedEnd();
    return List.copyOf(unexpected);
  }

  private void recordUnexpectedEnd() {
    if (process != null && !process.isAlive()) {
      unexpected.add("%s ended unexpectedly with status %d".formatted(name, process.exitValue()));
      process = null;
    }
  }

  /** Sends a signal; Java itself can only send SIGTERM and SIGKILL. */
  public static void signal(ProcessHandle process, String signal) throws InterruptedException {
    try {
      new ProcessBuilder("sh", "-c", "kill -" + signal + " " + process.pid()).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot send signals", e);
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
    }
  }
}
