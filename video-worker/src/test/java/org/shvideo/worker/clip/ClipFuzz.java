package org.shvideo.worker.clip;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.shvideo.tasks.Fuzz;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.yolo.YoloDetector;

/**
 * A process that reads damaged clips, so that a crash in native code is seen and not suffered. Says
 * which clip it begins; each is made of its own number, so that a finding can be had again.
 */
final class ClipFuzz {
  private static final int DETECTED = 100;

  private ClipFuzz() {}

  /**
   * Reads them all.
   *
   * @param arguments seed, number of the first clip, how many, folder to work in, model or nothing,
   *     then the originals
   */
  public static void main(String[] arguments) throws Exception {
    long seed = Long.parseLong(arguments[0]);
    long first = Long.parseLong(arguments[1]);
    long count = Long.parseLong(arguments[2]);
    Path folder = Path.of(arguments[3]);
    List<Path> originals = new ArrayList<>();
    for (int i = 5; i < arguments.length; i++) {
      originals.add(Path.of(arguments[i]));
    }
    ClipAnalyzer detection = null;
    if (!arguments[4].isEmpty()) {
      detection =
          new ClipAnalyzer(
              YoloDetector.load(Path.of(arguments[4]), 0.5, 0.7, 1),
              Sampling.ADAPTIVE,
              true,
              Clock.system(ZoneId.systemDefault()));
    }
    System.out.println("ready");
    for (long number = first; number < first + count; number++) {
      System.out.println("clip " + number);
      Fuzz fuzz = new Fuzz(seed + number);
      Path original = fuzz.of(originals);
      Path clip = folder.resolve("clip-" + original.getFileName());
      byte[] bytes =
          fuzz.oneIn(200) ? fuzz.bytes(5000) : fuzz.mutated(Files.readAllBytes(original));
      Files.write(clip, bytes);
      long start = System.nanoTime();
      String outcome;
      try {
        outcome =
            detection != null && fuzz.oneIn(DETECTED)
                ? "detected " + detection.analyse(clip, (frames, total) -> {}).frames()
                : "read " + read(clip, fuzz);
      } catch (ClipUnreadableException e) {
        outcome = "unreadable";
      } catch (IOException e) {
        outcome = "failed: " + e.getMessage();
      }
      System.out.println((System.nanoTime() - start) / 1_000_000 + " ms " + outcome);
    }
    System.out.println("done");
    System.exit(0);
  }

  private static int read(Path clip, Fuzz fuzz) throws ClipUnreadableException, IOException {
    try (ClipReader reader = ClipReader.open(clip, 1 + fuzz.below(2))) {
      while (reader.next()) {
        if (fuzz.oneIn(3)) {
          reader.luma();
        }
        if (fuzz.oneIn(10)) {
          reader.copy().close();
        }
      }
      return reader.index() + 1;
    }
  }
}
