package org.shvideo.tasks.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.shvideo.tasks.Fuzz;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.log.DetectionLine;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;

/** Whatever is pushed into the queue by hand comes to an end, and never stops the others. */
@Tag("server")
final class JobMessageFuzzTest {
  private static final int AT_ONCE = 200;
  private static final List<String> FIELDS =
      List.of(
          "filename",
          "filename",
          "filename",
          "id",
          "camera",
          "recorded_at",
          "state",
          "attempt",
          "entry",
          "progress",
          "enqueued",
          "started",
          "worker",
          "");
  private static final List<String> VALUES =
      List.of(
          "cats.mp4",
          "20260223-144819.avi",
          "1-1",
          "0-0",
          "18446744073709551615-18446744073709551615",
          "34441a9b-d80d-4c97-b8ba-d52170f28472",
          "+999999999-12-31T23:59:59.999999999-18:00",
          "-999999999-01-01T00:00:00",
          "2026-02-23T14:48:19.120+02:00",
          "finished",
          "retrying");

  @Test
  void everyMessageComesToAnEnd() {
    Fuzz fuzz = new Fuzz(20260223);
    int messages = Fuzz.count(2000);
    int ended = 0;
    try (TestRedis redis = TestRedis.started();
        JobQueue queue = new JobQueue(redis.settings(Duration.ofSeconds(60)));
        Connection raw = new Connection(new HostAndPort("127.0.0.1", redis.port()))) {
      for (int sent = 0; sent < messages; sent += AT_ONCE) {
        for (int i = 0; i < AT_ONCE; i++) {
          push(raw, fuzz);
        }
        look(queue);
        int deliveries = settleAll(queue, fuzz);
        ended += deliveries;
        assertThat(queue.depth().waiting() + queue.depth().started() + queue.depth().retrying())
            .as("after %d messages, of seed 20260223", sent + AT_ONCE)
            .isZero();
      }
    }
    System.out.printf("%d messages, %d deliveries%n", messages, ended);
    assertThat(ended).isGreaterThan(messages / 2);
  }

  private static void push(Connection raw, Fuzz fuzz) {
    List<byte[]> arguments = new ArrayList<>();
    arguments.add("video_queue".getBytes(UTF_8));
    arguments.add("*".getBytes(UTF_8));
    for (int fields = 1 + fuzz.below(5); fields > 0; fields--) {
      arguments.add(fuzz.oneIn(8) ? fuzz.bytes(20) : fuzz.of(FIELDS).getBytes(UTF_8));
      arguments.add(value(fuzz));
    }
    raw.sendCommand(Command.XADD, arguments.toArray(byte[][]::new));
    raw.getOne();
  }

  private static byte[] value(Fuzz fuzz) {
    return switch (fuzz.below(4)) {
      case 0 -> fuzz.bytes(fuzz.oneIn(100) ? 100_000 : 50);
      case 1 -> fuzz.of(VALUES).getBytes(UTF_8);
      case 2 -> fuzz.mutated(fuzz.of(VALUES).getBytes(UTF_8));
      default -> fuzz.text().getBytes(UTF_8);
    };
  }

  /** What `queue` and `check` ask. */
  private static void look(JobQueue queue) {
    queue.openJobs(Integer.MAX_VALUE).forEach(job -> assertThat(job.job().filename()).isNotNull());
    queue.deadLetters(100).forEach(letter -> assertThat(letter.error()).isNotNull());
    queue.oldestWaiting();
  }

  /** As a worker does; a job that may be tried again is, once. */
  private static int settleAll(JobQueue queue, Fuzz fuzz) {
    int deliveries = 0;
    Optional<Delivery> next = queue.take("worker", Duration.ZERO);
    while (next.isPresent()) {
      Delivery delivery = next.get();
      deliveries++;
      assertThat(deliveries).as("no job comes for ever").isLessThan(3 * AT_ONCE);
      assertThat(queue.renew(delivery, 0.5)).isTrue();
      assertThat(settle(queue, delivery, fuzz)).as(delivery.toString()).isTrue();
      queue.status(delivery.job().id());
      next = queue.take("worker", Duration.ZERO);
    }
    return deliveries;
  }

  private static boolean settle(JobQueue queue, Delivery delivery, Fuzz fuzz) {
    String result =
        Json.write(DetectionLine.failed(delivery.job(), LocalDateTime.MIN, fuzz.text()));
    if (delivery.attempt() == 1 && fuzz.oneIn(4)) {
      return queue.retry(delivery, fuzz.text(), Duration.ZERO);
    }
    return fuzz.oneIn(2)
        ? queue.finish(delivery, result)
        : queue.fail(delivery, fuzz.text(), result);
  }
}
