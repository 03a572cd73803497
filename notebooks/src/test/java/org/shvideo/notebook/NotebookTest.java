package org.shvideo.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.notebook.session.NotebookException;
import org.shvideo.tasks.settings.Settings;

class NotebookTest {
  @TempDir private Path folder;

  @Test
  void reportsAllInvalidSettingsWithoutSecrets() {
    Settings settings =
        Settings.of(Map.of("CONFIDENCE", "7", "RDS_PORT", "abc", "RDS_PSW", "geheim"));

    assertThatThrownBy(() -> new Notebook(settings))
        .isInstanceOf(NotebookException.class)
        .hasMessageContainingAll("CONFIDENCE", "RDS_PORT")
        .hasMessageNotContaining("geheim")
        .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
  }

  @Test
  void listsVideosNewestFirstAndNothingElse() throws IOException {
    touch("old.avi", 1000);
    touch("new.MP4", 2000);
    touch(".hidden.avi", 3000);
    touch("detections_log.jsonl", 3000);
    touch("new.jpg", 3000);
    Files.createDirectory(folder.resolve("folder.avi"));

    assertThat(notebook().clips().text().lines().skip(1).map(line -> line.replaceFirst(" .*", "")))
        .containsExactly("new.MP4", "old.avi");
  }

  @Test
  void anEmptyFolderSaysHowToGetAVideo() {
    assertThat(notebook().clips().text()).contains("DownloadAndProcess.ipynb", "./sh-video demo");
    try (Notebook nowhere = notebook(folder.resolve("missing"))) {
      assertThat(nowhere.clips().text()).startsWith("The folder has no videos yet.");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing.avi", "../x.avi", "/etc/passwd", ".recording/x.avi", ""})
  void anInvalidClipNameListsTheAvailableClips(String name) throws IOException {
    touch("one.avi", 1000);

    assertThatThrownBy(() -> notebook().clip(name))
        .isInstanceOf(NotebookException.class)
        .hasMessageEndingWith("Available: one.avi.")
        .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
  }

  @Test
  void listsAtMostTheTenNewestClips() throws IOException {
    for (int i = 0; i < 12; i++) {
      touch("clip%02d.avi".formatted(i), 1000 + i);
    }

    assertThatThrownBy(() -> notebook().detect("missing.avi"))
        .hasMessageContaining("Available: clip11.avi, ")
        .hasMessageEndingWith("clip02.avi and 2 more.");
  }

  @Test
  void checksSayWhatToDoAboutEachMissingPart() {
    try (Notebook notebook =
        new Notebook(
            Settings.of(
                Map.of(
                    "VIDEO_DIR",
                    folder.resolve("missing").toString(),
                    "RDS_HOST",
                    "127.0.0.1",
                    "RDS_PORT",
                    "1",
                    "YOLO_MODEL",
                    folder.resolve("no.torchscript").toString())))) {
      SetupChecks checks = notebook.checks();

      assertThat(checks.text())
          .containsPattern("✘ +model +YOLO_MODEL is .*no.torchscript, which is not a file")
          .containsPattern("✘ +video folder +.*missing does not exist. Set VIDEO_DIR")
          .containsPattern("✘ +Redis +Redis at 127.0.0.1:1 refuses the connection.*./sh-video run")
          .containsPattern("✔ +Java +" + Runtime.version().feature());
      assertThat(checks.mimeBundle().get("text/html")).contains("color:red", "color:green");
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
  void rejectsAConfidenceOutOfRange(double confidence) {
    assertThatThrownBy(() -> notebook().analyzer().confidence(confidence))
        .isInstanceOf(NotebookException.class)
        .hasMessageContaining("between 0 and 1");
  }

  @Test
  void rejectsAMissingModelByName() {
    assertThatThrownBy(() -> notebook().analyzer().model("no/such.torchscript"))
        .isInstanceOf(NotebookException.class)
        .hasMessageContaining("no/such.torchscript")
        .hasMessageNotContaining("YOLO_MODEL");
  }

  private void touch(String name, long seconds) throws IOException {
    Path file = Files.createFile(folder.resolve(name));
    Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(seconds)));
  }

  private Notebook notebook() {
    return notebook(folder);
  }

  private static Notebook notebook(Path folder) {
    return new Notebook(Settings.of(Map.of("VIDEO_DIR", folder.toString())));
  }
}
