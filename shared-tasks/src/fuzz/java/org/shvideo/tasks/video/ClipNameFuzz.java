package org.shvideo.tasks.video;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Whatever a camera or a file is called: the name of a clip says its time, its snapshot has a name
 * that a file can have, and no name leads out of the video folder.
 */
public final class ClipNameFuzz {
  private static final VideoFolder FOLDER = new VideoFolder(Path.of("nowhere-at-all"));
  private static final long SECONDS = 250_000_000_000L; // to the year 9892

  private ClipNameFuzz() {}

  public static void fuzzerTestOneInput(FuzzedDataProvider data) {
    LocalDateTime time =
        LocalDateTime.ofEpochSecond(data.consumeLong(0, SECONDS), 0, ZoneOffset.UTC);
    String extension = data.consumeBoolean() ? ".avi" : ".mkv";
    String camera = data.consumeString(60);
    String name = data.consumeRemainingAsString();

    String clip = ClipName.of(time, camera.isEmpty() ? null : camera, extension);
    require(ClipName.isClip(clip), "a clip: " + clip);
    require(ClipName.recordedAt(clip).orElseThrow().equals(time), "the time of " + clip);
    require(ClipName.recordedAt(ClipName.numbered(clip, 2)).isPresent(), "a second " + clip);
    require(clip.indexOf('/') < 0 && clip.indexOf('\0') < 0, "a file name: " + clip);

    require(ClipName.recordedAt(name).isEmpty() || ClipName.isClip(name), "a time in " + name);
    if (!name.isEmpty() && name.getBytes(StandardCharsets.UTF_8).length <= 255) {
      for (int number = 1; number <= 3; number++) {
        String snapshot = ClipName.snapshot(name, number);
        require(!snapshot.equals(name), "a snapshot beside " + name);
        require(ClipName.snapshotNumber(name, snapshot) > 0, "the snapshot " + snapshot);
        require(
            snapshot.getBytes(StandardCharsets.UTF_8).length <= 255 + ".snapshot.jpg".length(),
            "the length of " + snapshot);
      }
    }
    try {
      Path found = FOLDER.clip(name);
      throw new AssertionError("found in a folder that does not exist: " + found);
    } catch (ClipNameException e) {
      require(!e.getMessage().isBlank() && e.getMessage().indexOf('\n') < 0, "the reason");
    }
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
