package org.shvideo.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobState;
import org.shvideo.tasks.job.JobStatus;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.queue.RedisFault;
import org.shvideo.tasks.queue.RedisProxy;
import org.shvideo.worker.clip.Sampling;
import org.slf4j.LoggerFactory;

/** Redis is away, slow, full or refuses, while a worker has a job. */
final class WorkerRedisTest extends WorkerTestBase {
  @Test
  void redisMayRestartWhileAClipIsAnalysed() throws Exception {
    place(longClip, "long.avi");
    Job job = Job.forFile("long.avi");
    queue.enqueue(job);
    work(Sampling.EVERY);
    await(() -> status(job).filter(status -> status.progress() > 0).isPresent());

    redis.restart();

    awaitState(job.id(), JobState.FINISHED);
    assertThat(onlyLine().ok()).isTrue();
    assertNothingIsLeft(0);
  }

  @Test
  void aLineWrittenWhileRedisWasAwayIsNotWrittenAgain() throws Exception {
    place(longClip, "long.avi");
    Job job = Job.forFile("long.avi");
    queue.enqueue(job);
    work(Sampling.EVERY);
    awaitState(job.id(), JobState.STARTED);

    redis.stop();
    await(() -> !lines().isEmpty());
    DetectionLine line = onlyLine();
    Files.delete(folder.root().resolve("long.avi"));
    redis.start();

    JobStatus status = awaitState(job.id(), JobState.FINISHED);
    assertThat(status.result()).isEqualTo(Json.write(line));
    assertThat(onlyLine()).isEqualTo(line);
    assertNothingIsLeft(0);
  }

  @ParameterizedTest
  @EnumSource(RedisFault.class)
  void whateverIsWrongWithRedisTheClipHasOneLineAndItsJobEnds(RedisFault trouble) throws Exception {
    place(longClip, "long.avi");
    Job job = Job.forFile("long.avi");
    queue.enqueue(job);
    work(Sampling.EVERY);
    await(() -> status(job).filter(status -> status.progress() > 0).isPresent());

    trouble.begin(redis);
    DetectionLine line = onlyLine();
    trouble.end(redis);

    JobStatus status = awaitState(job.id(), JobState.FINISHED);
    assertThat(status.attempt()).isEqualTo(1);
    assertThat(status.result()).isEqualTo(Json.write(line));
    assertThat(onlyLine()).isEqualTo(line);
    assertNothingIsLeft(0);
  }

  @Test
  void whatIsWrongWithRedisIsToldOnceAndAgainWhenItChanges() throws Exception {
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    told.list = new CopyOnWriteArrayList<>();
    told.start();
    Logger logger = (Logger) LoggerFactory.getLogger(Worker.class);
    logger.addAppender(told);
    try {
      work(Sampling.ADAPTIVE);
      redis.changePassword("another");
      await(() -> told(told, "wants a password: set RDS_PSW") == 1);
      redis.kill();
      await(() -> told(told, "refuses the connection") == 1);
      redis.start();
      await(() -> told(told, "wants a password: set RDS_PSW") == 2);
      redis.changePassword("");
      await(() -> told(told, "Reconnected to Redis") == 1);
    } finally {
      logger.detachAppender(told);
    }
    assertThat(told.list)
        .filteredOn(event -> event.getLevel() == Level.WARN)
        .as("each once")
        .hasSizeLessThan(6);
  }

  private static long told(ListAppender<ILoggingEvent> appender, String part) {
    return appender.list.stream()
        .filter(event -> event.getFormattedMessage().contains(part))
        .count();
  }

  @Test
  void aSlowRedisCostsNoAttempt() throws Exception {
    place(longClip, "long.avi");
    Job job = Job.forFile("long.avi");
    try (RedisProxy proxy = new RedisProxy(redis)) {
      // The lease is shorter than two of its renewals take.
      work(Sampling.EVERY, proxy.settings(Duration.ofSeconds(6)));
      proxy.delay(Duration.ofSeconds(2));
      queue.enqueue(job);

      JobStatus status = awaitState(job.id(), JobState.FINISHED);
      assertThat(status.attempt()).isEqualTo(1);
    }
    assertThat(onlyLine().ok()).isTrue();
  }

  @Test
  void redisMayComeLater() throws Exception {
    redis.stop();
    place(shortClip, "sign.avi");
    work(Sampling.ADAPTIVE);

    redis.start();
    Job job = Job.forFile("sign.avi");
    queue.enqueue(job);

    awaitState(job.id(), JobState.FINISHED);
  }
}
