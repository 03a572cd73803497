package org.shvideo.lab.measure;

import java.time.Duration;
import org.shvideo.cli.pipeline.UserException;

/**
 * The processor time and memory of a process, with all its threads, up to a moment.
 *
 * @param atNanos the moment, of {@link System#nanoTime}
 * @param processor user and system time in seconds, with a resolution of 10 ms
 * @param residentMib resident memory (RSS) in MiB; 0 if unknown
 */
public record ProcessUsage(long atNanos, double processor, double residentMib) {
  /** Throws a {@link UserException} if there is no such process, or the system does not tell. */
  public static ProcessUsage of(long pid) {
    Duration processor =
        ProcessHandle.of(pid)
            .flatMap(process -> process.info().totalCpuDuration())
            .orElseThrow(
                () -> new UserException("Cannot read the CPU time of process %d".formatted(pid)));
    return new ProcessUsage(
        System.nanoTime(), processor.toNanos() / 1e9, ProcFile.mebibytes(pid, "VmRSS").orElse(0));
  }

  /** The processor time since an earlier moment, in percent of one core. */
  public double percentSince(ProcessUsage earlier) {
    return 100 * (processor - earlier.processor) / ((atNanos - earlier.atNanos) / 1e9);
  }
}
