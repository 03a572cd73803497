package org.shvideo.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.shvideo.tasks.json.Json;

/** The form of the {@code .ipynb} files, with the outputs that are saved in them. */
class NotebookFilesTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("shvideo.root")).resolve("notebooks");
  private static final int MAX_LINES = 20;
  private static final int SHORT = 4;

  static List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".ipynb"))
          .sorted()
          .toList();
    }
  }

  @Test
  void thereAreSevenNotebooks() throws IOException {
    assertThat(names())
        .containsExactly(
            "CheckJupyter.ipynb",
            "Compare.ipynb",
            "DownloadAndProcess.ipynb",
            "IsolatedFileProcessing.ipynb",
            "SendProcessFile.ipynb",
            "ViewProcessResults.ipynb",
            "ViewVideo.ipynb");
  }

  @ParameterizedTest
  @MethodSource("names")
  void haveAFormatAndKernelNameThatBothKernelsSupport(String name) throws IOException {
    JsonNode notebook = read(name);

    assertThat(notebook.path("nbformat").asInt()).isEqualTo(4);
    assertThat(notebook.path("nbformat_minor").asInt()).isEqualTo(5);
    assertThat(notebook.at("/metadata/kernelspec/name").asText()).isEqualTo("java");
    assertThat(cells(notebook).map(cell -> cell.path("id").asText()))
        .doesNotHaveDuplicates()
        .allMatch(id -> id.matches("[A-Za-z0-9_-]{1,64}"));
  }

  @ParameterizedTest
  @MethodSource("names")
  void areInTheNormalFormThatKeepsDiffsSmall(String name) throws IOException {
    String text = Files.readString(FOLDER.resolve(name));

    assertThat(text).startsWith("{\n \"cells\": [\n").endsWith("\n}\n");
    assertThat(text).doesNotContainPattern("\\\\u00[a-f89]").doesNotContain("\r", "\t");
    assertThat(read(name).fieldNames())
        .toIterable()
        .containsExactly("cells", "metadata", "nbformat", "nbformat_minor");
  }

  @ParameterizedTest
  @MethodSource("names")
  void haveShortCellsWithExplanations(String name) throws IOException {
    List<JsonNode> cells = cells(read(name)).toList();

    assertThat(cells.get(0).path("cell_type").asText()).isEqualTo("markdown");
    assertThat(source(cells.get(0))).startsWith("# ");
    for (int i = 1; i < cells.size(); i++) {
      String source = source(cells.get(i));
      assertThat(source).as(name).isNotBlank();
      if (isCode(cells.get(i))) {
        assertThat(source.lines()).as(source).hasSizeLessThanOrEqualTo(MAX_LINES);
        assertThat(source.lines()).as("magics").noneMatch(line -> line.matches("\\s*[%!].*"));
        assertThat(!isCode(cells.get(i - 1)) || source.lines().count() <= SHORT)
            .as("has a sentence above it:%n%s", source)
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void haveNoErrorsAndNoLocalPathsInTheirOutputs(String name) throws IOException {
    for (JsonNode cell : cells(read(name)).toList()) {
      for (JsonNode output : cell.path("outputs")) {
        assertThat(output.path("output_type").asText()).as(source(cell)).isNotEqualTo("error");
        assertThat(output.path("name").asText()).as(source(cell)).isNotEqualTo("stderr");
        for (String text : texts(output)) {
          assertThat(text)
              .as(source(cell))
              .doesNotContainPattern("(?<![\\w.~-])/(work|tmp|home|root|Users|var)/")
              .doesNotContain("\tat ", System.getProperty("user.home") + "/");
        }
      }
    }
  }

  /** What is shown as text: pictures are Base64, in which any word may stand. */
  private static List<String> texts(JsonNode output) {
    List<String> texts = new ArrayList<>(List.of(joined(output.path("text"))));
    for (var form : output.path("data").properties()) {
      if (form.getKey().startsWith("text/")) {
        texts.add(joined(form.getValue()));
      }
    }
    return texts;
  }

  private static boolean isCode(JsonNode cell) {
    return cell.path("cell_type").asText().equals("code");
  }

  private static String source(JsonNode cell) {
    return joined(cell.path("source"));
  }

  private static String joined(JsonNode lines) {
    StringBuilder text = new StringBuilder(lines.isTextual() ? lines.asText() : "");
    lines.forEach(line -> text.append(line.asText()));
    return text.toString();
  }

  private static Stream<JsonNode> cells(JsonNode notebook) {
    return StreamSupport.stream(notebook.path("cells").spliterator(), false);
  }

  private static JsonNode read(String name) {
    try {
      return Json.read(Files.readString(FOLDER.resolve(name)), JsonNode.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
