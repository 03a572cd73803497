package org.shvideo.lab.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.shvideo.cli.pipeline.UserException;

/** The resource usage of processes on Linux. */
@Tag("process")
final class ProcessUsageTest {
  @Test
  void percentIsOfOneCore() {
    ProcessUsage before = new ProcessUsage(1_000_000_000L, 2.5, 100);
    ProcessUsage after = new ProcessUsage(5_000_000_000L, 3.5, 100);

    assertThat(after.percentSince(before)).isEqualTo(25);
  }

  @Test
  void processorTimeAgreesWithJava() {
    assumeTrue(Files.exists(Path.of("/proc/self/stat")), "no /proc on this system");
    double expected =
        ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime()
            / 1e9;

    ProcessUsage usage = ProcessUsage.of(ProcessHandle.current().pid());

    assertThat(usage.processor()).isCloseTo(expected, within(0.5));
    assertThat(usage.residentMib()).isBetween(20.0, 10_000.0);
  }

  @Test
  void anEndedProcessIsReported() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();

    assertThatThrownBy(() -> ProcessUsage.of(process.pid()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("process " + process.pid());
  }
}
