package org.shvideo.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.notebook.results.Comparison;
import org.shvideo.notebook.results.TestLines;
import org.shvideo.notebook.session.NotebookException;
import org.shvideo.notebook.view.View;
import org.shvideo.tasks.TestFiles;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.worker.yolo.Box;
import org.shvideo.worker.yolo.Detection;

/** Clips of the drawn scene, with the demo model. */
@Tag("model")
class ClipTest {
  private static final String SCENE = "scene.avi";

  /** Frames 0 to 39: the sign appears in frame 75. */
  private static final String NOTHING = "nothing.avi";

  private static final String SHORT = "short.avi";

  @TempDir private static Path folder;
  private static Notebook notebook;

  @BeforeAll
  static void writeClips() throws Exception {
    Path scene = SceneClip.write(folder.resolve(SCENE), 0, SceneClip.FRAMES);
    SceneClip.write(folder.resolve(NOTHING), 0, 40);
    SceneClip.write(folder.resolve(SHORT), 150, 3);
    Files.createDirectory(folder.resolve("sub"));
    Files.copy(folder.resolve(SHORT), folder.resolve("sub").resolve(SHORT));
    Files.write(folder.resolve("cut.avi"), headOf(scene));
    Files.createFile(folder.resolve("empty.avi"));
    Files.writeString(folder.resolve("text.avi"), "no video at all");
    notebook =
        new Notebook(
            Settings.of(
                Map.of(
                    "VIDEO_DIR",
                    folder.toString(),
                    "YOLO_MODEL",
                    TestFiles.demoModel().toString())));
  }

  @AfterAll
  static void close() {
    if (notebook != null) {
      notebook.close();
    }
  }

  @Test
  void detectsTheSignInTheFramesThatShowIt() throws IOException {
    FrameResults results = notebook.clip(SCENE).detect(12);

    assertThat(results.frames()).hasSize(28);
    assertThat(results.frames())
        .extracting(FrameResults.Frame::index)
        .startsWith(0, 12, 24)
        .endsWith(324);
    assertThat(results.frames())
        .filteredOn(frame -> !frame.detections().isEmpty())
        .isNotEmpty()
        .allSatisfy(frame -> assertThat(frame.index()).isBetween(75, 224));
    assertThat(results.text()).isEqualTo(SCENE + ": 28 frames, one in 12; stop sign");
    BufferedImage two = decoded(results.pictures(2));
    BufferedImage all = decoded(results.pictures(100));
    assertThat(two.getWidth()).isEqualTo(900);
    assertThat(all.getHeight()).isGreaterThan(2 * two.getHeight());
    assertThat(results.pictures(1).text())
        .containsPattern("^\\d+\\.\\d s: stop sign [01]\\.\\d\\d");
    assertThat(results.timeline().text()).contains("stop sign: from ");
    assertThat(decoded(results.timeline()).getWidth()).isEqualTo(900);
  }

  @Test
  void saysWhenNothingWasDetected() {
    FrameResults results = notebook.clip(NOTHING).detect(20);

    assertThat(results.text()).isEqualTo(NOTHING + ": 2 frames, one in 20; nothing detected");
    assertThat(results.pictures(6).text()).isEqualTo(results.text());
    assertThat(results.timeline().text()).isEqualTo(results.text());
    assertThat(notebook.detect(NOTHING).text()).endsWith("; nothing detected.");
  }

  @Test
  void aContactSheetOfAShortClipShowsEachFrameOnce() throws IOException {
    View sheet = notebook.clip(SHORT).contactSheet(4, 3);

    assertThat(sheet.text()).isEqualTo("3 frames of " + SHORT);
    assertThat(decoded(sheet).getWidth()).isLessThan(900);
    assertThat(decoded(notebook.clip(SCENE).contactSheet(4, 3)).getWidth()).isEqualTo(900);
  }

  @Test
  void rejectsNumbersOutOfRange() {
    Clip clip = notebook.clip(SHORT);

    assertThatThrownBy(() -> clip.detect(0)).hasMessage("everyFrames must be at least 1, not 0");
    assertThatThrownBy(() -> clip.contactSheet(0, 3)).isInstanceOf(NotebookException.class);
    assertThatThrownBy(() -> clip.contactSheet(3, -1)).isInstanceOf(NotebookException.class);
    assertThatThrownBy(() -> clip.detect(1).pictures(0))
        .hasMessage("max must be at least 1, not 0");
  }

  @Test
  void anUnreadableClipIsReportedWithTheReason() {
    for (String name : new String[] {"cut.avi", "empty.avi", "text.avi"}) {
      Clip clip = notebook.clip(name);
      for (var look :
          new org.assertj.core.api.ThrowableAssert.ThrowingCallable[] {
            clip::info,
            () -> clip.contactSheet(4, 3),
            () -> clip.detect(10),
            () -> notebook.detect(name),
            () -> notebook.analyzer().compare(notebook.analyzer(), name)
          }) {
        assertThatThrownBy(look)
            .as(name)
            .isInstanceOf(NotebookException.class)
            .hasMessageStartingWith(name + " ")
            .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
      }
    }
  }

  @Test
  void aDeletedClipIsReportedByName() throws IOException {
    Path gone = Files.copy(folder.resolve(SHORT), folder.resolve("gone.avi"));
    Clip clip = notebook.clip("gone.avi");
    Files.delete(gone);

    assertThatThrownBy(clip::info)
        .isInstanceOf(NotebookException.class)
        .hasMessageEndingWith("gone.avi no longer exists");
  }

  @Test
  void scalesBoxesWithThePicture() {
    assertThat(Clip.scaled(List.of(new Detection("cat", 0.5f, new Box(10, 20, 30, 40))), 0.5f))
        .containsExactly(new Detection("cat", 0.5f, new Box(5, 10, 15, 20)));
  }

  @Test
  void infoShowsCodecResolutionAndLength() {
    assertThat(notebook.clip(SCENE).info().text())
        .containsPattern("codec +mpeg4")
        .containsPattern("resolution +640 × 360")
        .containsPattern("frames +330");
  }

  @Test
  void stoppingTheCellStopsTheDetection() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> notebook.clip(SCENE).detect(1))
          .isInstanceOf(NotebookException.class)
          .hasMessageStartingWith("Stopped.");
      assertThatThrownBy(() -> notebook.detect(SCENE)).hasMessageStartingWith("Stopped.");
      assertThatThrownBy(() -> notebook.clip(SCENE).contactSheet(1, 1))
          .hasMessageStartingWith("Stopped.");
    } finally {
      assertThat(Thread.interrupted()).as("the kernel still sees its interrupt").isTrue();
    }
  }

  @Test
  void comparesWithALineOfThePrototype() throws IOException {
    Files.writeString(
        folder.resolve(DetectionLog.FILE_NAME),
        TestLines.prototype("sub/" + SHORT, "2026-02-23T14:49:15.581433", "unicorn") + "\n");

    Comparison comparison = notebook.analyzer().compareWithLog("sub/" + SHORT);

    assertThat(comparison.text())
        .contains("an unknown number of frames, then ", " frames in ")
        .containsPattern("sub/" + SHORT + " +unicorn +detected +– +missing");
    assertThatThrownBy(() -> notebook.analyzer().compareWithLog(NOTHING))
        .isInstanceOf(NotebookException.class)
        .hasMessageContainingAll(NOTHING, "SendProcessFile.ipynb");
  }

  @Test
  void comparingWithTheSameSettingsShowsNoDifference() {
    Analyzer now = notebook.analyzer().everyFrame();

    Analyzer fewer = notebook.analyzer();
    assertThat(fewer.compare(fewer, NOTHING).text()).endsWith("Neither detected anything.");
    Comparison same = now.compare(now, SHORT);
    assertThat(same.text()).contains("Both detected the same labels.");
    assertThat(same.text().split("confidence 0.50, every frame", -1)).hasSize(3);
    assertThat(now.compare(now.confidence(1), SHORT).text())
        .contains("detected by only one of the two.", "missing");
    assertThatThrownBy(() -> now.compare(now)).hasMessage("Name at least one clip to compare.");
    assertThatThrownBy(() -> now.compare(now, SHORT, "missing.avi"))
        .hasMessageContaining("missing.avi");
  }

  private static byte[] headOf(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return in.readNBytes(48);
    }
  }

  private static BufferedImage decoded(View picture) throws IOException {
    Map<String, String> content = picture.mimeBundle();
    String base64 = content.getOrDefault("image/png", content.get("image/jpeg"));
    return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(base64)));
  }
}
