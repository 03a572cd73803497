package org.shvideo.cli.pipeline;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.lifecycle.Watchdog;
import org.shvideo.tasks.queue.EmbeddedRedisAddress;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis server for users who run none: an installed or the built-in {@linkplain RedisProgram
 * program}, as a process on a free port of the loopback interface with a random password. Its data
 * is in {@code .redis} in the video folder and appended to disk every second, so that jobs survive
 * a restart. Its {@linkplain EmbeddedRedisAddress address} is stored beside the data, readable by
 * the user only. Not thread-safe.
 *
 * <p>A power cut can leave a file whose end is torn or zeros, with which Redis does not start. The
 * end is cut then: the jobs in it are those that capture sends a second time. Data that cannot be
 * mended is set aside.
 */
public final class EmbeddedRedis implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedRedis.class);
  private static final Duration START_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration REPAIR_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration RETRY_INTERVAL = Duration.ofSeconds(10);
  private static final String DATA = "appendonlydir";
  private static final Set<PosixFilePermission> USER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final Path home;
  private final Path address;
  private final Map<String, String> environment;
  private RedisProgram program;
  private ProcessHandle process;
  private long retryNanos = System.nanoTime();
  private boolean ended;
  private boolean dataSetAside;

  private EmbeddedRedis(VideoFolder folder, RedisProgram program, int port, String password) {
    this.program = program;
    home = EmbeddedRedisAddress.home(folder);
    address = EmbeddedRedisAddress.file(folder);
    environment = Map.of("RDS_HOST", "127.0.0.1", "RDS_PORT", "" + port, "RDS_PSW", password);
  }

  /**
   * Starts the server and waits until it responds.
   *
   * @throws IllegalStateException when it does not start, or another process runs one for this
   *     folder
   */
  public static EmbeddedRedis start(VideoFolder folder) {
    EmbeddedRedis redis = of(folder);
    try {
      redis.launch();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start the embedded Redis in " + folder.root(), e);
    }
    return redis;
  }

  /**
   * A server that is not started yet.
   *
   * @throws IllegalStateException when another process runs one for this folder
   * @throws UserException when {@code REDIS_SERVER} names no program that can be used
   */
  public static EmbeddedRedis of(VideoFolder folder) {
    return of(folder, RedisProgram.choose(Settings.ofProcess()));
  }

  /** As {@link #of(VideoFolder)}, with a program of the caller's choice. */
  static EmbeddedRedis of(VideoFolder folder, RedisProgram program) {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    try {
      FileOperations.createPrivateFolder(EmbeddedRedisAddress.home(folder));
      stopLeftover(EmbeddedRedisAddress.file(folder));
      EmbeddedRedis redis =
          new EmbeddedRedis(folder, program, freePort(), HexFormat.of().formatHex(random));
      redis.configure();
      return redis;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to the folder " + folder.root(), e);
    }
  }

  /**
   * Starts the server if it does not run. If it cannot, that is logged, and tried again by calls
   * that come 10 s later or more.
   */
  public void keepRunning() {
    if ((process != null && process.isAlive()) || System.nanoTime() - retryNanos < 0) {
      return;
    }
    if (process != null) {
      log.warn("The embedded Redis ended. Restarting it.");
    }
    try {
      launch();
    } catch (IOException | IllegalStateException e) {
      log.error(
          "{} Recording continues; jobs wait on disk. Retrying in {} s.",
          e.getMessage(),
          RETRY_INTERVAL.toSeconds());
      process = null;
      retryNanos = System.nanoTime() + RETRY_INTERVAL.toNanos();
    }
  }

  /** Whether the data was damaged and set aside since the last call. */
  public boolean takeDataSetAside() {
    boolean result = dataSetAside;
    dataSetAside = false;
    return result;
  }

  /**
   * Writes a file, because every user of the machine can read the arguments of a process.
   *
   * <p>Without a preamble the data is nothing but commands, which older servers understand too; its
   * binary form changes with most versions. The limits keep clients without the password, which the
   * built-in server lets use memory, from using much.
   */
  private void configure() throws IOException {
    writePrivate(
        home.resolve("redis.conf"),
        """
        bind 127.0.0.1
        port %s
        requirepass %s
        daemonize yes
        pidfile "%s"
        dir "%s"
        save ""
        appendonly yes
        appendfsync everysec
        aof-use-rdb-preamble no
        maxclients 256
        client-output-buffer-limit normal 64mb 0 0
        logfile "redis.log"
        """
            .formatted(
                environment.get("RDS_PORT"),
                environment.get("RDS_PSW"),
                home.resolve("redis.pid"),
                home));
  }

  private void launch() throws IOException {
    if (!tryLaunch() && (!mend() || !tryLaunch()) && !tryLaunchBuiltIn()) {
      throw new IllegalStateException(
          "The embedded Redis did not start. See its log, " + home.resolve("redis.log") + ".");
    }
    writeAddress();
  }

  /** An installed server may be set up so that it cannot run here. */
  private boolean tryLaunchBuiltIn() throws IOException {
    if (program.isBuiltIn()) {
      return false;
    }
    log.warn(
        "{} did not start, see {}. Using {}.",
        program,
        home.resolve("redis.log"),
        RedisProgram.builtIn());
    program = RedisProgram.builtIn();
    return tryLaunch() || (mend() && tryLaunch());
  }

  /**
   * Starts the server as a daemon: a child in the terminal's foreground would be ended by the same
   * Ctrl-C as this process, before the last jobs have reached it. It ends with this process all the
   * same.
   *
   * @return whether it responds
   */
  private boolean tryLaunch() throws IOException {
    process = null;
    ended = false;
    Files.deleteIfExists(home.resolve("redis.pid"));
    Path output = home.resolve("redis.log");
    Process launcher =
        new ProcessBuilder(
                program.executable(home).toString(), home.resolve("redis.conf").toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
            .start();
    boolean started = false;
    try (JobQueue queue = new JobQueue(QueueSettings.from(Settings.of(environment)))) {
      started =
          Polling.await(START_TIMEOUT, () -> hasFailed(launcher) || responds(queue))
              && !hasFailed(launcher);
      if (started) {
        Watchdog.over(process);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (!started) {
        launcher.destroyForcibly();
        close();
      }
    }
    return started;
  }

  /**
   * Cuts the damaged end of the data, or sets data aside that cannot be mended.
   *
   * @return false if the data is not damaged
   */
  private boolean mend() throws IOException {
    Path data = home.resolve(DATA);
    if (!Files.exists(data) || isValid(data, false)) {
      return false;
    }
    if (isValid(data, true)) {
      log.warn(
          "Cut the damaged end of the data of Redis in {}. Capture sends the last jobs again.",
          data);
    } else {
      Path aside = home.resolve(DATA + ".damaged-" + System.currentTimeMillis());
      Files.move(data, aside);
      dataSetAside = true;
      log.error(
          "The data of Redis is damaged, or of a version that {} cannot read. Moved it to {}, and"
              + " starting with an empty queue. Clips without a job are queued again.",
          program,
          aside);
    }
    return true;
  }

  /**
   * Whether the server's own checker finds no damage.
   *
   * @param repair whether it is to cut the end
   */
  private boolean isValid(Path data, boolean repair) throws IOException {
    Path manifest = data.resolve("appendonly.aof.manifest");
    if (!Files.exists(manifest) || !Files.readString(manifest, ISO_8859_1).startsWith("file ")) {
      return false; // which the checker takes for an empty file of an old version
    }
    // The server is the checker if it is started by a name that contains this; Valkey has its own.
    Path checker = home.resolve("redis-check-aof-valkey-check-aof");
    Files.deleteIfExists(checker);
    Files.createSymbolicLink(checker, program.executable(home));
    List<String> command = new ArrayList<>(List.of(checker.toString()));
    if (repair) {
      command.add("--fix");
    }
    command.add(manifest.toString());
    Process check =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("redis.log").toFile()))
            .start();
    try (Writer answers = check.outputWriter()) {
      answers.write("y\n");
    } catch (IOException e) {
      log.debug("The checker of Redis asked nothing: {}", e.getMessage());
    }
    try {
      return check.waitFor(REPAIR_TIMEOUT.toSeconds(), TimeUnit.SECONDS) && check.exitValue() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true; // damaged or not, it is not for now
    } finally {
      check.destroyForcibly();
      Files.deleteIfExists(checker);
    }
  }

  private boolean hasFailed(Process launcher) {
    return process == null
        ? ended || (!launcher.isAlive() && launcher.exitValue() != 0)
        : !process.isAlive();
  }

  private boolean responds(JobQueue queue) throws IOException {
    Path pidFile = home.resolve("redis.pid");
    if (process == null && Files.exists(pidFile)) {
      String pid = Files.readString(pidFile).strip();
      process = pid.isEmpty() ? null : ProcessHandle.of(Long.parseLong(pid)).orElse(null);
      ended = !pid.isEmpty() && process == null;
    }
    try {
      if (process != null) {
        queue.ping();
      }
      return process != null;
    } catch (QueueUnavailableException e) {
      return false;
    }
  }

  /** The address as settings: {@code RDS_HOST}, {@code RDS_PORT}, {@code RDS_PSW}. */
  public Map<String, String> environment() {
    return environment;
  }

  /** The process of the server. */
  public ProcessHandle process() {
    return process;
  }

  /** The folder of the files to which the server appends each change of its data. */
  public static Path appendOnlyFolder(VideoFolder folder) {
    return EmbeddedRedisAddress.home(folder).resolve(DATA);
  }

  /** Restarts the server after its process ended, at the same address and with its data. */
  public void restart() throws IOException {
    launch();
  }

  /** Stops the server, which writes its data first. Takes at most some seconds. */
  @Override
  public void close() {
    if (process != null) {
      stop(process);
    }
    try {
      Files.deleteIfExists(address);
    } catch (IOException e) {
      log.warn("Cannot delete {}: {}", address, e.getMessage());
    }
  }

  private static void stop(ProcessHandle server) {
    server.destroy();
    try {
      if (Polling.await(STOP_TIMEOUT, () -> !server.isAlive())) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.destroyForcibly();
  }

  private void writeAddress() throws IOException {
    StringBuilder text =
        new StringBuilder(
            "owner=%d\npid=%d\n".formatted(ProcessHandle.current().pid(), process.pid()));
    environment.forEach((name, value) -> text.append("%s=%s\n".formatted(name, value)));
    writePrivate(address, text.toString());
  }

  /** Stops the server of a run that was killed. */
  private static void stopLeftover(Path address) throws IOException {
    if (!Files.exists(address)) {
      return;
    }
    Properties properties = new Properties();
    long owner = -1;
    long pid = -1;
    try (InputStream in = Files.newInputStream(address)) {
      properties.load(in);
      owner = Long.parseLong(properties.getProperty("owner", "-1"));
      pid = Long.parseLong(properties.getProperty("pid", "-1"));
    } catch (IllegalArgumentException e) {
      log.warn("Ignoring {}, which is damaged: {}", address, e.getMessage());
    }
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

  /** Debian's server is a link to a program of another name. */
  private static boolean isRedis(ProcessHandle process) {
    return process
        .info()
        .command()
        .map(command -> Path.of(command).getFileName().toString())
        .filter(name -> name.contains("redis") || name.contains("valkey"))
        .isPresent();
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
