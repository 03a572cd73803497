package org.shvideo.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.shvideo.notebook.NotebookFile.Cell;
import org.shvideo.notebook.session.NotebookException;
import org.shvideo.tasks.files.FileOperations;

/**
 * The notebooks where there is no Redis, no log and no video: each says in a sentence what is
 * missing and what to do, and none prints a stack trace. VIDEO_DIR and RDS_PORT are set by the
 * build.
 */
final class NotebooksWithoutAnythingTest {
  private static final Path NOTEBOOKS = Path.of(System.getProperty("shvideo.root"), "notebooks");
  private static final Path FOLDER = Path.of(System.getenv("VIDEO_DIR"));

  @BeforeEach
  void createEmptyFolder() throws IOException {
    delete();
    Files.createDirectories(FOLDER);
  }

  @AfterEach
  void delete() throws IOException {
    FileOperations.deleteTree(FOLDER);
  }

  @Test
  void checkJupyterMarksMissingParts() throws IOException {
    Map<String, String> said = run("CheckJupyter");

    assertThat(said.get("check-05"))
        .containsPattern("✘ +Redis +.*check that it runs.*./sh-video run")
        .containsPattern("✔ +log +There is no log yet");
    assertThat(said.get("check-07")).contains("no videos yet", "./sh-video demo");
  }

  @Test
  void checkJupyterReportsAMissingFolder() throws IOException {
    Files.delete(FOLDER);

    assertThat(run("CheckJupyter").get("check-05"))
        .containsPattern("✘ +video folder +.* does not exist\\. Set VIDEO_DIR");
  }

  @Test
  void cellsReportAMissingRedis() throws IOException {
    assertThat(run("SendProcessFile").get("send-04"))
        .startsWith("NotebookException: Redis")
        .contains("./sh-video run", "docker compose up", "RDS_HOST");
  }

  @Test
  void cellsReportAMissingVideo() throws IOException {
    assertThat(run("ViewVideo").get("video-04"))
        .startsWith("NotebookException: File \"one-by-one-person-detection.mp4\" not found");
    assertThat(run("IsolatedFileProcessing").get("isolated-05"))
        .startsWith("NotebookException: File \"car-detection.mp4\" not found");
    assertThat(run("Compare").get("compare-07"))
        .startsWith("NotebookException: File \"car-detection.mp4\" not found");
  }

  @Test
  void everyViewOfAMissingLogIsASentence() throws IOException {
    Map<String, String> said = run("ViewProcessResults");

    assertThat(said.get("results-02")).contains("There is no log yet", "VIDEO_DIR");
    assertThat(said)
        .as("all cells ran, to the last but the user's own question")
        .containsKey("results-21")
        .allSatisfy((cell, text) -> assertThat(text).doesNotContain("Exception"));
  }

  /** Runs a notebook's cells up to the first that fails; what each said, by its id. */
  private static Map<String, String> run(String name) throws IOException {
    Map<String, String> said = new LinkedHashMap<>();
    PrintStream console = System.out;
    try (CellRunner runner = new CellRunner()) {
      for (Cell cell : NotebookFile.read(NOTEBOOKS.resolve(name + ".ipynb")).cells()) {
        var printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
          String value = runner.run(cell.source());
          said.put(cell.id(), printed.toString(StandardCharsets.UTF_8) + value);
        } catch (CellRunner.CellException e) {
          assertThat(e.type()).isEqualTo(NotebookException.class.getName());
          assertThat(e.getStackTrace()).as("a trace would bury the sentence").isEmpty();
          said.put(cell.id(), "NotebookException: " + e.getMessage());
          break;
        } finally {
          System.setOut(console);
        }
      }
    }
    return said;
  }
}
