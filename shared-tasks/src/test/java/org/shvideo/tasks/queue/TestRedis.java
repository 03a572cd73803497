package org.shvideo.tasks.queue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.lifecycle.Watchdog;
import org.shvideo.tasks.settings.Secret;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.embedded.RedisExecProvider;

/**
 * A real Redis for tests, on a free port of 127.0.0.1 that it keeps over restarts, in a folder of
 * its own that goes with it. Only the server's binary is taken from embedded-redis: its own starter
 * leaves a non-daemon thread behind when the port is in use, and cannot kill. The system property
 * {@code shvideo.redis} names another version's binary to test with.
 */
public final class TestRedis implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(20);
  private static final int PORTS_TRIED = 5;

  private final Path folder;
  private String password;
  private final boolean durable;
  private final Thread atExit = new Thread(this::kill, "test-redis-at-exit");
  private int port;
  private Process process;

  private TestRedis(String password, boolean durable) {
    this.password = password;
    this.durable = durable;
    try {
      folder = Files.createTempDirectory("test-redis");
      for (int tried = 1; process == null; tried++) {
        try {
          port = freePort();
          start();
        } catch (IllegalStateException portTaken) {
          if (tried == PORTS_TRIED) {
            throw portTaken;
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Keeps its data in memory only: a restart empties it. */
  public static TestRedis started() {
    return new TestRedis("", false);
  }

  /** Writes every change to an append-only file before it answers, as it should run in service. */
  public static TestRedis durable() {
    return new TestRedis("", true);
  }

  public static TestRedis withPassword(String password) {
    return new TestRedis(password, false);
  }

  public int port() {
    return port;
  }

  /** The defaults of the settings, at this Redis. */
  public QueueSettings settings() {
    return settings(Duration.ofSeconds(30));
  }

  public QueueSettings settings(Duration lease) {
    return new QueueSettings(
        "127.0.0.1", port, new Secret(password), "video_queue", lease, 3, Duration.ofSeconds(500));
  }

  /** Starts it after {@link #stop} or {@link #kill}; returns when it serves. */
  public void start() {
    if (process != null) {
      throw new IllegalStateException("Redis runs already");
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                Binary.PATH,
                "--bind",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--dir",
                folder.toString(),
                "--save",
                "",
                "--logfile",
                "redis.log",
                "--appendonly",
                durable ? "yes" : "no",
                "--appendfsync",
                "always"));
    if (!password.isEmpty()) {
      command.addAll(List.of("--requirepass", password));
    }
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
      Watchdog.over(process.toHandle());
      awaitReady();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As an orderly shutdown: what is to be durable is on disk. */
  public void stop() {
    end(false);
  }

  public void restart() {
    stop();
    start();
  }

  /** As a crash: SIGKILL. */
  public void kill() {
    end(true);
  }

  /** Freezes it: connections are accepted, nothing is answered. */
  public void pause() {
    signal("STOP");
  }

  public void resume() {
    signal("CONT");
  }

  /**
   * Sends one command as {@code redis-cli} would, on a connection of its own.
   *
   * @return the answer as text, the parts of a list one to a line, nothing as an empty text
   */
  public String command(String... words) {
    try (Connection connection = connect()) {
      connection.sendCommand(
          () -> words[0].getBytes(StandardCharsets.UTF_8),
          Arrays.copyOfRange(words, 1, words.length));
      return text(connection.getOne());
    }
  }

  /** Changes the password of the running server, and throws all clients out. */
  public void changePassword(String to) {
    command("CONFIG", "SET", "requirepass", to);
    password = to;
    throwClientsOut();
  }

  public void throwClientsOut() {
    command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  }

  /** Makes it full with what it holds now and so much more. */
  public void allowMemory(long moreBytes) {
    command(
        "CONFIG", "SET", "maxmemory", Long.toString(figure("memory", "used_memory") + moreBytes));
  }

  /** One figure of {@code INFO}. */
  public long figure(String section, String name) {
    return command("INFO", section)
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> Long.parseLong(line.substring(name.length() + 1).strip()))
        .findFirst()
        .orElseThrow();
  }

  /** As a power cut in mid-write: the append-only file lacks its last bytes. Not while it runs. */
  public void tearAppendOnlyFile() throws IOException {
    try (var files = Files.walk(folder)) {
      Path file =
          files
              .filter(path -> path.toString().matches(".*(incr|appendonly)\\.aof"))
              .findFirst()
              .orElseThrow();
      try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(channel.size() - 3);
      }
    }
  }

  @Override
  public void close() {
    kill();
    Runtime.getRuntime().removeShutdownHook(atExit);
    try {
      FileOperations.deleteTree(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Connection connect() {
    var config = DefaultJedisClientConfig.builder().resp2().timeoutMillis(5000);
    if (!password.isEmpty()) {
      config.password(password);
    }
    return new Connection(new HostAndPort("127.0.0.1", port), config.build());
  }

  private void awaitReady() throws IOException {
    long deadline = System.nanoTime() + READY_WITHIN.toNanos();
    while (true) {
      if (!process.isAlive()) {
        process = null;
        throw new IllegalStateException("Redis did not start on port " + port + ":\n" + log());
      }
      try {
        command("PING");
        return;
      } catch (JedisConnectionException | JedisDataException notYet) {
        if (System.nanoTime() > deadline) {
          kill();
          throw new AssertionError("Redis was not ready in time:\n" + log(), notYet);
        }
      }
      pauseBriefly();
    }
  }

  private String log() throws IOException {
    Path log = folder.resolve("redis.log");
    return Files.exists(log) ? Files.readString(log) : "";
  }

  private void end(boolean force) {
    if (process == null) {
      return;
    }
    resume();
    if (force) {
      process.destroyForcibly();
    } else {
      process.destroy();
    }
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
    process = null;
  }

  private void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void pauseBriefly() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while Redis starts", e);
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String text(Object reply) {
    if (reply == null) {
      return "";
    }
    if (reply instanceof byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
    if (reply instanceof List<?> parts) {
      return parts.stream().map(TestRedis::text).collect(Collectors.joining("\n"));
    }
    return reply.toString();
  }

  /** The server's binary, unpacked once for all tests of a process. */
  private static final class Binary {
    static final String PATH = unpack();

    private static String unpack() {
      String other = System.getProperty("shvideo.redis", "");
      if (!other.isEmpty()) {
        return other;
      }
      try {
        File unpacked = RedisExecProvider.defaultProvider().get();
        unpacked.getParentFile().deleteOnExit();
        unpacked.deleteOnExit();
        return unpacked.getAbsolutePath();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
