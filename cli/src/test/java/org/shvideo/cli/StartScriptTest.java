package org.shvideo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script {@code sh-video}, with a program in place of Java that tells how it was called. */
@Tag("process")
@Timeout(60)
final class StartScriptTest {
  @TempDir private Path root;
  private Path calls;
  private Process script;

  @BeforeEach
  void copyScript() throws IOException {
    Files.copy(Path.of("..", "sh-video"), root.resolve("sh-video"));
    Files.createDirectories(root.resolve("cli/target/cli/lib"));
    calls = Files.createFile(root.resolve("calls"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"kill -ABRT $$", "kill -SEGV $$", "kill -KILL $$", "exit 3"})
  void runIsStartedAgainAfterACrashAndEndsWhenTold(String crash) throws Exception {
    start("[ $(wc -l <calls) -gt 1 ] || { " + crash + "; }; exec sleep 60", "run", "a=rtsp://b/");
    await().until(() -> calls().size() == 2);
    assertThat(calls()).allMatch(call -> call.endsWith("org.shvideo.cli.ShVideo run a=rtsp://b/"));

    script.destroy();
    assertThat(script.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(script.exitValue()).isEqualTo(128 + 15); // of sleep; Java's would be 0
    assertThat(calls()).hasSize(2);
  }

  @Test
  void anotherStatusIsPassedOn() throws Exception {
    start("exit 2", "run");
    assertThat(script.waitFor()).isEqualTo(2);
    assertThat(calls()).hasSize(1);
  }

  @Test
  void anotherCommandIsNotRepeated() throws Exception {
    start("kill -KILL $$", "check");
    assertThat(script.waitFor()).isEqualTo(128 + 9);
    assertThat(calls()).hasSize(1);
  }

  @Test
  void reportsOfCrashesAreWrittenIntoTheVideoFolder() throws Exception {
    start("exit 0", "run", "--video-dir", "/srv/my video");
    assertThat(script.waitFor()).isZero();
    start("exit 0", "run", "--video-dir=/other");
    assertThat(script.waitFor()).isZero();
    assertThat(calls().get(0)).contains("-XX:ErrorFile=/srv/my video/.capture-crash.log");
    assertThat(calls().get(1)).contains("-XX:ErrorFile=/other/.capture-crash.log");
  }

  /**
   * @param then what the program does after it has written its arguments to {@link #calls}
   */
  private void start(String then, String... arguments) throws IOException {
    Path java = Files.createDirectories(root.resolve("jdk/bin")).resolve("java");
    Files.writeString(
        java,
        """
        #!/usr/bin/env bash
        case $1 in -XshowSettings*) echo "    java.specification.version = 17"; exit ;; esac
        echo "$*" >>calls
        """
            + then);
    assertThat(java.toFile().setExecutable(true)).isTrue();
    List<String> command = new ArrayList<>(List.of("bash", "./sh-video"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(root.resolve("output").toFile());
    builder.environment().put("JAVA_HOME", root.resolve("jdk").toString());
    script = builder.start();
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(calls);
  }
}
