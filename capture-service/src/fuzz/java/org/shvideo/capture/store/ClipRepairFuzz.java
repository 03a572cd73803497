package org.shvideo.capture.store;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.shvideo.capture.container.AviWriter;
import org.shvideo.ffmpeg.FFmpegLog;

/**
 * Whatever a crash has left of a recording: it is refused as unreadable, or what is salvaged of it
 * is complete, not much larger, and loses nothing when it is salvaged once more.
 */
public final class ClipRepairFuzz {
  private static final Path FOLDER = folder();
  private static final Path TORN = FOLDER.resolve("torn.avi");
  private static final Path SALVAGED = FOLDER.resolve("salvaged.avi");
  private static final Path AGAIN = FOLDER.resolve("again.avi");

  private ClipRepairFuzz() {}

  private static Path folder() {
    FFmpegLog.silence();
    try {
      return Files.createTempDirectory("avi-fuzz");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public static void fuzzerTestOneInput(FuzzedDataProvider data) throws IOException {
    byte[] torn = data.consumeRemainingAsBytes();
    Files.write(TORN, torn);
    ClipRepair.Result result;
    try {
      result = ClipRepair.copy(TORN, SALVAGED);
    } catch (ClipRepair.UnreadableException e) {
      return;
    }
    if (result.packets() > 0) {
      require(AviWriter.isComplete(SALVAGED), "the salvaged file is complete");
      ClipRepair.Result again = ClipRepair.copy(SALVAGED, AGAIN);
      require(again.packets() == result.packets(), "packets, salvaged once more");
    }
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
