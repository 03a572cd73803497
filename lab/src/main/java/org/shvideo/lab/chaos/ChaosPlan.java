package org.shvideo.lab.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.shvideo.lab.chaos.ChaosFault.Target;

/**
 * Which faults strike what, when and for how long: all of it drawn from the seed before the run, so
 * that a seed stands for a run.
 */
record ChaosPlan(List<Strike> strikes) {
  /** Between two strikes, on average. */
  private static final Duration GAP = Duration.ofMillis(1500);

  /** Most are short, as restarts are; some are longer than leases and timeouts. */
  private static final Duration LENGTH = Duration.ofSeconds(3);

  private static final Duration LONGEST = Duration.ofSeconds(15);

  /** For which what was struck is left alone, so that it does some work in between. */
  private static final Duration REST = Duration.ofSeconds(3);

  /**
   * A fault that strikes.
   *
   * @param at since the run's start
   * @param index which of several workers or cameras
   * @param length how long until what was struck is set right
   */
  record Strike(ChaosFault fault, int index, Duration at, Duration length) {
    Duration end() {
      return at.plus(length);
    }
  }

  /** One of the things that are struck: its kind, and which one of them. */
  private record Victim(Target target, int index) {}

  private record Candidate(ChaosFault fault, int index) {}

  /**
   * Draws a plan.
   *
   * @param length no strike begins after it; the last ones may end after it
   */
  static ChaosPlan draw(RandomGenerator random, Duration length, int workers, int cameras) {
    Map<Victim, Duration> busyUntil = new LinkedHashMap<>();
    List<Strike> strikes = new ArrayList<>();
    for (Duration at = exponential(random, GAP);
        at.compareTo(length) < 0;
        at = at.plus(exponential(random, GAP))) {
      Duration now = at;
      List<Candidate> candidates =
          candidates(workers, cameras).stream()
              .filter(
                  candidate ->
                      victims(candidate, workers).stream()
                          .allMatch(
                              victim ->
                                  busyUntil.getOrDefault(victim, Duration.ZERO).compareTo(now)
                                      <= 0))
              .toList();
      if (!candidates.isEmpty()) {
        Candidate chosen = choose(random, candidates);
        Strike strike = new Strike(chosen.fault(), chosen.index(), at, length(random));
        strikes.add(strike);
        Duration until = strike.end().plus(exponential(random, REST));
        victims(chosen, workers).forEach(victim -> busyUntil.put(victim, until));
      }
    }
    return new ChaosPlan(List.copyOf(strikes));
  }

  private static List<Candidate> candidates(int workers, int cameras) {
    List<Candidate> candidates = new ArrayList<>();
    for (ChaosFault fault : ChaosFault.values()) {
      int victims =
          switch (fault.target()) {
            case WORKER -> workers;
            case CAMERA -> cameras;
            case CAPTURE, REDIS, ALL -> 1;
          };
      for (int index = 0; index < victims; index++) {
        candidates.add(new Candidate(fault, index));
      }
    }
    return candidates;
  }

  private static List<Victim> victims(Candidate candidate, int workers) {
    if (candidate.fault().target() != Target.ALL) {
      return List.of(new Victim(candidate.fault().target(), candidate.index()));
    }
    List<Victim> all = new ArrayList<>();
    all.add(new Victim(Target.CAPTURE, 0));
    all.add(new Victim(Target.REDIS, 0));
    for (int worker = 0; worker < workers; worker++) {
      all.add(new Victim(Target.WORKER, worker));
    }
    return all;
  }

  private static Candidate choose(RandomGenerator random, List<Candidate> candidates) {
    int left = random.nextInt(candidates.stream().mapToInt(c -> c.fault().weight()).sum());
    for (Candidate candidate : candidates) {
      left -= candidate.fault().weight();
      if (left < 0) {
        return candidate;
      }
    }
    throw new AssertionError("weights are positive");
  }

  private static Duration length(RandomGenerator random) {
    Duration drawn = exponential(random, LENGTH);
    return drawn.compareTo(LONGEST) < 0 ? drawn : LONGEST;
  }

  /** Of strikes that come at any time, however long ago the last one was. */
  private static Duration exponential(RandomGenerator random, Duration mean) {
    return Duration.ofMillis((long) (mean.toMillis() * random.nextExponential()));
  }
}
