package org.shvideo.tasks.log;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.json.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clips that retention deleted, one JSON line each, written before the clip is deleted. Only
 * the capture service that holds the folder's lock writes it; any process may read it meanwhile.
 * The first append creates the file. Not thread-safe.
 */
public record DeletionLog(Path file) {
  public static final String FILE_NAME = "deletions_log.jsonl";

  private static final Logger LOG = LoggerFactory.getLogger(DeletionLog.class);

  /** Returns when the line is on disk; if it cannot be written, the file remains unchanged. */
  public void append(Deletion deletion) throws IOException {
    // Ends a line that a power failure left incomplete, so that only that one is lost.
    String text = (endsWithLineBreak() ? "" : "\n") + Json.write(deletion) + "\n";
    FileOperations.append(file, text.getBytes(StandardCharsets.UTF_8));
    FileOperations.sync(file.toAbsolutePath().getParent());
  }

  /** Passes on all well-formed lines in order; a missing file is an empty log. */
  public void read(Consumer<Deletion> action) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    long malformed = 0;
    try (var in = new FileInputStream(file.toFile())) {
      var lines = new LineReader(in, 0);
      for (var line = lines.read(); line != null; line = lines.read()) {
        Deletion deletion = parse(line.text());
        if (deletion != null) {
          action.accept(deletion);
        } else if (!line.text().isBlank()) {
          malformed++;
        }
      }
    }
    if (malformed > 0) {
      LOG.warn("Skipped {} malformed lines in {}.", malformed, file);
    }
  }

  private static Deletion parse(String text) {
    try {
      Deletion deletion = Json.read(text, Deletion.class);
      return deletion == null || deletion.filename() == null ? null : deletion;
    } catch (IOException e) {
      return null;
    }
  }

  private boolean endsWithLineBreak() throws IOException {
    long size = FileOperations.size(file);
    if (size == 0) {
      return true;
    }
    try (var log = new RandomAccessFile(file.toFile(), "r")) {
      log.seek(size - 1);
      return log.read() == '\n';
    }
  }
}
