package org.shvideo.lab.measure;

import java.time.Duration;
import org.shvideo.cli.pipeline.UserException;

/**
 * What a process has taken of the machine until some moment, all its threads together.
 *
 * @param atNanos the moment, of {@link System#nanoTime}
 * @param processor time in seconds, to a hundredth, of its own and of the system's for it
 * @param residentMib memory (RSS) in MiB; 0 where the system does not tell
 */
public record ProcessUsage(long atNanos, double processor, double residentMib) {
  /**
   * Asks the system.
   *
   * @throws UserException when there is no such process any more, or the system does not tell
   */
  public static ProcessUsage of(long pid) {
    Duration processor =
        ProcessHandle.of(pid)
            .flatMap(process -> process.info().totalCpuDuration())
            .orElseThrow(
                () ->
                    new UserException(
                        "The system does not tell what process %d takes".formatted(pid)));
    double resident =
        BenchReport.fromProc("/proc/%d/status".formatted(pid), "VmRSS")
                .map(BenchReport::kib)
                .orElse(0L)
            / 1024.0;
    return new ProcessUsage(System.nanoTime(), processor.toNanos() / 1e9, resident);
  }

  /** Processor time since then by the clock, in per cent of one core. */
  public double percentSince(ProcessUsage earlier) {
    return 100 * (processor - earlier.processor) / ((atNanos - earlier.atNanos) / 1e9);
  }
}
