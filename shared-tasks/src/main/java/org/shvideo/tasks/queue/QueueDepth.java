package org.shvideo.tasks.queue;

/** How many jobs wait, are held by workers, wait for their next attempt, or were given up. */
public record QueueDepth(long waiting, long started, long retrying, long dead) {
  /** For people: {@code 3 waiting, 1 started, 0 retrying, 0 dead}. */
  public String text() {
    return "%d waiting, %d started, %d retrying, %d dead"
        .formatted(waiting, started, retrying, dead);
  }
}
