package org.shvideo.tasks.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration MOST = Duration.ofSeconds(10);

  @Test
  void waitsDoubleUpToTheBoundAndStartAgainAfterASuccess() {
    var backoff = new Backoff(FIRST, MOST, unshortened());

    assertThat(seconds(backoff, 6)).containsExactly(1.0, 2.0, 4.0, 8.0, 10.0, 10.0);
    backoff.reset();
    assertThat(seconds(backoff, 2)).containsExactly(1.0, 2.0);
  }

  @Test
  void waitsAreShortenedAtRandomByUpToAHalfButNeverBelowTheFirst() {
    var full = new Backoff(FIRST, MOST, unshortened());
    var random = new Backoff(FIRST, MOST, new Random(7));
    for (int i = 0; i < 200; i++) {
      Duration longest = full.next();
      Duration shortest = longest.dividedBy(2).compareTo(FIRST) < 0 ? FIRST : longest.dividedBy(2);
      assertThat(random.next()).isBetween(shortest, longest);
    }
    assertThat(Stream.generate(random::next).limit(20).distinct()).hasSizeGreaterThan(10);
  }

  @Test
  void refusesBoundsThatMakeNoSense() {
    for (Duration first : List.of(Duration.ZERO, Duration.ofSeconds(-1), MOST.plusMillis(1))) {
      assertThatThrownBy(() -> new Backoff(first, MOST, new Random(7)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static RandomGenerator unshortened() {
    return () -> 0L;
  }

  private static List<Double> seconds(Backoff backoff, int count) {
    return Stream.generate(() -> backoff.next().toMillis() / 1000.0).limit(count).toList();
  }
}
