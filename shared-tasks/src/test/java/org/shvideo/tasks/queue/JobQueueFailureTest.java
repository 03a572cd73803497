package org.shvideo.tasks.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobState;
import org.shvideo.tasks.settings.Secret;
import redis.clients.jedis.exceptions.JedisDataException;

/** What the queue does and says when Redis does not do its part. */
@Tag("server")
@Timeout(60)
class JobQueueFailureTest {
  private static final Duration NOW = Duration.ZERO;
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Job JOB = new Job("1", "a.avi", null, null);

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void jobsOutliveARestartAndTheirDeliveriesGoOn(boolean killed) {
    try (var redis = TestRedis.durable();
        var queue = new JobQueue(redis.settings())) {
      queue.enqueue(JOB);
      queue.enqueue(new Job("2", "b.avi", null, null));
      queue.enqueue(new Job("3", "c.avi", null, null));
      Delivery first = queue.take("w", NOW).orElseThrow();
      queue.retry(queue.take("w", NOW).orElseThrow(), "later", Duration.ofMillis(50));

      if (killed) {
        redis.kill();
        redis.start();
      } else {
        redis.restart();
      }

      assertThat(queue.renew(first, 0.5)).isTrue();
      assertThat(queue.finish(first, "{}")).isTrue();
      assertThat(queue.take("w", SOON).orElseThrow().job().id()).isEqualTo("3");
      assertThat(queue.take("w", SOON).orElseThrow().attempt()).isEqualTo(2);
      assertThat(queue.status("1").orElseThrow().state()).isEqualTo(JobState.FINISHED);
    }
  }

  @Test
  void aQueueOutlivesItsRedis() {
    try (var redis = TestRedis.durable();
        var queue = new JobQueue(redis.settings())) {
      queue.enqueue(JOB);
      redis.kill();

      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> queue.enqueue(JOB))
            .isInstanceOf(QueueUnavailableException.class)
            .hasMessage(
                "Redis at 127.0.0.1:%d refuses the connection: check that it runs, and RDS_HOST"
                        .formatted(redis.port())
                    + " and RDS_PORT");
        assertThatThrownBy(() -> queue.take("w", NOW))
            .isInstanceOf(QueueUnavailableException.class);
      }

      redis.start();
      assertThat(queue.enqueue(JOB)).isFalse();
      assertThat(queue.take("w", NOW).orElseThrow().job()).isEqualTo(JOB);
    }
  }

  @Test
  void whatAPowerCutLeftHalfWrittenIsAskedForAgain() throws Exception {
    try (var redis = TestRedis.durable();
        var queue = new JobQueue(redis.settings())) {
      queue.enqueue(JOB);
      queue.enqueue(new Job("2", "b.avi", null, null));
      redis.kill();
      redis.tearAppendOnlyFile();
      redis.start();

      assertThat(queue.enqueue(JOB)).as("known").isFalse();
      assertThat(queue.enqueue(new Job("2", "b.avi", null, null))).as("torn off").isTrue();
      assertThat(queue.depth().waiting()).isEqualTo(2);
    }
  }

  @Test
  void aJobWhoseDeliveryGotLostIsDeliveredAgainAsTheSameAttempt() {
    try (var redis = TestRedis.started();
        var proxy = new RedisProxy(redis);
        var queue = new JobQueue(proxy.settings(Duration.ofSeconds(30)));
        var other = new JobQueue(redis.settings())) {
      assertThat(other.take("worker-2", NOW)).as("it has the script now").isEmpty();
      queue.enqueue(JOB);
      queue.enqueue(new Job("2", "b.avi", null, null));
      for (int time = 0; time < 3; time++) {
        proxy.loseAnswerTo("worker-1");
        assertThat(take(queue, "worker-1")).contains("broke off the connection");
      }
      assertThat(other.take("worker-2", NOW).orElseThrow().job().id()).isEqualTo("2");

      Delivery delivery = queue.take("worker-1", NOW).orElseThrow();

      assertThat(delivery.job()).isEqualTo(JOB);
      assertThat(delivery.attempt()).isEqualTo(1);
      assertThat(queue.take("worker-1", NOW)).as("told of it now").isEmpty();
      assertThat(queue.finish(delivery, "{}")).isTrue();
    }
  }

  @Test
  void aJobWhoseSettlementCouldNotBeToldComesBackAtOnce() {
    try (var redis = TestRedis.durable();
        var queue = new JobQueue(redis.settings())) {
      queue.enqueue(JOB);
      Delivery delivery = queue.take("w", NOW).orElseThrow();
      redis.kill();
      assertThatThrownBy(() -> queue.finish(delivery, "{}"))
          .isInstanceOf(QueueUnavailableException.class);
      redis.start();

      assertThat(queue.take("w", NOW)).contains(delivery);
      assertThat(queue.finish(delivery, "{}")).isTrue();
    }
  }

  @Test
  void aSlowRedisCostsNoLeaseAndIsAskedNoMoreOften() {
    try (var redis = TestRedis.started();
        var proxy = new RedisProxy(redis);
        var direct = new JobQueue(redis.settings());
        var queue = new JobQueue(proxy.settings(Duration.ofSeconds(6)))) {
      teachScripts(direct);
      direct.enqueue(JOB);
      proxy.delay(Duration.ofSeconds(2));

      Delivery delivery = queue.take("w", NOW).orElseThrow();
      assertThat(queue.renew(delivery, 0.5)).isTrue();
      assertThat(queue.finish(delivery, "{}")).isTrue();

      assertThat(direct.status(JOB.id()).orElseThrow().attempt()).isEqualTo(1);
      assertThat(proxy.requests())
          .as("each: is the connection alive, and the script")
          .isLessThan(8);
    }
  }

  @Test
  void aPasswordThatIsChangedIsToldUntilItIsSetBack() {
    try (var redis = TestRedis.withPassword("secret");
        var queue = new JobQueue(redis.settings())) {
      queue.enqueue(JOB);
      Delivery delivery = queue.take("w", NOW).orElseThrow();

      redis.changePassword("sesame");
      for (int time = 0; time < 2; time++) {
        var failure =
            catchThrowableOfType(QueueUnavailableException.class, () -> queue.finish(delivery, ""));
        assertThat(failure).hasMessageEndingWith("refused the password: check RDS_PSW");
        assertThat(failure).satisfies(JobQueueFailureTest::tellsNoPassword);
      }
      redis.changePassword("secret");

      assertThat(queue.finish(delivery, "{}")).isTrue();
    }
  }

  @Test
  void aFullRedisTakesNoJobsButLetsThoseItHasBeWorkedOff() {
    try (var redis = TestRedis.started();
        var queue = new JobQueue(redis.settings())) {
      redis.allowMemory(1 << 20);
      int accepted = 0;
      String failure = "";
      while (failure.isEmpty()) {
        try {
          queue.enqueue(new Job("" + accepted, "x".repeat(1000) + ".avi", null, null));
          accepted++;
        } catch (QueueUnavailableException e) {
          failure = e.getMessage();
        }
      }
      assertThat(failure).endsWith("is out of memory: raise its maxmemory");
      assertThat(accepted).isGreaterThan(100);
      assertThat(queue.depth().waiting()).isEqualTo(accepted);

      // The first worker to come has to make the group, too.
      String line = "{\"filename\":\"" + "x".repeat(1000) + "\"}";
      Set<String> ended = new HashSet<>();
      for (int i = 0; ended.size() < accepted; i++) {
        Delivery delivery = queue.take("w", NOW).orElseThrow();
        assertThat(queue.renew(delivery, 0.5)).isTrue();
        boolean retried = delivery.attempt() == 1 && i % 4 == 0;
        boolean settled =
            retried
                ? queue.retry(delivery, "later", NOW)
                : i % 4 == 1 ? queue.fail(delivery, "broken", line) : queue.finish(delivery, line);
        assertThat(settled).isTrue();
        if (!retried) {
          assertThat(ended.add(delivery.job().id())).isTrue();
        }
      }
      assertThat(queue.take("w", NOW)).isEmpty();
    }
  }

  @Test
  void aReadOnlyReplicaChangesNothingAndServesOnceItIsPromoted() {
    try (var redis = TestRedis.started();
        var queue = new JobQueue(redis.settings())) {
      queue.enqueue(JOB);
      Delivery delivery = queue.take("w", NOW).orElseThrow();
      redis.command("REPLICAOF", "127.0.0.1", "1");

      String sentence = "is a read-only replica: RDS_HOST must name the primary";
      assertThatThrownBy(() -> queue.enqueue(new Job("2", "b.avi", null, null)))
          .hasMessageEndingWith(sentence);
      assertThatThrownBy(() -> queue.renew(delivery, 0.5)).hasMessageEndingWith(sentence);
      assertThatThrownBy(() -> queue.finish(delivery, "{}")).hasMessageEndingWith(sentence);
      assertThat(take(queue, "w")).endsWith(sentence);
      assertThat(queue.depth().started()).isEqualTo(1);

      redis.command("REPLICAOF", "NO", "ONE");
      assertThat(queue.enqueue(new Job("2", "b.avi", null, null))).isTrue();
      assertThat(queue.finish(delivery, "{}")).isTrue();
      assertThat(queue.take("w", NOW).orElseThrow().job().id()).isEqualTo("2");
    }
  }

  @Test
  void aRedisThatComesLaterIsFound() {
    try (var redis = TestRedis.started()) {
      redis.stop();
      try (var queue = new JobQueue(redis.settings())) {
        assertThatThrownBy(queue::ping).isInstanceOf(QueueUnavailableException.class);
        redis.start();
        queue.ping();
      }
    }
  }

  @Test
  void aWaitingWorkerNoticesThatRedisWasKilled() throws Exception {
    try (var redis = TestRedis.started();
        var queue = new JobQueue(redis.settings())) {
      var taken = CompletableFuture.supplyAsync(() -> take(queue, Duration.ofMinutes(5)));
      while (!redis.command("INFO", "clients").contains("blocked_clients:1")) {
        Thread.onSpinWait();
      }
      redis.kill();

      assertThat(taken.get(10, TimeUnit.SECONDS)).contains("Redis at 127.0.0.1:");
    }
  }

  @Test
  void aFrozenRedisIsGivenUp() {
    try (var redis = TestRedis.started();
        var queue = new JobQueue(redis.settings())) {
      redis.pause();

      long before = System.nanoTime();
      assertThat(take(queue, NOW)).contains("does not answer");
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(12));

      redis.resume();
      assertThat(queue.enqueue(JOB)).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "secret,,wants a password: set RDS_PSW",
        "secret,sesame,refused the password: check RDS_PSW"
      })
  void aWrongPasswordIsNamedButNotTold(String wanted, String given, String message) {
    try (var redis = wanted.equals("''") ? TestRedis.started() : TestRedis.withPassword(wanted)) {
      try (var queue = queue("127.0.0.1", redis.port(), given)) {
        var failure = catchThrowableOfType(QueueUnavailableException.class, queue::ping);

        assertThat(failure).hasMessage("Redis at 127.0.0.1:" + redis.port() + " " + message);
        assertThat(failure).satisfies(JobQueueFailureTest::tellsNoPassword);
      }
    }
  }

  @Test
  void theRightPasswordIsUsedOnEveryConnection() {
    try (var redis = TestRedis.withPassword("s€c:r@t \"1\"");
        var queue = new JobQueue(redis.settings())) {
      queue.enqueue(JOB);
      assertThat(queue.take("w", NOW)).isPresent();
    }
  }

  static Stream<Arguments> states() {
    return Stream.of(
        Arguments.of("is a read-only replica", new String[] {"REPLICAOF", "127.0.0.1", "1"}),
        Arguments.of("is out of memory", new String[] {"CONFIG", "SET", "maxmemory", "1"}),
        Arguments.of("holds something else", new String[] {"LPUSH", "video_queue", "x"}),
        Arguments.of("access rules", new String[] {"ACL", "SETUSER", "default", "-xadd"}),
        Arguments.of("access rules", new String[] {"ACL", "SETUSER", "default", "-evalsha"}));
  }

  @ParameterizedTest
  @MethodSource("states")
  void aRedisThatAcceptsNoJobSaysWhy(String message, String[] command) {
    try (var redis = TestRedis.started();
        var queue = new JobQueue(redis.settings())) {
      redis.command(command);

      assertThatThrownBy(() -> queue.enqueue(JOB))
          .isInstanceOf(QueueUnavailableException.class)
          .hasMessageContaining(message)
          .hasMessageStartingWith("Redis at 127.0.0.1:" + redis.port() + " ");
    }
  }

  @Test
  void aHostThatDoesNotExistIsNamed() {
    try (var queue = queue("no-such-host.invalid", 6379, null)) {
      assertThatThrownBy(queue::ping)
          .isInstanceOf(QueueUnavailableException.class)
          .hasMessage(
              "Redis at no-such-host.invalid:6379 cannot be found: there is no such host, check"
                  + " RDS_HOST");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "LOADING Redis is loading the dataset in memory | is still loading its data",
        "MISCONF Redis is configured to save RDB snapshots | cannot save to its disk",
        "ERR Error running script (call to f_1): @user_script:6: @user_script: 6: -OOM command not"
            + " allowed when used memory > 'maxmemory'. | is out of memory",
        "ERR unknown command `XAUTOCLAIM`, with args beginning with: | is too old",
        "@user_script: 9: Unknown Redis command called from Lua script | is too old",
        "DENIED Redis is running in protected mode | is in protected mode",
        "ERR max number of clients reached | has too many clients",
        "BUSY Redis is busy running a script. | is busy",
        "ERR something new | failed: ERR something new"
      })
  void anAnswerIsExplained(String answer, String message) {
    try (var redis = TestRedis.started()) {
      assertThat(RedisErrorMessages.of(new JedisDataException(answer), redis.settings()))
          .hasMessageContaining(message);
    }
  }

  private static String take(JobQueue queue, Duration wait) {
    return take(queue, "w", wait);
  }

  private static String take(JobQueue queue, String consumer) {
    return take(queue, consumer, NOW);
  }

  private static String take(JobQueue queue, String consumer, Duration wait) {
    try {
      return queue.take(consumer, wait).toString();
    } catch (QueueUnavailableException e) {
      return e.getMessage();
    }
  }

  private static void teachScripts(JobQueue queue) {
    queue.enqueue(new Job("first", "first.avi", null, null));
    Delivery delivery = queue.take("first", NOW).orElseThrow();
    queue.renew(delivery, 1);
    queue.finish(delivery, "{}");
  }

  private static JobQueue queue(String host, int port, String password) {
    return new JobQueue(
        new QueueSettings(
            host,
            port,
            new Secret(Optional.ofNullable(password).orElse("")),
            "video_queue",
            Duration.ofSeconds(30),
            3,
            Duration.ofSeconds(500)));
  }

  private static void tellsNoPassword(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      assertThat(cause.toString()).doesNotContain("sesame").doesNotContain("secret");
    }
  }
}
