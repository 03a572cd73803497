package org.shvideo.lab.measure;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.shvideo.worker.clip.ClipUnreadableException;

/**
 * What work has cost.
 *
 * @param wall time on the clock, seconds
 * @param processor time of all threads of this process, seconds: what else runs on the machine
 *     hardly changes it
 */
public record Cost(double wall, double processor) {
  /** Work on a clip. */
  public interface Work {
    void run() throws IOException, ClipUnreadableException;
  }

  /** Does the work. */
  public static Cost of(Work work) throws IOException, ClipUnreadableException {
    long processor = processorNanos();
    long wall = System.nanoTime();
    work.run();
    return new Cost(
        (System.nanoTime() - wall) / 1e9, Math.max(1, processorNanos() - processor) / 1e9);
  }

  private static long processorNanos() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
        .getProcessCpuTime();
  }

  /** How many times the other's wall clock, itself taken so often. */
  public double over(Cost other, double factor) {
    return wall / (factor * other.wall);
  }

  /** As {@link #over}, of processor time. */
  public double processorOver(Cost other, double factor) {
    return processor / (factor * other.processor);
  }
}
