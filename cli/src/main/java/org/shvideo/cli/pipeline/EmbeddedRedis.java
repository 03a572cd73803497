package org.shvideo.cli.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.shvideo.tasks.queue.EmbeddedRedisAddress;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.embedded.RedisExecProvider;

/**
 * A Redis server for users who run none: a process on a free port of the loopback interface with a
 * random password. Its data is in {@code .redis} in the video folder and appended to disk every
 * second, so that jobs survive a restart. Its {@linkplain EmbeddedRedisAddress address} is stored
 * beside the data, readable by the user only. Not thread-safe.
 */
public final class EmbeddedRedis implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedRedis.class);
  private static final Duration START_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);
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
   * Starts the server and waits until it responds.
   *
   * @throws IllegalStateException when it does not start, or another process runs one for this
   *     folder
   */
  public static EmbeddedRedis start(VideoFolder folder) {
    try {
      Path home = Files.createDirectories(EmbeddedRedisAddress.home(folder));
      Path address = EmbeddedRedisAddress.file(folder);
      stopLeftover(address);
      int port = freePort();
      byte[] random = new byte[16];
      new SecureRandom().nextBytes(random);
      String password = HexFormat.of().formatHex(random);
      // In a file, because every user of the machine can read the arguments of a process.
      writePrivate(
          configuration(home),
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
      var environment = Map.of("RDS_HOST", "127.0.0.1", "RDS_PORT", "" + port, "RDS_PSW", password);
      var redis = new EmbeddedRedis(home, address, process, environment);
      try {
        redis.awaitReady();
        redis.writeAddress();
        return redis;
      } catch (IOException | RuntimeException e) {
        redis.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start the embedded Redis in " + folder.root(), e);
    }
  }

  /**
   * Redis runs as a daemon: a child in the terminal's foreground would be ended by the same Ctrl-C
   * as this process, before the last jobs have reached it.
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
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
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
    throw new IllegalStateException("The embedded Redis did not start. See its log, " + log);
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while starting the embedded Redis", e);
    }
  }

  /** The address as settings: {@code RDS_HOST}, {@code RDS_PORT}, {@code RDS_PSW}. */
  public Map<String, String> environment() {
    return environment;
  }

  /** The server's process. */
  public ProcessHandle process() {
    return process;
  }

  /** The folder of the files to which the server appends each change of its data. */
  public static Path appendOnlyFolder(VideoFolder folder) {
    return EmbeddedRedisAddress.home(folder).resolve("appendonlydir");
  }

  /** Restarts the server after its process ended, at the same address and with its data. */
  public void restart() throws IOException {
    process = launch(home);
    awaitReady();
    writeAddress();
  }

  private static Path configuration(Path home) {
    return home.resolve("redis.conf");
  }

  /** Stops the server, which writes its data first. Takes at most some seconds. */
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
      server.onExit().get(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      server.destroyForcibly();
    } catch (ExecutionException | TimeoutException e) {
      server.destroyForcibly();
    }
  }

  private void awaitReady() {
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    try (JobQueue queue = new JobQueue(QueueSettings.from(Settings.of(environment)))) {
      while (true) {
        try {
          queue.ping();
          return;
        } catch (QueueUnavailableException e) {
          if (!process.isAlive() || System.nanoTime() > deadline) {
            throw new IllegalStateException(
                "The embedded Redis did not start. See its log, " + home.resolve("redis.log"), e);
          }
        }
        pause();
      }
    }
  }

  private void writeAddress() throws IOException {
    StringBuilder text =
        new StringBuilder(
            "owner=%d%npid=%d%n".formatted(ProcessHandle.current().pid(), process.pid()));
    environment.forEach((name, value) -> text.append("%s=%s%n".formatted(name, value)));
    writePrivate(address, text.toString());
  }

  /** Stops the server of a run that was killed. */
  private static void stopLeftover(Path address) throws IOException {
    if (!Files.exists(address)) {
      return;
    }
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(address)) {
      properties.load(in);
    }
    long owner = Long.parseLong(properties.getProperty("owner", "-1"));
    long pid = Long.parseLong(properties.getProperty("pid", "-1"));
    Optional<ProcessHandle> server = ProcessHandle.of(pid).filter(EmbeddedRedis::isRedis);
    if (server.isPresent()) {
      if (ProcessHandle.of(owner).isPresent()) {
        throw new IllegalStateException(
            "Another sh-video (process %d) uses %s. Stop it, or choose another --video-dir."
                .formatted(owner, address.getParent().getParent()));
      }
      log.info("Stopping the embedded Redis (process {}) of a run that was killed", pid);
      stop(server.get());
    }
    Files.deleteIfExists(address);
  }

  private static boolean isRedis(ProcessHandle process) {
    return process.info().command().map(command -> command.contains("redis-server")).orElse(false);
  }

  /** Writes a file that only the user can read. */
  private static void writePrivate(Path file, String text) throws IOException {
    Files.deleteIfExists(file);
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(file, PosixFilePermissions.asFileAttribute(USER_ONLY));
    }
    Files.writeString(file, text);
  }

  /** A port of the loopback interface that is free now. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
