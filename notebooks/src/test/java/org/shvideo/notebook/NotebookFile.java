package org.shvideo.notebook;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.shvideo.tasks.json.Json;

/** The code cells of an {@code .ipynb} file. */
record NotebookFile(List<Cell> cells) {

  /**
   * One of them.
   *
   * @param parameters whether values for a test may be put in place of its own
   */
  record Cell(String id, String source, boolean parameters) {}

  static NotebookFile read(Path file) throws IOException {
    List<Cell> cells = new ArrayList<>();
    for (JsonNode cell : Json.read(Files.readString(file), JsonNode.class).get("cells")) {
      if (cell.get("cell_type").asText().equals("code")) {
        StringBuilder source = new StringBuilder();
        cell.get("source").forEach(line -> source.append(line.asText()));
        boolean parameters = false;
        for (JsonNode tag : cell.get("metadata").path("tags")) {
          parameters |= tag.asText().equals("parameters");
        }
        cells.add(new Cell(cell.get("id").asText(), source.toString(), parameters));
      }
    }
    return new NotebookFile(cells);
  }
}
