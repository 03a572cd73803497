package org.shvideo.tasks.log;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.shvideo.tasks.json.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What retention deleted, a JSON line for each clip, written before the clip goes. One process
 * writes it, the capture service that has the folder's lock; any may read it meanwhile. Not
 * thread-safe.
 */
public final class DeletionLog {
  public static final String FILE_NAME = "deletions_log.jsonl";

  private static final Logger LOG = LoggerFactory.getLogger(DeletionLog.class);

  private final Path file;

  /** Opens nothing yet; the file is made by the first append. */
  public DeletionLog(Path file) {
    this.file = file;
  }

  /**
   * Returns when the line is on disk; what an append that failed has left is no line.
   *
   * @throws IOException when it cannot be written; then nothing is
   */
  public void append(Deletion deletion) throws IOException {
    long before = Files.exists(file) ? Files.size(file) : 0;
    // A line that a power cut left unfinished is closed off, so that it spoils nothing but itself.
    String text = (endsInLine(before) ? "" : "\n") + Json.write(deletion) + "\n";
    try (var log = new FileOutputStream(file.toFile(), true)) {
      log.write(text.getBytes(StandardCharsets.UTF_8));
      log.getFD().sync();
    } catch (IOException e) {
      cut(before, e);
      throw e;
    }
  }

  /** All readable lines in the file's order; a missing file is an empty log. */
  public void read(Consumer<Deletion> each) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    long skipped = 0;
    try (var in = new FileInputStream(file.toFile())) {
      var lines = new LineReader(in, 0);
      for (var line = lines.read(); line != null; line = lines.read()) {
        Deletion deletion = parse(line.text());
        if (deletion != null) {
          each.accept(deletion);
        } else if (!line.text().isBlank()) {
          skipped++;
        }
      }
    }
    if (skipped > 0) {
      LOG.warn("{}: skipped what is no line of the log: {}", file, skipped);
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

  private boolean endsInLine(long size) throws IOException {
    if (size == 0) {
      return true;
    }
    try (var log = new RandomAccessFile(file.toFile(), "r")) {
      log.seek(size - 1);
      return log.read() == '\n';
    }
  }

  private void cut(long size, IOException e) {
    if (Files.exists(file)) {
      try (var log = new RandomAccessFile(file.toFile(), "rw")) {
        log.setLength(size);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
    }
  }
}
