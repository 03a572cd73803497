package org.shvideo.cli.inspect;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.shvideo.cli.pipeline.RedisProgram;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.tasks.queue.EmbeddedRedisAddress;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueDepth;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.queue.RedisServer;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;

/** Checks that Redis is reachable and configured not to lose jobs. */
record RedisCheck(DoctorReport report) {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1");

  void check(Settings settings, VideoFolder folder) {
    checkDamaged(EmbeddedRedisAddress.home(folder));
    if (!settings.isSet("RDS_HOST")) {
      checkProgram(settings);
    }
    Settings wired = EmbeddedRedisAddress.wire(settings, folder);
    if (!wired.isSet("RDS_HOST")) {
      return;
    }
    QueueSettings queueSettings = wired.read(QueueSettings::from);
    try (JobQueue queue = new JobQueue(queueSettings)) {
      RedisServer server = queue.server();
      if (server.newEnough()) {
        checkQueue(queueSettings, server.name(), queue.depth());
        checkConfiguration(server, queueSettings);
      } else {
        report.fail(
            "Redis", "version %s is too old: install 6.2 or later".formatted(server.version()));
      }
    } catch (QueueUnavailableException e) {
      report.fail("Redis", e.getMessage());
    }
  }

  /** The program that {@code run} starts, as none is configured. */
  private void checkProgram(Settings settings) {
    RedisProgram program;
    try {
      program = RedisProgram.choose(settings);
    } catch (UserException e) {
      report.fail("Redis", e.getMessage());
      return;
    }
    String started =
        "sh-video run starts %s, for this machine only and with a random password"
            .formatted(program);
    if (program.isBuiltIn()) {
      report.warn(
          "Redis",
          started
              + "; it gets no security fixes, which matters where other people use this machine:"
              + " install valkey-server or redis-server, and run uses that");
    } else {
      report.ok("Redis", started);
    }
  }

  /** Data that could not be mended after a power cut, and was set aside. */
  private void checkDamaged(Path home) {
    try (DirectoryStream<Path> damaged = Files.newDirectoryStream(home, "*.damaged-*")) {
      for (Path data : damaged) {
        report.warn(
            "Redis",
            "%s could not be read and was set aside; lost jobs were queued again. Delete it once sh-video check finds no problems"
                .formatted(data));
      }
    } catch (IOException e) {
      // no embedded Redis
    }
  }

  private void checkQueue(QueueSettings settings, String server, QueueDepth depth) {
    String queue =
        "%s at %s:%d, queue %s: %s"
            .formatted(server, settings.host(), settings.port(), settings.queue(), depth.text());
    if (depth.dead() > 0) {
      report.warn("Redis", queue + " (sh-video queue dead shows why)");
    } else {
      report.ok("Redis", queue);
    }
  }

  private void checkConfiguration(RedisServer server, QueueSettings settings) {
    if (server.replica()) {
      report.fail("Redis", "is a read-only replica: set RDS_HOST to the primary");
    }
    if (server.maxMemory() > 0 && !server.evictionPolicy().equals("noeviction")) {
      report.fail(
          "Redis",
          "may evict jobs when its memory is full (maxmemory-policy %s): set it to noeviction"
              .formatted(server.evictionPolicy()));
    }
    if (server.maxMemory() > 0 && server.usedMemory() > server.maxMemory() * 9 / 10) {
      report.fail(
          "Redis",
          "uses %d of %d MiB of memory: raise its maxmemory"
              .formatted(server.usedMemory() >> 20, server.maxMemory() >> 20));
    }
    if (!server.appendOnly()) {
      report.warn(
          "Redis",
          "loses the queue when it restarts: set appendonly yes; sh-video check --repair queues"
              + " lost jobs again");
    }
    if (settings.password().isEmpty() && !LOOPBACK.contains(settings.host())) {
      report.warn(
          "Redis",
          "has no password, so anyone who can reach it can change the queue: set requirepass and"
              + " RDS_PSW");
    }
  }
}
