package org.shvideo.cli.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;

/** Which server is started. */
@Tag("process")
@Tag("server")
class RedisProgramTest {
  private static final RedisProgram BUILT_IN = RedisProgram.builtIn();

  @TempDir Path root;

  @Test
  void anInstalledServerIsTakenUnlessItIsOlder() throws Exception {
    Path old = server("old/redis-server", "Redis server v=7.0.14 sha=0:0", "exit 1");
    Path same = server("same/redis-server", "Redis server v=7.0.15 sha=0:0", "exit 1");
    Path valkey = server("same/valkey-server", "Valkey server v=9.0.1 sha=0:0", "exit 1");
    server("broken/valkey-server", "No such library", "exit 1");

    assertThat(choose("", "nowhere", "broken", "old")).isEqualTo(BUILT_IN);
    assertThat(choose("", "broken", "old", "same"))
        .isEqualTo(new RedisProgram("Valkey", "9.0.1", valkey));
    Files.delete(valkey);
    assertThat(choose("", "old", "same")).isEqualTo(new RedisProgram("Redis", "7.0.15", same));
    assertThat(choose("builtin", "same")).isEqualTo(BUILT_IN);
    assertThat(choose(same.toString())).hasToString("Redis 7.0.15 (" + same + ")");
    assertThatThrownBy(() -> choose(old.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(old.toString());
  }

  @Test
  void theBuiltInServerIsUnpackedOnceAndMendedWhenItIsDamaged() throws Exception {
    String user = System.setProperty("user.home", root.toString());
    try {
      unpack();
    } finally {
      System.setProperty("user.home", user);
    }
  }

  private void unpack() throws IOException {
    Path program = BUILT_IN.executable(root);
    Object unpacked = Files.getAttribute(program, "unix:ino");
    assertThat(Files.getAttribute(BUILT_IN.executable(root), "unix:ino")).isEqualTo(unpacked);
    byte[] right = Files.readAllBytes(program);
    Files.write(program, new byte[right.length]);

    assertThat(BUILT_IN.executable(root)).hasBinaryContent(right).isExecutable();
    try (Stream<Path> files = Files.list(program.getParent())) {
      assertThat(files).containsExactly(program);
    }
  }

  @Test
  void anInstalledServerThatDoesNotStartIsReplaced() throws Exception {
    Path broken = server("redis-server", "Redis server v=9.9.9 sha=0:0", "exit 1");
    VideoFolder folder = new VideoFolder(root);
    try (EmbeddedRedis redis = EmbeddedRedis.of(folder, choose(broken.toString()))) {
      redis.restart();

      assertThat(depth(redis)).isZero();
    }
  }

  /** Servers cannot read the binary form of a newer one. */
  @Test
  void dataIsRewrittenAsCommandsThatEveryServerUnderstands() throws Exception {
    VideoFolder folder = new VideoFolder(root);
    String other = System.getProperty("shvideo.redis", "builtin");
    try (EmbeddedRedis redis = EmbeddedRedis.of(folder, choose(other))) {
      redis.restart();
      try (JobQueue queue = queue(redis)) {
        queue.enqueue(Job.forFile("first.avi"));
        queue.enqueue(Job.forFile("second.avi"));
        assertThat(queue.take("consumer", Duration.ZERO)).isPresent();
      }
      rewrite(redis);
      Path data = EmbeddedRedis.appendOnlyFolder(folder);
      await()
          .untilAsserted(
              () -> {
                try (Stream<Path> files = Files.list(data)) {
                  assertThat(files.map(file -> file.getFileName().toString()))
                      .containsExactlyInAnyOrder(
                          "appendonly.aof.manifest",
                          "appendonly.aof.2.base.aof",
                          "appendonly.aof.2.incr.aof");
                }
              });
    }

    try (EmbeddedRedis redis = EmbeddedRedis.of(folder, BUILT_IN)) {
      redis.restart();

      assertThat(redis.takeDataSetAside()).isFalse();
      assertThat(depth(redis)).isEqualTo(1);
      try (JobQueue queue = queue(redis)) {
        assertThat(queue.depth().started()).isEqualTo(1);
      }
    }
  }

  private static void rewrite(EmbeddedRedis redis) throws IOException {
    String commands = "AUTH %s\r\nBGREWRITEAOF\r\n".formatted(redis.environment().get("RDS_PSW"));
    int port = Integer.parseInt(redis.environment().get("RDS_PORT"));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(commands.getBytes(StandardCharsets.US_ASCII));
      BufferedReader answers =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(answers.readLine()).isEqualTo("+OK");
      assertThat(answers.readLine()).contains("rewriting started");
    }
  }

  private static long depth(EmbeddedRedis redis) {
    try (JobQueue queue = queue(redis)) {
      return queue.depth().waiting();
    }
  }

  private static JobQueue queue(EmbeddedRedis redis) {
    return new JobQueue(QueueSettings.from(Settings.of(redis.environment())));
  }

  private RedisProgram choose(String wanted, String... folders) {
    String path =
        String.join(
            File.pathSeparator,
            Stream.of(folders).map(folder -> root.resolve(folder).toString()).toList());
    return RedisProgram.choose(Settings.of(Map.of("REDIS_SERVER", wanted, "PATH", path)));
  }

  /** A program that tells this version, and otherwise does something else. */
  private Path server(String name, String version, String otherwise) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        "#!/bin/sh\n[ \"$1\" = --version ] && echo '%s' && exit\n%s\n"
            .formatted(version, otherwise));
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
