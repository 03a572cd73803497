package org.shvideo.cli.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;

/** The embedded Redis after its process or the machine died. */
@Tag("process")
@Tag("server")
class EmbeddedRedisTest {
  @TempDir Path root;
  private EmbeddedRedis redis;

  private enum Damage {
    EMPTY_MANIFEST,
    ZEROS_FOR_MANIFEST,
    MISSING_FILE,
    ZEROS_FOR_BASE
  }

  @AfterEach
  void stop() {
    if (redis != null) {
      redis.close();
    }
  }

  /** What a file system may leave of data that was not forced to disk. */
  @ParameterizedTest(name = "{0} bytes cut, {1} zeros")
  @CsvSource({"0, 1", "0, 4096", "5, 0", "5, 4091", "60, 0", "60, 3000", "1, 0", "0, 300000"})
  void aTornEndIsCut(int cut, int zeros) throws Exception {
    start();
    enqueue("first.avi");
    enqueue("second.avi");
    enqueue("last.avi");
    kill();
    Path file = appendOnlyFile();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      long end = channel.size() - cut;
      channel.truncate(end);
      if (zeros > 0) {
        channel.write(ByteBuffer.allocate(zeros), end);
      }
    }

    start();

    assertThat(redis.takeDataSetAside()).isFalse();
    assertThat(waiting()).isBetween(2L, 3L);
    enqueue("next.avi");
    kill();
    start();
    assertThat(waiting()).isBetween(3L, 4L);
  }

  @ParameterizedTest
  @EnumSource
  void dataThatCannotBeMendedIsSetAside(Damage damage) throws Exception {
    start();
    enqueue("first.avi");
    kill();
    Path data = EmbeddedRedis.appendOnlyFolder(new VideoFolder(root));
    switch (damage) {
      case EMPTY_MANIFEST -> Files.write(data.resolve("appendonly.aof.manifest"), new byte[0]);
      case ZEROS_FOR_MANIFEST -> Files.write(data.resolve("appendonly.aof.manifest"), new byte[88]);
      case MISSING_FILE -> Files.delete(appendOnlyFile());
      case ZEROS_FOR_BASE -> {
        // as servers write it that other settings start
        Path base = data.resolve("appendonly.aof.1.base.aof");
        Files.write(base, new byte[100]);
      }
    }

    start();

    assertThat(redis.takeDataSetAside()).isTrue();
    assertThat(waiting()).isZero();
    try (Stream<Path> files = Files.list(data.getParent())) {
      assertThat(files).anyMatch(file -> file.toString().contains(".damaged-"));
    }
  }

  @Test
  void anAddressThatIsDamagedIsIgnored() throws Exception {
    Path address = Files.createDirectories(root.resolve(".redis")).resolve("address.properties");
    Files.write(address, new byte[100]);
    start();
    kill();
    Files.writeString(address, "owner=12\nowner=\\uZZ");
    start();
    assertThat(waiting()).isZero();
  }

  @Test
  void aServerThatEndsIsRestartedWithItsJobs() throws Exception {
    start();
    enqueue("first.avi");
    kill();

    redis.keepRunning();

    assertThat(waiting()).isEqualTo(1);
  }

  @Test
  void theServerEndsWithAProcessThatIsKilled() throws Exception {
    List<String> command = JavaCommand.of(Killed.class);
    command.add(root.toString());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    ProcessHandle server;
    try (BufferedReader output = process.inputReader()) {
      server = ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
    } finally {
      process.destroyForcibly();
    }

    await().atMost(Duration.ofSeconds(20)).until(() -> !server.isAlive());
  }

  /** Starts a server, tells its process, and waits to be killed. */
  static final class Killed {
    private Killed() {}

    public static void main(String[] arguments) throws InterruptedException {
      EmbeddedRedis server = EmbeddedRedis.start(new VideoFolder(Path.of(arguments[0])));
      System.out.println(server.process().pid());
      Thread.sleep(Duration.ofMinutes(10).toMillis());
    }
  }

  @Test
  void aServerThatCannotStartIsTriedAgain() throws Exception {
    redis = EmbeddedRedis.of(new VideoFolder(root));
    Path configuration = root.resolve(".redis/redis.conf");
    String right = Files.readString(configuration);
    Files.writeString(configuration, right + "nonsense yes\n");

    redis.keepRunning();

    assertThat(catchThrowable(this::waiting)).isNotNull();
    Files.writeString(configuration, right);
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              redis.keepRunning();
              assertThat(waiting()).isZero();
            });
  }

  private void start() {
    redis = EmbeddedRedis.start(new VideoFolder(root));
  }

  private void kill() {
    redis.process().destroyForcibly();
    await().until(() -> !redis.process().isAlive());
  }

  /** Waits until the job is on disk, as far as Redis knows. */
  private void enqueue(String file) throws IOException {
    long before = Files.size(appendOnlyFile());
    try (JobQueue queue = queue()) {
      queue.enqueue(Job.forFile(file));
    }
    Path written = appendOnlyFile();
    await().until(() -> Files.size(written) > before);
  }

  private long waiting() {
    try (JobQueue queue = queue()) {
      return queue.depth().waiting();
    }
  }

  private JobQueue queue() {
    return new JobQueue(QueueSettings.from(Settings.of(redis.environment())));
  }

  private Path appendOnlyFile() throws IOException {
    Path data = EmbeddedRedis.appendOnlyFolder(new VideoFolder(root));
    try (Stream<Path> files = Files.list(data)) {
      return files.filter(file -> file.toString().endsWith(".incr.aof")).findFirst().orElseThrow();
    }
  }
}
