package org.shvideo.tasks.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobState;
import org.shvideo.tasks.job.JobStatus;
import org.shvideo.tasks.settings.Secret;
import redis.clients.jedis.RedisClient;

/** The queue's contract, on a real Redis. */
@Tag("server")
@Timeout(30)
class JobQueueTest {
  private static final Duration NOW = Duration.ZERO;
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration SHORT_LEASE = Duration.ofMillis(300);
  private static final Job JOB =
      new Job("1", "a.avi", "front-door", OffsetDateTime.parse("2026-02-23T14:48:19.120+02:00"));

  private static TestRedis redis;
  private JobQueue queue;

  @BeforeAll
  static void startRedis() {
    redis = TestRedis.started();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void empty() {
    redis.command("FLUSHALL");
    queue = new JobQueue(redis.settings());
  }

  @AfterEach
  void close() {
    queue.close();
  }

  @Test
  void valuesOfMegabytesAreCut() {
    String huge = "A".repeat(3_000_000);
    redis.command("XADD", "video_queue", "*", "id", huge, "filename", huge, "camera", huge);
    queue.enqueue(new Job("2", huge, huge, null));

    for (int i = 0; i < 2; i++) {
      Delivery delivery = queue.take("worker-1", NOW).orElseThrow();
      assertThat(delivery.job().id()).hasSizeLessThan(50);
      assertThat(delivery.job().filename()).hasSize(4096);
      assertThat(delivery.job().camera()).hasSize(4096);
      assertThat(queue.fail(delivery, "no such file", "{}")).isTrue();
    }
    assertThat(queue.deadLetters(9)).hasSize(2);
  }

  @Test
  void aJobGoesFromQueuedOverStartedToFinished() {
    assertThat(queue.status("1")).isEmpty();

    assertThat(queue.enqueue(JOB)).isTrue();
    assertThat(status("1").state()).isEqualTo(JobState.QUEUED);
    assertThat(status("1").attempt()).isZero();
    assertThat(status("1").worker()).isNull();
    assertThat(status("1").enqueued()).isCloseTo(Instant.now(), within(10, ChronoUnit.SECONDS));
    assertThat(queue.depth()).isEqualTo(new QueueDepth(1, 0, 0, 0));

    Delivery delivery = queue.take("w", NOW).orElseThrow();
    assertThat(delivery.job()).isEqualTo(JOB);
    assertThat(delivery.attempt()).isEqualTo(1);
    assertThat(delivery.consumer()).isEqualTo("w");
    assertThat(status("1").state()).isEqualTo(JobState.STARTED);
    assertThat(status("1").attempt()).isEqualTo(1);
    assertThat(status("1").worker()).isEqualTo("w");
    assertThat(status("1").started())
        .isBetween(status("1").enqueued(), Instant.now().plusSeconds(10));
    assertThat(status("1").ended()).isNull();
    assertThat(queue.depth()).isEqualTo(new QueueDepth(0, 1, 0, 0));

    assertThat(queue.renew(delivery, 0.25)).isTrue();
    assertThat(status("1").progress()).isEqualTo(0.25);

    assertThat(queue.finish(delivery, "{\"ok\":true}")).isTrue();
    JobStatus end = status("1");
    assertThat(end.state()).isEqualTo(JobState.FINISHED);
    assertThat(end.job()).isEqualTo(JOB);
    assertThat(end.result()).isEqualTo("{\"ok\":true}");
    assertThat(end.progress()).isEqualTo(1);
    assertThat(end.error()).isNull();
    assertThat(end.ended()).isAfterOrEqualTo(end.started());
    assertThat(queue.depth()).isEqualTo(new QueueDepth(0, 0, 0, 0));
    assertThat(queue.take("w", NOW)).isEmpty();
  }

  @Test
  void theOldestJobThatWaitsTellsHowLong() {
    assertThat(queue.oldestWaiting()).isEmpty();
    redis.command("XADD", "video_queue", "1000-0", "filename", "long-ago.avi");
    redis.command("XADD", "video_queue", "*", "filename", "now.avi");

    assertThat(queue.oldestWaiting().orElseThrow()).isGreaterThan(Duration.ofDays(365));
    Delivery first = queue.take("w", NOW).orElseThrow();
    assertThat(queue.oldestWaiting().orElseThrow()).isLessThan(Duration.ofMinutes(1));
    queue.retry(first, "later", Duration.ofHours(1));
    assertThat(queue.take("w", NOW)).isPresent();
    assertThat(queue.oldestWaiting()).as("one started, one to be retried").isEmpty();
  }

  @Test
  void whatRedisIsCanBeAsked() {
    RedisServer server = queue.server();

    assertThat(server.version()).matches("\\d+\\.\\d+\\..*");
    assertThat(server.newEnough()).isTrue();
    assertThat(server.appendOnly()).isFalse();
    assertThat(server.evictionPolicy()).isEqualTo("noeviction");
    assertThat(server.usedMemory()).isPositive();
    assertThat(server.replica()).isFalse();
    assertThat(RedisServer.of("redis_version:6.0.16\r\naof_enabled:1\r\nrole:slave\r\n"))
        .isEqualTo(new RedisServer("Redis 6.0.16", "6.0.16", true, 0, 0, "unknown", true))
        .extracting(RedisServer::newEnough)
        .isEqualTo(false);
  }

  @Test
  void aJobIsAddedOncePerId() {
    assertThat(queue.enqueue(JOB)).isTrue();
    assertThat(queue.enqueue(JOB)).as("while it waits").isFalse();
    Delivery delivery = queue.take("w", NOW).orElseThrow();
    assertThat(queue.enqueue(JOB)).as("while it runs").isFalse();
    queue.finish(delivery, "{}");
    assertThat(queue.enqueue(JOB)).as("after its end").isFalse();

    assertThat(queue.take("w", NOW)).isEmpty();
  }

  @Test
  void jobsAreTakenInTheOrderTheyCame() {
    for (int i = 0; i < 20; i++) {
      queue.enqueue(job("job-" + i));
    }

    assertThat(takeAll("w", 20)).containsExactlyElementsOf(ids("job-", 20));
  }

  @Test
  void aNameOrReasonMayHoldAnything() {
    var job = new Job("a:b {c} *", "кіт 'n' \"dog\"\n.avi", "перша", null);
    queue.enqueue(job);

    Delivery delivery = queue.take("wörker 1", NOW).orElseThrow();
    assertThat(delivery.job()).isEqualTo(job);
    queue.fail(delivery, "не \0 знайдено", "{}");

    assertThat(queue.deadLetters(1).get(0).error()).isEqualTo("не \0 знайдено");
    assertThat(status("a:b {c} *").worker()).isEqualTo("wörker 1");
  }

  @Test
  void anyClientCanPushAFile() {
    String entry = redis.command("XADD", "video_queue", "*", "filename", "cats.mp4");

    assertThat(status(entry).state()).isEqualTo(JobState.QUEUED);
    assertThat(queue.openJobs(10)).extracting(open -> open.job().id()).containsExactly(entry);

    Delivery delivery = queue.take("w", NOW).orElseThrow();
    assertThat(delivery.job()).isEqualTo(new Job(entry, "cats.mp4", null, null));
    assertThat(delivery.attempt()).isEqualTo(1);
    assertThat(status(entry).state()).isEqualTo(JobState.STARTED);
    assertThat(status(entry).enqueued()).isEqualTo(Instant.ofEpochMilli(millis(entry)));
    assertThat(queue.finish(delivery, "{}")).isTrue();
    assertThat(status(entry).state()).isEqualTo(JobState.FINISHED);
  }

  static Stream<Arguments> messagesPushedByHand() {
    return Stream.of(
        Arguments.of(
            new String[] {
              "filename",
              "a.mp4",
              "id",
              "7",
              "camera",
              "yard",
              "recorded_at",
              "2026-02-23T14:48:19+02:00"
            },
            new Job("7", "a.mp4", "yard", OffsetDateTime.parse("2026-02-23T14:48:19+02:00"))),
        Arguments.of(
            new String[] {"filename", "a.mp4", "recorded_at", "yesterday", "colour", "red"},
            new Job("ENTRY", "a.mp4", null, null)),
        Arguments.of(new String[] {"file", "a.mp4"}, new Job("ENTRY", "", null, null)),
        Arguments.of(new String[] {"filename", "", "id", ""}, new Job("ENTRY", "", null, null)),
        Arguments.of(new String[] {"filename", "  "}, new Job("ENTRY", "  ", null, null)),
        Arguments.of(new String[] {"", ""}, new Job("ENTRY", "", null, null)));
  }

  @ParameterizedTest
  @MethodSource("messagesPushedByHand")
  void aMessageIsDeliveredWhateverItHolds(String[] fields, Job expected) {
    String entry =
        redis.command(
            Stream.concat(Stream.of("XADD", "video_queue", "*"), Stream.of(fields))
                .toArray(String[]::new));
    queue.enqueue(job("next"));

    Job job = queue.take("w", NOW).orElseThrow().job();

    assertThat(job)
        .isEqualTo(
            new Job(
                expected.id().replace("ENTRY", entry),
                expected.filename(),
                expected.camera(),
                expected.recordedAt()));
    assertThat(takeAll("w", 1)).containsExactly("next");
  }

  @Test
  void aSecondMessageOfAJobIsDropped() {
    queue.enqueue(JOB);
    redis.command("XADD", "video_queue", "*", "id", "1", "filename", "a.avi");
    Delivery delivery = queue.take("w", NOW).orElseThrow();
    assertThat(queue.take("w", NOW)).as("while the first runs").isEmpty();

    queue.finish(delivery, "{}");
    redis.command("XADD", "video_queue", "*", "id", "1", "filename", "a.avi");
    assertThat(queue.take("w", NOW)).as("after the first ended").isEmpty();
    assertThat(queue.depth()).isEqualTo(new QueueDepth(0, 0, 0, 0));
  }

  @Test
  void theLeaseOfADeadWorkerIsTakenOverAndTheStaleOneCanDoNothing() {
    try (var hasty = new JobQueue(redis.settings(SHORT_LEASE))) {
      queue.enqueue(JOB);
      Delivery stale = hasty.take("dead", NOW).orElseThrow();
      assertThat(queue.take("other", NOW)).as("within its lease").isEmpty();

      Delivery taken = hasty.take("other", SOON).orElseThrow();

      assertThat(taken.job()).isEqualTo(JOB);
      assertThat(taken.attempt()).isEqualTo(2);
      assertThat(status("1").worker()).isEqualTo("other");
      assertThat(queue.renew(stale, 0.9)).isFalse();
      assertThat(queue.finish(stale, "{}")).isFalse();
      assertThat(queue.fail(stale, "e", "{}")).isFalse();
      assertThat(queue.retry(stale, "e", NOW)).isFalse();
      assertThat(status("1").state()).isEqualTo(JobState.STARTED);
      assertThat(status("1").progress()).isZero();
      assertThat(queue.depth()).isEqualTo(new QueueDepth(0, 1, 0, 0));
      assertThat(queue.renew(taken, 0.5)).isTrue();
      assertThat(queue.finish(taken, "{}")).isTrue();
      assertThat(queue.finish(taken, "{}")).as("twice").isFalse();
    }
  }

  /** By hand, or by a replica that did not know of the delivery and became the primary. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aJobWhoseConsumerIsForgottenIsTakenAgain(boolean othersWait) {
    for (int i = 0; i < 250; i++) {
      queue.enqueue(new Job("held-" + i, "held.avi", null, null));
      assertThat(queue.take("living", NOW)).isPresent();
    }
    queue.enqueue(JOB);
    assertThat(queue.take("deleted", NOW)).isPresent();
    redis.command("XGROUP", "DELCONSUMER", "video_queue", "workers", "deleted");
    if (othersWait) {
      queue.enqueue(new Job("2", "b.avi", null, null));
    }

    Delivery again = queue.take("other", NOW).orElseThrow();
    assertThat(again.job()).isEqualTo(JOB);
    assertThat(again.attempt()).isEqualTo(2);
    assertThat(queue.take("third", NOW).isPresent()).isEqualTo(othersWait);
    assertThat(queue.renew(again, 0)).isTrue();
  }

  @Test
  void aJobThatWasTrimmedOutOfTheQueueComesBackWithItsAttempts() {
    for (String id : List.of("started", "retrying", "waiting")) {
      queue.enqueue(job(id));
    }
    Delivery started = queue.take("w", NOW).orElseThrow();
    queue.retry(queue.take("w", NOW).orElseThrow(), "later", Duration.ofHours(1));
    redis.command("HSET", "video_queue:job:settled", "state", "finished");
    redis.command("SET", "video_queue:job:none", "of ours");

    redis.command("XTRIM", "video_queue", "MAXLEN", "0");
    assertThat(queue.mend()).as("one is held, one to be retried").isEqualTo(1);
    redis.command("DEL", "video_queue", "video_queue:retry");
    assertThat(queue.mend()).isEqualTo(3);
    assertThat(queue.mend()).isZero();

    assertThat(queue.finish(started, "{}")).isFalse();
    assertThat(
            Stream.generate(() -> queue.take("w", NOW).orElseThrow())
                .limit(3)
                .map(delivery -> delivery.job().id() + " " + delivery.attempt()))
        .containsExactlyInAnyOrder("started 2", "retrying 2", "waiting 1");
    assertThat(queue.take("w", NOW)).isEmpty();
    assertThat(Long.parseLong(redis.command("PTTL", "video_queue:job:settled"))).isPositive();
  }

  @Test
  void takingMendsTheQueueByItself() {
    try (var hasty = new JobQueue(redis.settings(Duration.ofMillis(10)))) {
      queue.enqueue(JOB);
      redis.command("DEL", "video_queue");

      assertThat(hasty.take("w", SOON).orElseThrow().job()).isEqualTo(JOB);
    }
  }

  @Test
  void aFullRedisIsMended() {
    queue.enqueue(JOB);
    redis.command("DEL", "video_queue");
    redis.command("CONFIG", "SET", "maxmemory", "1");
    try {
      assertThat(queue.mend()).isEqualTo(1);
    } finally {
      redis.command("CONFIG", "SET", "maxmemory", "0");
    }
  }

  @Test
  void aSecondMessageOfAJobWhoseOwnWasTrimmedIsTaken() {
    queue.enqueue(JOB);
    redis.command("XTRIM", "video_queue", "MAXLEN", "0");
    redis.command("XADD", "video_queue", "*", "id", "1", "filename", "a.avi");

    Delivery delivery = queue.take("w", NOW).orElseThrow();

    assertThat(delivery.job()).isEqualTo(JOB);
    assertThat(queue.finish(delivery, "{}")).isTrue();
    assertThat(queue.mend()).isZero();
  }

  @Test
  void aJobWhoseHashWasDeletedIsRetriedAsItWas() {
    queue.enqueue(JOB);
    Delivery first = queue.take("w", NOW).orElseThrow();
    redis.command("DEL", "video_queue:job:1");

    assertThat(queue.retry(first, "not yet", NOW)).isTrue();

    assertThat(queue.take("w", SOON).orElseThrow().job()).isEqualTo(JOB);
  }

  @Test
  void tenThousandJobsLeaveNoKeys() {
    Duration kept = Duration.ofMillis(300);
    QueueSettings brief =
        new QueueSettings(
            "127.0.0.1", redis.port(), new Secret(""), "video_queue", SHORT_LEASE, 3, kept);
    try (var hasty = new JobQueue(brief)) {
      for (int i = 0; i < 10_000; i++) {
        queue.enqueue(job("job-" + i));
        if (i % 1000 == 999) {
          redis.command("XTRIM", "video_queue", "MAXLEN", "2");
          hasty.mend();
        }
        if (i % 3 == 0) {
          continue; // several wait when the stream is trimmed
        }
        Delivery delivery = hasty.take("w" + i % 4, NOW).orElseThrow();
        switch (i % 7) {
          case 0 -> hasty.fail(delivery, "no video", "{}");
          case 1 -> hasty.retry(delivery, "not yet", NOW);
          case 2 -> hasty.abandon(delivery.consumer());
          case 3 -> hasty.release(delivery);
          default -> hasty.finish(delivery, "{}");
        }
      }
      Optional<Delivery> last = hasty.take("w", Duration.ofSeconds(1));
      while (last.isPresent()) {
        hasty.finish(last.get(), "{}");
        last = hasty.take("w", Duration.ofSeconds(1));
      }
    }

    await()
        .untilAsserted(
            () ->
                assertThat(redis.command("KEYS", "*").lines())
                    .containsExactlyInAnyOrder("video_queue", "video_queue:dead"));
    assertThat(queue.depth().waiting() + queue.depth().started()).isZero();
    assertThat(queue.depth().dead()).isPositive();
  }

  @Test
  void theJobOfAWorkerThatIsKnownToBeDeadIsTakenAtOnce() {
    queue.abandon("nobody"); // there is no group yet
    queue.enqueue(JOB);
    queue.enqueue(new Job("2", "b.avi", null, null));
    Delivery dead = queue.take("worker-1", NOW).orElseThrow();
    Delivery living = queue.take("worker-2", NOW).orElseThrow();

    queue.abandon("worker-1");

    Delivery next = queue.take("worker-3", NOW).orElseThrow();
    assertThat(next.job().id()).isEqualTo("1");
    assertThat(next.attempt()).isEqualTo(2);
    assertThat(queue.take("worker-3", NOW)).isEmpty();
    assertThat(queue.renew(dead, 0)).isFalse();
    assertThat(queue.renew(living, 0)).isTrue();
  }

  @Test
  void aRenewedLeaseIsNotTakenOver() {
    try (var hasty = new JobQueue(redis.settings(Duration.ofSeconds(2)))) {
      queue.enqueue(JOB);
      Delivery delivery = hasty.take("alive", NOW).orElseThrow();
      long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
      while (System.nanoTime() < end) {
        assertThat(hasty.renew(delivery, 0.5)).isTrue();
        assertThat(hasty.take("other", Duration.ofMillis(250))).isEmpty();
      }
    }
  }

  @Test
  void attemptsAreCountedAcrossCrashesWithoutEnd() {
    try (var hasty = new JobQueue(redis.settings(Duration.ofMillis(50)))) {
      queue.enqueue(JOB);
      for (int attempt = 1; attempt <= 5; attempt++) {
        Delivery delivery = hasty.take("worker-" + attempt, SOON).orElseThrow();
        assertThat(delivery.attempt()).isEqualTo(attempt);
      }
      assertThat(status("1").attempt()).isEqualTo(5);
    }
  }

  @Test
  void manyLeasesRunOutAtOnce() {
    try (var hasty = new JobQueue(redis.settings(SHORT_LEASE))) {
      for (int i = 0; i < 40; i++) {
        queue.enqueue(job("job-" + i));
      }
      takeAll("dead", 39);
      Delivery last = hasty.take("dead", NOW).orElseThrow();
      assertThat(last.job().id()).isEqualTo("job-39");
      redis.command("XCLAIM", "video_queue", "workers", "dead", "0", last.entry(), "IDLE", "9999");

      assertThat(hasty.take("other", NOW).orElseThrow().job().id())
          .as("found behind 39 that have not run out")
          .isEqualTo("job-39");
      assertThat(takeAll(hasty, "other", 39)).containsExactlyElementsOf(ids("job-", 39));
    }
  }

  @Test
  void aRetryComesBackAfterItsDelayWithTheNextAttempt() {
    queue.enqueue(JOB);
    Delivery first = queue.take("w", NOW).orElseThrow();

    assertThat(queue.retry(first, "not yet", Duration.ofMillis(250))).isTrue();
    long retried = System.nanoTime();

    assertThat(status("1").state()).isEqualTo(JobState.RETRYING);
    assertThat(status("1").error()).isEqualTo("not yet");
    assertThat(queue.depth()).isEqualTo(new QueueDepth(0, 0, 1, 0));
    assertThat(queue.openJobs(10)).extracting(JobStatus::state).containsExactly(JobState.RETRYING);
    assertThat(queue.enqueue(JOB)).as("while it waits for its retry").isFalse();
    assertThat(queue.take("w", NOW)).isEmpty();

    Delivery second = queue.take("w", SOON).orElseThrow();
    assertThat(Duration.ofNanos(System.nanoTime() - retried))
        .isBetween(Duration.ofMillis(245), Duration.ofMillis(950));
    assertThat(second.job()).isEqualTo(JOB);
    assertThat(second.attempt()).isEqualTo(2);
    assertThat(queue.renew(first, 1)).as("of the first attempt").isFalse();
    assertThat(queue.finish(second, "{}")).isTrue();
    assertThat(status("1").error()).isNull();
  }

  @Test
  void aJobGivenBackIsTakenAgainAndTheAttemptDoesNotCount() {
    queue.enqueue(JOB);
    Delivery first = queue.take("w", NOW).orElseThrow();
    assertThat(queue.release(first)).isTrue();
    assertThat(queue.release(first)).isFalse();

    Delivery second = queue.take("other", NOW).orElseThrow();

    assertThat(second.job()).isEqualTo(JOB);
    assertThat(second.attempt()).isEqualTo(1);
    assertThat(queue.depth()).isEqualTo(new QueueDepth(0, 1, 0, 0));
  }

  @Test
  void aFailedJobGoesToTheDeadLetters() {
    queue.enqueue(JOB);
    queue.enqueue(job("2"));
    for (int i = 1; i <= 2; i++) {
      Delivery delivery = queue.take("w", NOW).orElseThrow();
      assertThat(queue.fail(delivery, "reason " + i, "{\"ok\":false}")).isTrue();
    }

    assertThat(status("1").state()).isEqualTo(JobState.FAILED);
    assertThat(status("1").error()).isEqualTo("reason 1");
    assertThat(status("1").result()).isEqualTo("{\"ok\":false}");
    assertThat(queue.depth()).isEqualTo(new QueueDepth(0, 0, 0, 2));
    List<DeadLetter> dead = queue.deadLetters(10);
    assertThat(dead).extracting(letter -> letter.job().id()).containsExactly("2", "1");
    assertThat(dead.get(1)).isEqualTo(new DeadLetter(JOB, 1, "reason 1", status("1").ended()));
    assertThat(queue.deadLetters(1)).hasSize(1);
    assertThat(queue.take("w", NOW)).isEmpty();
  }

  @Test
  void openJobsAreListedAsTheyAreServed() {
    for (int i = 1; i <= 4; i++) {
      queue.enqueue(job("" + i));
    }
    Delivery first = queue.take("w", NOW).orElseThrow();
    Delivery second = queue.take("w", NOW).orElseThrow();
    queue.retry(first, "later", Duration.ofHours(1));
    queue.finish(second, "{}");
    assertThat(takeAll("w", 1)).containsExactly("3");

    assertThat(queue.openJobs(10))
        .extracting(open -> open.job().id() + " " + open.state())
        .containsExactly("3 STARTED", "4 QUEUED", "1 RETRYING");
    assertThat(queue.openJobs(2)).hasSize(2);
  }

  @Test
  void workersShareJobsWithoutDoubles() throws Exception {
    int jobs = 200;
    for (int i = 0; i < jobs; i++) {
      queue.enqueue(job("job-" + i));
    }
    var done = new ConcurrentLinkedQueue<String>();
    var workers = new ArrayList<CompletableFuture<Integer>>();
    for (String worker : List.of("one", "other")) {
      workers.add(
          CompletableFuture.supplyAsync(
              () -> {
                int share = 0;
                try (var own = new JobQueue(redis.settings())) {
                  for (var next = own.take(worker, NOW);
                      next.isPresent();
                      next = own.take(worker, NOW)) {
                    done.add(next.get().job().id());
                    assertThat(own.finish(next.get(), "{}")).isTrue();
                    share++;
                  }
                }
                return share;
              }));
    }
    for (var worker : workers) {
      assertThat(worker.get(20, TimeUnit.SECONDS)).isPositive();
    }

    assertThat(done).containsExactlyInAnyOrderElementsOf(ids("job-", jobs));
    assertThat(queue.depth()).isEqualTo(new QueueDepth(0, 0, 0, 0));
  }

  @Test
  void aJobThatComesWhileAWorkerWaitsIsTakenAtOnce() throws Exception {
    var taken =
        CompletableFuture.supplyAsync(
            () -> queue.take("w", SOON).map(delivery -> System.nanoTime()).orElseThrow());
    awaitBlockedClient();

    long before = System.nanoTime();
    queue.enqueue(JOB);

    assertThat(Duration.ofNanos(taken.get(5, TimeUnit.SECONDS) - before))
        .isLessThan(Duration.ofMillis(700));
  }

  @Test
  void takeWaitsAsLongAsItIsToldTo() {
    for (long wait : new long[] {0, 300, 1200}) {
      long before = System.nanoTime();
      assertThat(queue.take("w", Duration.ofMillis(wait))).isEmpty();
      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .isBetween(Duration.ofMillis(wait), Duration.ofMillis(wait + 600));
    }
  }

  @Test
  void anInterruptedTakeReturnsEmptyAndKeepsTheInterrupt() throws Exception {
    var interrupted = new AtomicBoolean();
    var empty = new AtomicBoolean();
    var worker =
        new Thread(
            () -> {
              empty.set(queue.take("w", Duration.ofMinutes(5)).isEmpty());
              interrupted.set(Thread.currentThread().isInterrupted());
              queue.enqueue(JOB); // what settles a job on the way out still works
            });
    worker.start();
    awaitBlockedClient();

    worker.interrupt();
    worker.join(3000);

    assertThat(worker.isAlive()).isFalse();
    assertThat(empty).isTrue();
    assertThat(interrupted).isTrue();
    assertThat(queue.status("1")).isPresent();
  }

  @Test
  void theStatusOfAnEndedJobExpires() {
    QueueSettings usual = redis.settings();
    var brief =
        new QueueSettings(
            usual.host(),
            usual.port(),
            Secret.NONE,
            usual.queue(),
            usual.lease(),
            3,
            Duration.ofMillis(200));
    try (var own = new JobQueue(brief)) {
      own.enqueue(job("finished"));
      own.enqueue(job("failed"));
      own.enqueue(job("open"));
      own.finish(own.take("w", NOW).orElseThrow(), "{}");
      own.fail(own.take("w", NOW).orElseThrow(), "e", "{}");
      assertThat(takeAll(own, "w", 1)).containsExactly("open");
      assertThat(own.status("finished")).isPresent();

      long deadline = System.nanoTime() + SOON.toNanos();
      while ((own.status("finished").isPresent() || own.status("failed").isPresent())
          && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }

      assertThat(own.status("finished")).isEmpty();
      assertThat(own.status("failed")).isEmpty();
      assertThat(own.status("open")).isPresent();
      assertThat(redis.command("KEYS", "*").lines())
          .containsExactlyInAnyOrder("video_queue", "video_queue:job:open", "video_queue:dead");
    }
  }

  @Test
  void aJobDeletedByHandWithItsHashIsForgotten() {
    try (var hasty = new JobQueue(redis.settings(SHORT_LEASE))) {
      queue.enqueue(JOB);
      Delivery delivery = hasty.take("dead", NOW).orElseThrow();
      redis.command("XDEL", "video_queue", delivery.entry());
      redis.command("DEL", "video_queue:job:1");

      assertThat(hasty.take("other", Duration.ofMillis(1500))).isEmpty();

      assertThat(queue.depth()).isEqualTo(new QueueDepth(0, 0, 0, 0));
    }
  }

  @Test
  void aWorkerThatLeavesIsForgottenUnlessItHoldsAJob() {
    queue.leave("nobody");
    queue.enqueue(JOB);
    queue.enqueue(job("2"));
    Delivery delivery = queue.take("w", NOW).orElseThrow();
    queue.finish(queue.take("done", NOW).orElseThrow(), "{}");
    assertThat(consumers()).containsExactlyInAnyOrder("w", "done");

    queue.leave("w");
    assertThat(consumers()).as("w holds a job").contains("w");
    assertThat(queue.renew(delivery, 0)).isTrue();

    queue.finish(delivery, "{}");
    queue.leave("w");
    assertThat(consumers()).containsExactly("done");
  }

  @Test
  void aWorkerThatDiedLongAgoIsForgottenOnceItsJobsAreDone() {
    queue.enqueue(JOB);
    queue.enqueue(job("2"));
    queue.finish(queue.take("dead with nothing", NOW).orElseThrow(), "{}");
    queue.take("dead with a job", NOW);
    assertThat(consumers()).hasSize(2);

    try (var client = RedisClient.create("127.0.0.1", redis.port())) {
      Script.LEAVE.run(client, List.of("video_queue"), QueueKeys.GROUP, "me", "-1");
    }

    assertThat(consumers()).containsExactly("dead with a job");
  }

  @Test
  void dataThatIsFlushedLeavesAWorkingQueue() {
    queue.enqueue(JOB);
    Delivery lost = queue.take("w", NOW).orElseThrow();
    redis.command("FLUSHALL");

    assertThat(queue.renew(lost, 0.5)).isFalse();
    assertThat(queue.finish(lost, "{}")).isFalse();
    assertThat(queue.depth()).isEqualTo(new QueueDepth(0, 0, 0, 0));
    assertThat(queue.openJobs(10)).isEmpty();
    assertThat(queue.take("w", NOW)).isEmpty();
    assertThat(queue.enqueue(JOB)).isTrue();
    assertThat(takeAll("w", 1)).containsExactly("1");
  }

  @Test
  void jobsThatCameBeforeTheFirstWorkerAreServed() {
    queue.enqueue(JOB);
    assertThat(queue.depth()).isEqualTo(new QueueDepth(1, 0, 0, 0));
    assertThat(queue.openJobs(10)).hasSize(1);

    assertThat(takeAll("w", 1)).containsExactly("1");
  }

  private JobStatus status(String id) {
    return queue.status(id).orElseThrow();
  }

  private List<String> takeAll(String consumer, int count) {
    return takeAll(queue, consumer, count);
  }

  private static List<String> takeAll(JobQueue queue, String consumer, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> queue.take(consumer, SOON).orElseThrow().job().id())
        .toList();
  }

  private static List<String> consumers() {
    List<String> lines =
        redis.command("XINFO", "CONSUMERS", "video_queue", "workers").lines().toList();
    return IntStream.range(1, lines.size())
        .filter(i -> lines.get(i - 1).equals("name"))
        .mapToObj(lines::get)
        .toList();
  }

  private static void awaitBlockedClient() {
    long deadline = System.nanoTime() + SOON.toNanos();
    while (!redis.command("INFO", "clients").contains("blocked_clients:1")) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
  }

  private static Job job(String id) {
    return new Job(id, id + ".avi", null, null);
  }

  private static List<String> ids(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
  }

  private static long millis(String entry) {
    return Long.parseLong(entry.substring(0, entry.indexOf('-')));
  }
}
