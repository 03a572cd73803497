package org.shvideo.lab.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.shvideo.tasks.queue.Delivery;

/**
 * All that clients of a queue did and were told, and what of it the queue must never do. Each step
 * has the times at which it was asked for and answered, since clients work side by side: a step
 * came before another if it was answered before that was asked for.
 *
 * <p>Redis may lose what it was told, as in a power cut: what was settled before may then come
 * again. Whoever provokes that says so by {@link #lose}. Thread-safe.
 */
final class QueueHistory {
  /** What a client did with a job. */
  enum Kind {
    QUEUED,
    TAKEN,
    RENEWED,
    RETRIED,
    SETTLED
  }

  /**
   * A step that Redis confirmed.
   *
   * @param delivery null if the job was queued
   * @param asked {@link System#nanoTime}, as the answer
   * @param lossesBefore how often Redis may have lost data when the step was asked for
   * @param lossesAfter the same when it was answered
   */
  record Step(
      Kind kind,
      String job,
      Delivery delivery,
      long asked,
      long answered,
      int lossesBefore,
      int lossesAfter) {}

  private final ConcurrentLinkedQueue<Step> steps = new ConcurrentLinkedQueue<>();
  private final AtomicLong operations = new AtomicLong();
  private final AtomicInteger losses = new AtomicInteger();

  /** When each clip was begun, and when it got its first line; how many lines it has. */
  private final Map<String, Long> clips = new ConcurrentHashMap<>();

  private final Map<String, Long> firstLines = new ConcurrentHashMap<>();
  private final Map<String, Integer> lines = new ConcurrentHashMap<>();

  /** A call that is to be recorded once it was answered. */
  final class Call {
    private final long asked = System.nanoTime();
    private final int lossesBefore = losses.get();

    private Call() {
      operations.incrementAndGet();
    }

    void answered(Kind kind, String job, Delivery delivery) {
      steps.add(
          new Step(kind, job, delivery, asked, System.nanoTime(), lossesBefore, losses.get()));
    }
  }

  /** Begins a call. */
  Call call() {
    return new Call();
  }

  long operations() {
    return operations.get();
  }

  /** To be called before Redis loses data, and again afterwards. */
  void lose() {
    losses.incrementAndGet();
  }

  void clip(String clip) {
    clips.put(clip, System.nanoTime());
  }

  /** The clip got a line, of whichever of its jobs. */
  void line(String clip) {
    firstLines.putIfAbsent(clip, System.nanoTime());
    lines.merge(clip, 1, Integer::sum);
  }

  boolean hasLine(String clip) {
    return lines.containsKey(clip);
  }

  int clips() {
    return clips.size();
  }

  /** The longest time from a clip to its first line. */
  Duration longest() {
    return Duration.ofNanos(
        firstLines.entrySet().stream()
            .mapToLong(entry -> entry.getValue() - clips.get(entry.getKey()))
            .max()
            .orElse(0));
  }

  /** What must not have happened. Not while clients work. */
  List<String> violations() {
    List<String> violations = new ArrayList<>();
    for (String clip : clips.keySet()) {
      int count = lines.getOrDefault(clip, 0);
      if (count != 1) {
        violations.add("%s has %d lines".formatted(clip, count));
      }
    }
    Map<String, List<Step>> jobs = new HashMap<>();
    for (Step step : steps) {
      jobs.computeIfAbsent(step.job(), none -> new ArrayList<>()).add(step);
    }
    jobs.values().forEach(history -> check(history, violations));
    return violations;
  }

  private static void check(List<Step> history, List<String> violations) {
    Map<Delivery, Step> ended = new HashMap<>();
    for (Step step : history) {
      if (step.kind() == Kind.TAKEN) {
        history.stream()
            .filter(earlier -> earlier.kind() == Kind.SETTLED && precedes(earlier, step))
            .forEach(earlier -> violations.add("settled, and taken again: " + step));
      } else if (step.kind() != Kind.QUEUED) {
        history.stream()
            .filter(taken -> taken.kind() == Kind.TAKEN && precedes(taken, step))
            .filter(taken -> !taken.delivery().equals(step.delivery()))
            .filter(taken -> takenLater(taken, step, history))
            .forEach(taken -> violations.add("changed by a worker that had lost it: " + step));
        Step before = step.kind() == Kind.RENEWED ? null : ended.put(step.delivery(), step);
        if (before != null && precedes(before, step)) {
          violations.add("ended twice: " + step);
        }
      }
    }
  }

  /** Whether the one came before the other and Redis lost nothing from the one to the other. */
  private static boolean precedes(Step one, Step other) {
    return one.answered() < other.asked()
        && one.lossesBefore() == other.lossesAfter()
        && one.lossesBefore() % 2 == 0; // odd while Redis loses data
  }

  private static boolean takenLater(Step taken, Step step, List<Step> history) {
    return history.stream()
        .filter(own -> own.kind() == Kind.TAKEN && own.delivery().equals(step.delivery()))
        .allMatch(own -> own.answered() < taken.asked());
  }
}
