package org.shvideo.lab.measure;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.shvideo.worker.clip.ClipUnreadableException;

/**
 * How long something took.
 *
 * @param wall elapsed time in seconds
 * @param processor processor time of all threads of this process in seconds; hardly changed by what
 *     else runs on the machine
 */
public record Timing(double wall, double processor) {
  public interface Task {
    void run() throws IOException, ClipUnreadableException;
  }

  public static Timing of(Task task) throws IOException, ClipUnreadableException {
    long processor = processorNanos();
    long wall = System.nanoTime();
    task.run();
    return new Timing(
        (System.nanoTime() - wall) / 1e9, Math.max(1, processorNanos() - processor) / 1e9);
  }

  private static long processorNanos() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
        .getProcessCpuTime();
  }

  /** The elapsed time as a multiple of {@code factor} times the other's. */
  public double wallRatio(Timing other, double factor) {
    return wall / (factor * other.wall);
  }

  /** The processor time as a multiple of {@code factor} times the other's. */
  public double processorRatio(Timing other, double factor) {
    return processor / (factor * other.processor);
  }
}
