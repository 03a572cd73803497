package org.shvideo.lab.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.shvideo.lab.chaos.ChaosFault.Component;

/** Which faults are injected where, when and for how long. A seed always gives the same plan. */
record ChaosPlan(List<Injection> injections) {
  private static final Duration MEAN_INTERVAL = Duration.ofMillis(1500);

  /** Most faults are short, like restarts; some are longer than leases and timeouts. */
  private static final Duration MEAN_LENGTH = Duration.ofSeconds(3);

  private static final Duration MAX_LENGTH = Duration.ofSeconds(15);

  /** Time without faults after each fault, so that the component gets some work done. */
  private static final Duration MEAN_RECOVERY = Duration.ofSeconds(3);

  /**
   * A fault at a certain time.
   *
   * @param index of the worker or camera; 0 otherwise
   * @param at time since the start of the run
   * @param length until the fault is ended
   */
  record Injection(ChaosFault fault, int index, Duration at, Duration length) {
    Duration end() {
      return at.plus(length);
    }
  }

  /** A component, and which one of several. */
  private record Target(Component component, int index) {}

  private record Candidate(ChaosFault fault, int index) {
    List<Target> targets(int workers) {
      if (fault.component != Component.ALL) {
        return List.of(new Target(fault.component, index));
      }
      List<Target> all = new ArrayList<>();
      all.add(new Target(Component.CAPTURE, 0));
      all.add(new Target(Component.REDIS, 0));
      for (int worker = 0; worker < workers; worker++) {
        all.add(new Target(Component.WORKER, worker));
      }
      return all;
    }
  }

  /** Draws a plan. No fault begins after this length; the last ones may end later. */
  static ChaosPlan draw(RandomGenerator random, Duration length, int workers, int cameras) {
    Map<Target, Duration> busyUntil = new LinkedHashMap<>();
    List<Injection> injections = new ArrayList<>();
    for (Duration at = exponential(random, MEAN_INTERVAL);
        at.compareTo(length) < 0;
        at = at.plus(exponential(random, MEAN_INTERVAL))) {
      Duration now = at;
      List<Candidate> candidates =
          candidates(workers, cameras).stream()
              .filter(
                  candidate ->
                      candidate.targets(workers).stream()
                          .map(target -> busyUntil.getOrDefault(target, Duration.ZERO))
                          .allMatch(until -> until.compareTo(now) <= 0))
              .toList();
      if (!candidates.isEmpty()) {
        Candidate chosen = choose(random, candidates);
        Injection injection = new Injection(chosen.fault(), chosen.index(), at, length(random));
        injections.add(injection);
        Duration until = injection.end().plus(exponential(random, MEAN_RECOVERY));
        chosen.targets(workers).forEach(target -> busyUntil.put(target, until));
      }
    }
    return new ChaosPlan(List.copyOf(injections));
  }

  private static List<Candidate> candidates(int workers, int cameras) {
    List<Candidate> candidates = new ArrayList<>();
    for (ChaosFault fault : ChaosFault.values()) {
      int count =
          switch (fault.component) {
            case WORKER -> workers;
            case CAMERA -> cameras;
            case CAPTURE, REDIS, ALL -> 1;
          };
      for (int index = 0; index < count; index++) {
        candidates.add(new Candidate(fault, index));
      }
    }
    return candidates;
  }

  private static Candidate choose(RandomGenerator random, List<Candidate> candidates) {
    int left = random.nextInt(candidates.stream().mapToInt(c -> c.fault().weight).sum());
    for (Candidate candidate : candidates) {
      left -= candidate.fault().weight;
      if (left < 0) {
        return candidate;
      }
    }
    throw new AssertionError("weights are positive");
  }

  private static Duration length(RandomGenerator random) {
    Duration length = exponential(random, MEAN_LENGTH);
    return length.compareTo(MAX_LENGTH) < 0 ? length : MAX_LENGTH;
  }

  /** The time between independent random events. */
  private static Duration exponential(RandomGenerator random, Duration mean) {
    return Duration.ofMillis((long) (mean.toMillis() * random.nextExponential()));
  }
}
