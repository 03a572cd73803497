package org.shvideo.cli.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.shvideo.tasks.queue.EmbeddedAddress;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.embedded.RedisExecProvider;

/**
 * A Redis of our own for those who run none: a process on a free port of the loopback interface
 * with a random password, its data under {@code .redis} in the video folder (appended to disk every
 * second), so that jobs outlive a restart. Its address lies beside its data, readable by the user
 * alone, so that {@code ./sh-video queue} finds it.
 */
public final class EmbeddedRedis implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedRedis.class);
  private static final Duration START = Duration.ofSeconds(20);
  private static final Duration STOP = Duration.ofSeconds(5);
  private static final Set<PosixFilePermission> USER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final Path home;
  private final Path address;
  private final Map<String, String> environment;
  private ProcessHandle process;

  private EmbeddedRedis(
      Path home, Path address, ProcessHandle process, Map<String, String> environment) {
    this.home = home;
    this.address = address;
    this.process = process;
    this.environment = environment;
  }

  /**
   * Starts the server and waits until it answers.
   *
   * @throws IllegalStateException when it does not start, or another process runs one on this
   *     folder
   */
  public static EmbeddedRedis start(VideoFolder folder) {
    try {
      Path home = Files.createDirectories(EmbeddedAddress.home(folder));
      Path address = EmbeddedAddress.file(folder);
      stopLeftover(address);
      int port = freePort();
      byte[] random = new byte[16];
      new SecureRandom().nextBytes(random);
      String password = HexFormat.of().formatHex(random);
      Path configuration = configuration(home);
      // A file, because the arguments of a process can be read by every user of the machine.
      writeForUser(
          configuration,
          """
          bind 127.0.0.1
          port %d
          requirepass %s
          daemonize yes
          pidfile "%s"
          dir "%s"
          save ""
          appendonly yes
          appendfsync everysec
          logfile "redis.log"
          """
              .formatted(port, password, home.resolve("redis.pid"), home));
      ProcessHandle process = launch(home);
      Map<String, String> environment = new LinkedHashMap<>();
      environment.put("RDS_HOST", "127.0.0.1");
      environment.put("RDS_PORT", Integer.toString(port));
      environment.put("RDS_PSW", password);
      var redis = new EmbeddedRedis(home, address, process, Map.copyOf(environment));
      try {
        redis.awaitReady();
        redis.writeAddress();
        return redis;
      } catch (IOException | RuntimeException e) {
        redis.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The embedded Redis cannot start in " + folder.root(), e);
    }
  }

  /**
   * Redis detaches itself: a child in the terminal's foreground would be ended by the same Ctrl-C
   * as we are, before the last jobs have reached it.
   */
  private static ProcessHandle launch(Path home) throws IOException {
    Path pidFile = home.resolve("redis.pid");
    Path log = home.resolve("redis.log");
    Files.deleteIfExists(pidFile);
    Process launcher =
        new ProcessBuilder(
                RedisExecProvider.defaultProvider().get().toString(),
                configuration(home).toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    long deadline = System.nanoTime() + START.toNanos();
    while (System.nanoTime() < deadline && (launcher.isAlive() || launcher.exitValue() == 0)) {
      if (Files.exists(pidFile)) {
        String pid = Files.readString(pidFile).strip();
        Optional<ProcessHandle> server =
            pid.isEmpty() ? Optional.empty() : ProcessHandle.of(Long.parseLong(pid));
        if (server.isPresent()) {
          return server.get();
        }
      }
      pause();
    }
    launcher.destroyForcibly();
    throw new IllegalStateException("The embedded Redis does not start; its log is " + log);
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while the embedded Redis starts", e);
    }
  }

  /** Its address as settings: {@code RDS_HOST}, {@code RDS_PORT}, {@code RDS_PSW}. */
  public Map<String, String> environment() {
    return environment;
  }

  /** The server's process. */
  public ProcessHandle process() {
    return process;
  }

  /** Where the server appends each change of its data. */
  public static Path appended(VideoFolder folder) {
    return EmbeddedAddress.home(folder).resolve("appendonlydir");
  }

  /** Starts the server again, at the same address and with its data, after its process ended. */
  public void restart() throws IOException {
    process = launch(home);
    awaitReady();
    writeAddress();
  }

  private static Path configuration(Path home) {
    return home.resolve("redis.conf");
  }

  /** Stops the server, which writes its data first; waits for at most some seconds. */
  @Override
  public void close() {
    stop(process);
    try {
      Files.deleteIfExists(address);
    } catch (IOException e) {
      log.warn("Cannot delete {}: {}", address, e.getMessage());
    }
  }

  private static void stop(ProcessHandle server) {
    server.destroy();
    try {
      server.onExit().get(STOP.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      server.destroyForcibly();
    } catch (ExecutionException | TimeoutException e) {
      server.destroyForcibly();
    }
  }

  private void awaitReady() {
    long deadline = System.nanoTime() + START.toNanos();
    try (JobQueue queue = new JobQueue(QueueSettings.from(Settings.of(environment)))) {
      while (true) {
        try {
          queue.ping();
          return;
        } catch (QueueUnavailableException e) {
          if (!process.isAlive() || System.nanoTime() > deadline) {
            throw new IllegalStateException(
                "The embedded Redis does not start; its log is " + home.resolve("redis.log"), e);
          }
        }
        pause();
      }
    }
  }

  private void writeAddress() throws IOException {
    StringBuilder text = new StringBuilder();
    text.append("owner=").append(ProcessHandle.current().pid()).append('\n');
    text.append("pid=").append(process.pid()).append('\n');
    environment.forEach((name, value) -> text.append(name + "=" + value + "\n"));
    writeForUser(address, text.toString());
  }

  /** A run that was killed leaves its server behind; one that still lives must not be disturbed. */
  private static void stopLeftover(Path address) throws IOException {
    if (!Files.exists(address)) {
      return;
    }
    Properties properties = read(address);
    long owner = Long.parseLong(properties.getProperty("owner", "-1"));
    long pid = Long.parseLong(properties.getProperty("pid", "-1"));
    Optional<ProcessHandle> server = ProcessHandle.of(pid).filter(EmbeddedRedis::isRedis);
    if (server.isPresent()) {
      if (ProcessHandle.of(owner).isPresent()) {
        throw new IllegalStateException(
            "Another sh-video (process %d) already runs on %s: stop it, or choose another --video-dir"
                .formatted(owner, address.getParent().getParent()));
      }
      log.info("Stopping the embedded Redis (process {}) that a killed run left behind", pid);
      stop(server.get());
    }
    Files.deleteIfExists(address);
  }

  private static boolean isRedis(ProcessHandle process) {
    return process.info().command().map(command -> command.contains("redis-server")).orElse(false);
  }

  private static Properties read(Path file) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      properties.load(in);
    }
    return properties;
  }

  private static void writeForUser(Path file, String text) throws IOException {
    Files.deleteIfExists(file);
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(file, PosixFilePermissions.asFileAttribute(USER_ONLY));
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** A port of the loopback interface that nobody has now. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
