package org.shvideo.tasks.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A process that is killed, and the ones that it started. */
@Tag("process")
class WatchdogTest {
  @Test
  void aProcessEndsWithTheOneThatIsKilled() throws Exception {
    Process parent = start();
    ProcessHandle child = childOf(parent);
    List<ProcessHandle> shells = parent.descendants().filter(one -> !one.equals(child)).toList();
    assertThat(shells).isNotEmpty();

    parent.destroyForcibly();

    await().atMost(Duration.ofSeconds(20)).until(() -> !child.isAlive());
    await().until(() -> shells.stream().noneMatch(ProcessHandle::isAlive));
  }

  @Test
  void theShellEndsWithTheProcess() throws Exception {
    Process parent = start();
    try {
      ProcessHandle child = childOf(parent);
      child.destroyForcibly();

      await().atMost(Duration.ofSeconds(20)).until(() -> parent.descendants().findAny().isEmpty());
      assertThat(parent.isAlive()).isTrue();
    } finally {
      parent.destroyForcibly();
    }
  }

  private static Process start() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Parent.class.getName())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static ProcessHandle childOf(Process parent) throws IOException {
    BufferedReader output = parent.inputReader();
    return ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
  }

  /** Starts a process that would sleep for minutes, and tells its number. */
  static final class Parent {
    private Parent() {}

    public static void main(String[] arguments) throws Exception {
      Process child = new ProcessBuilder("sleep", "600").start();
      Watchdog.over(child.toHandle());
      System.out.println(child.pid());
      System.out.flush();
      child.waitFor();
      Thread.sleep(Duration.ofMinutes(10).toMillis());
    }
  }
}
