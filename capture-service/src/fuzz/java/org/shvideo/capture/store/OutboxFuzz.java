package org.shvideo.capture.store;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.json.Json;

/** Whatever an outbox entry contains: it is a job, which is written as it was read, or none. */
public final class OutboxFuzz {
  private static final String CLIP = "20260223-144819.avi";
  private static final Path FOLDER = folder();
  private static final Outbox OUTBOX = new Outbox(FOLDER);

  private OutboxFuzz() {}

  private static Path folder() {
    try {
      return Files.createTempDirectory("outbox-fuzz");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public static void fuzzerTestOneInput(FuzzedDataProvider data) throws IOException {
    Files.write(FOLDER.resolve(CLIP + ".json"), data.consumeRemainingAsBytes());
    Optional<Job> job = OUTBOX.get(CLIP);
    if (job.isPresent()) {
      String written = Json.write(job.get());
      Job again = Json.read(written, Job.class);
      if (!Json.write(again).equals(written)) {
        throw new AssertionError("written as it was read: " + written);
      }
    }
  }
}
