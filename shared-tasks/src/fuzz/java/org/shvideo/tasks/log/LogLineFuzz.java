package org.shvideo.tasks.log;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.shvideo.tasks.json.Json;

/**
 * Whatever a log contains: every byte belongs to one line, in order; a line that is well-formed is
 * written as it was read; and the fast search for job ids misses none.
 */
public final class LogLineFuzz {
  private LogLineFuzz() {}

  public static void fuzzerTestOneInput(FuzzedDataProvider data) throws IOException {
    byte[] content = data.consumeRemainingAsBytes();
    LineReader lines = new LineReader(new ByteArrayInputStream(content), 0);
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    long number = 0;
    for (LineReader.Line line = lines.read(); line != null; line = lines.read()) {
      require(line.number() == ++number, "the number of a line");
      read.writeBytes(line.content());
      if (line.complete()) {
        read.write('\n');
      }
      require(line.end() == read.size(), "the end of a line");
      check(line);
    }
    require(Arrays.equals(read.toByteArray(), content), "the content");
  }

  private static void check(LineReader.Line line) throws IOException {
    Optional<DetectionLine> parsed = LogEntry.parse(line.content());
    if (parsed.isPresent()) {
      String written = Json.write(parsed.get());
      require(written.indexOf('\n') < 0, "one line");
      DetectionLine again = Json.read(written, DetectionLine.class);
      require(Json.write(again).equals(written), "written as it was read: " + written);
      String job = parsed.get().job();
      if (job != null) {
        Set<Long> found = new HashSet<>();
        JobIds.find(line, found::add);
        require(
            found.contains(JobIds.hash(job.getBytes(StandardCharsets.UTF_8))), "the job " + job);
      }
    }
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
