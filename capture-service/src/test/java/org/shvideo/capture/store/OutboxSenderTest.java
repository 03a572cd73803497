package org.shvideo.capture.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.RedisFault;
import org.shvideo.tasks.queue.RedisProxy;
import org.shvideo.tasks.queue.TestRedis;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.LoggerFactory;

@Tag("server")
class OutboxSenderTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final OffsetDateTime THEN = OffsetDateTime.parse("2026-02-23T14:48:19.120+02:00");

  @TempDir Path root;
  private VideoFolder folder;
  private ClipStore store;
  private Outbox outbox;
  private TestRedis redis;
  private JobQueue queue;
  private final BlockingQueue<String> queued = new LinkedBlockingQueue<>();

  @BeforeEach
  void open() throws IOException {
    folder = new VideoFolder(root);
    store = ClipStore.open(folder, false, Clock.systemUTC(), ClipListener.NONE);
    outbox = store.outbox();
    redis = TestRedis.durable();
    queue = new JobQueue(redis.settings());
  }

  @AfterEach
  void close() {
    queue.close();
    redis.close();
    store.close();
  }

  @Test
  void sendsJobsOldestFirst() throws Exception {
    put("20260223-100000.avi");
    put("20260222-110000.avi");
    put("20260223-090000.avi");

    try (OutboxSender sender = sender()) {
      sender.start();
      assertThat(nextQueued()).isEqualTo("20260222-110000.avi");
      assertThat(nextQueued()).isEqualTo("20260223-090000.avi");
      assertThat(nextQueued()).isEqualTo("20260223-100000.avi");
      awaitEmptyOutbox();
    }
    assertThat(queue.openJobs(10))
        .extracting(status -> status.job().filename())
        .containsExactly("20260222-110000.avi", "20260223-090000.avi", "20260223-100000.avi");
    assertThat(queue.openJobs(1).get(0).job())
        .isEqualTo(new Job("id-20260222-110000.avi", "20260222-110000.avi", "door", THEN));
  }

  @Test
  void resendsAJobThatRedisLost() throws Exception {
    put("20260223-100000.avi");
    ListAppender<ILoggingEvent> log = log();

    try (OutboxSender sender = sender(Duration.ofSeconds(2))) {
      sender.start();
      assertThat(nextQueued()).isEqualTo("20260223-100000.avi");
      assertThat(outbox.clips()).hasSize(1);
      assertThat(sender.waiting()).isZero();
      redis.command("FLUSHALL");

      awaitLog(log, "Redis had lost job id-20260223-100000.avi");
      assertThat(queue.depth().waiting()).isEqualTo(1);
      awaitEmptyOutbox();
    }
    assertThat(queue.depth().waiting()).isEqualTo(1);
    assertThat(queued).isEmpty();
  }

  @Test
  void unconfirmedJobsAreConfirmedAfterARestart() throws Exception {
    put("20260223-100000.avi");
    try (OutboxSender sender = sender(Duration.ofDays(1))) {
      sender.start();
      assertThat(nextQueued()).isEqualTo("20260223-100000.avi");
    }
    assertThat(outbox.clips()).containsExactly("20260223-100000.avi");

    try (OutboxSender sender = sender()) {
      sender.start();
      awaitEmptyOutbox();
    }
    assertThat(queue.depth().waiting()).isEqualTo(1);
  }

  @Test
  void sendsANewJobAtOnce() throws Exception {
    try (OutboxSender sender = sender()) {
      sender.start();
      put("20260223-100000.avi");
      outbox.wake();
      assertThat(nextQueued()).isEqualTo("20260223-100000.avi");

      put("20260223-100030.avi");
      outbox.wake();
      assertThat(nextQueued()).isEqualTo("20260223-100030.avi");
    }
  }

  @Test
  void jobsWaitWhileRedisIsUnavailable() throws Exception {
    put("20260223-100000.avi");
    redis.kill();
    ListAppender<ILoggingEvent> log = log();
    try (OutboxSender sender = sender()) {
      sender.start();
      awaitLog(log, "Jobs wait in the outbox");
      put("20260223-100030.avi");
      outbox.wake();

      redis.start();

      assertThat(nextQueued()).isEqualTo("20260223-100000.avi");
      assertThat(nextQueued()).isEqualTo("20260223-100030.avi");
      awaitLog(log, "Reconnected to Redis");
      awaitEmptyOutbox();
    }
    assertThat(queue.depth().waiting()).isEqualTo(2);
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .filteredOn(line -> line.contains("Jobs wait in the outbox"))
        .singleElement()
        .asString()
        .contains("127.0.0.1:" + redis.port(), "refuses the connection");
    assertThat(log.list)
        .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.ERROR))
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource(RedisFault.class)
  void jobsWaitDuringAnyRedisFailureAndAreSentOnce(RedisFault fault) throws Exception {
    put("20260223-100000.avi");
    ListAppender<ILoggingEvent> log = log();
    try (RedisProxy proxy = new RedisProxy(redis);
        JobQueue counted = new JobQueue(proxy.settings(Duration.ofSeconds(30)));
        OutboxSender sender = sender(counted)) {
      fault.begin(redis);
      sender.start();
      awaitLog(log, fault.sentence());
      long logged = System.nanoTime();
      int requests = proxy.requests();
      assertThat(sender.check().message()).contains("1 jobs waiting for Redis", fault.sentence());
      await().until(() -> proxy.requests() > requests);
      assertThat(Duration.ofNanos(System.nanoTime() - logged))
          .isGreaterThan(Duration.ofMillis(500));
      put("20260223-100030.avi");

      fault.end(redis);

      assertThat(nextQueued()).isEqualTo("20260223-100000.avi");
      assertThat(nextQueued()).isEqualTo("20260223-100030.avi");
      awaitLog(log, "Reconnected to Redis");
      awaitEmptyOutbox();
    }
    assertThat(queue.depth().waiting()).isEqualTo(2);
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .filteredOn(line -> line.contains("Jobs wait in the outbox"))
        .hasSize(1);
  }

  @Test
  void slowRedisReceivesEachJobOnce() throws Exception {
    put("20260223-100000.avi");
    put("20260223-100030.avi");
    try (RedisProxy proxy = new RedisProxy(redis);
        JobQueue slow = new JobQueue(proxy.settings(Duration.ofSeconds(30)))) {
      proxy.delay(Duration.ofSeconds(2));
      try (OutboxSender sender = sender(slow, Duration.ofDays(1))) {
        sender.start();
        assertThat(nextQueued()).isEqualTo("20260223-100000.avi");
        assertThat(nextQueued()).isEqualTo("20260223-100030.avi");
      }
    }
    assertThat(queue.depth().waiting()).isEqualTo(2);
  }

  @Test
  void jobWhoseReplyWasLostIsQueuedOnce() throws Exception {
    put("20260223-100000.avi");
    queue.enqueue(Job.forFile("before.avi"));
    try (RedisProxy proxy = new RedisProxy(redis);
        JobQueue lossy = new JobQueue(proxy.settings(Duration.ofSeconds(30)))) {
      proxy.loseAnswerTo("20260223-100000.avi");
      try (OutboxSender sender = sender(lossy)) {
        sender.start();
        assertThat(nextQueued()).isEqualTo("20260223-100000.avi");
        awaitEmptyOutbox();
      }
    }
    assertThat(queue.depth().waiting()).isEqualTo(2);
  }

  @Test
  void jobAlreadyInRedisIsNotAddedAgain() throws Exception {
    put("20260223-100000.avi");
    queue.enqueue(outbox.get("20260223-100000.avi").orElseThrow());

    try (OutboxSender sender = sender()) {
      sender.start();
      assertThat(nextQueued()).isEqualTo("20260223-100000.avi");
      awaitEmptyOutbox();
    }
    assertThat(queue.depth().waiting()).isEqualTo(1);
  }

  @Test
  void setsAnUnreadableEntryAside() throws Exception {
    Files.writeString(folder.outbox().resolve("20260223-100000.avi.json"), "{\"id\":\"x");
    Files.writeString(folder.outbox().resolve("20260223-100001.avi.json"), "{}");
    Files.writeString(folder.outbox().resolve("20260223-100002.avi.json"), "null");
    put("20260223-100003.avi");

    try (OutboxSender sender = sender()) {
      sender.start();
      assertThat(nextQueued()).isEqualTo("20260223-100003.avi");
      awaitEmptyOutbox();
    }
    assertThat(folder.outbox().toFile().list())
        .containsExactlyInAnyOrder(
            "20260223-100000.avi.json.bad",
            "20260223-100001.avi.json.bad",
            "20260223-100002.avi.json.bad");
  }

  @Test
  void jobIsNotSentBeforeItsClipIsPublished() throws Exception {
    PendingClip pending = store.begin("door", THEN, ".avi");
    put(pending.name());
    put("20270101-000000.avi");

    try (OutboxSender sender = sender()) {
      sender.start();
      assertThat(nextQueued()).isEqualTo("20270101-000000.avi");
      Files.delete(pending.file());
      outbox.wake();
      assertThat(nextQueued()).isEqualTo(pending.name());
    }
  }

  @Test
  void closeSendsRemainingJobs() throws Exception {
    OutboxSender sender = sender();
    sender.start();
    put("20260223-100000.avi");
    outbox.wake();
    assertThat(nextQueued()).isEqualTo("20260223-100000.avi");
    put("20260223-100030.avi"); // without a wake-up

    sender.close();

    assertThat(nextQueued()).isEqualTo("20260223-100030.avi");
  }

  @Test
  void closeDoesNotWaitForAnUnresponsiveRedis() throws Exception {
    put("20260223-100000.avi");
    redis.pause();
    OutboxSender sender = sender();
    sender.start();

    long began = System.nanoTime();
    sender.close();

    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
    assertThat(outbox.clips()).containsExactly("20260223-100000.avi");
    redis.resume();
  }

  private OutboxSender sender() {
    return sender(queue, Duration.ofMillis(50));
  }

  private OutboxSender sender(Duration confirmationDelay) {
    return sender(queue, confirmationDelay);
  }

  private OutboxSender sender(JobQueue to) {
    return sender(to, Duration.ofMillis(50));
  }

  private OutboxSender sender(JobQueue to, Duration confirmationDelay) {
    return new OutboxSender(
        store,
        to,
        new ClipListener() {
          @Override
          public void queued(Job job) {
            queued.add(job.filename());
          }
        },
        confirmationDelay);
  }

  private void put(String name) throws IOException {
    outbox.put(name, new Job("id-" + name, name, "door", THEN));
  }

  private String nextQueued() throws InterruptedException {
    return queued.poll(20, TimeUnit.SECONDS);
  }

  private void awaitEmptyOutbox() {
    await().atMost(TIMEOUT).until(() -> outbox.clips().isEmpty());
  }

  private static ListAppender<ILoggingEvent> log() {
    ListAppender<ILoggingEvent> appender = new ListAppender<>();
    appender.list = new CopyOnWriteArrayList<>();
    appender.start();
    ((Logger) LoggerFactory.getLogger(OutboxSender.class)).addAppender(appender);
    return appender;
  }

  private static void awaitLog(ListAppender<ILoggingEvent> log, String part) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(log.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .anyMatch(line -> line.contains(part)));
  }
}
