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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.notebook.results.ClipResult;
import org.shvideo.notebook.results.Comparison;
import org.shvideo.notebook.results.TestLines;
import org.shvideo.notebook.session.NotebookException;
import org.shvideo.notebook.view.View;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.worker.yolo.Box;
import org.shvideo.worker.yolo.Detection;

/** Clips with the real model and footage, against what an exhaustive run finds in it. */
class ClipTest {
  private static final String CARS = "car-detection.mp4";

  /** Frames 0 to 39: the first car comes with frame 61. */
  private static final String NOTHING = "nothing.avi";

  private static final String SHORT = "short.avi";

  @TempDir private static Path folder;
  private static Notebook notebook;

  @BeforeAll
  static void copyFootage() throws Exception {
    Path footage = Footage.media(CARS);
    Files.copy(footage, folder.resolve(CARS));
    Footage.cut(footage, 0, 40, folder.resolve(NOTHING));
    Footage.cut(footage, 90, 3, folder.resolve(SHORT));
    Files.createDirectory(folder.resolve("sub"));
    Files.copy(folder.resolve(SHORT), folder.resolve("sub").resolve(SHORT));
    Files.write(folder.resolve("cut.mp4"), headOf(footage));
    Files.createFile(folder.resolve("empty.avi"));
    Files.writeString(folder.resolve("text.avi"), "no video at all");
    notebook = new Notebook(Settings.of(Map.of("VIDEO_DIR", folder.toString())));
  }

  @AfterAll
  static void close() {
    if (notebook != null) {
      notebook.close();
    }
  }

  @Test
  void findsWhatAnExhaustiveRunFindsWhereItFindsIt() throws IOException {
    FrameResults results = notebook.clip(CARS).detect(12);

    assertThat(results.frames()).hasSize(32);
    assertThat(results.frames())
        .extracting(FrameResults.Frame::index)
        .startsWith(0, 12, 24)
        .endsWith(372);
    assertThat(results.frames())
        .filteredOn(frame -> !frame.detections().isEmpty())
        .isNotEmpty()
        .allSatisfy(frame -> assertThat(frame.index()).isBetween(61, 345));
    assertThat(results.text()).startsWith(CARS + ": 32 frames, one in 12; ").contains("car");
    BufferedImage two = decoded(results.pictures(2));
    BufferedImage all = decoded(results.pictures(100));
    assertThat(two.getWidth()).isEqualTo(900);
    assertThat(all.getHeight()).isGreaterThan(2 * two.getHeight());
    assertThat(results.pictures(1).text()).containsPattern("^\\d+\\.\\d s: .* 0\\.\\d\\d");
    assertThat(results.timeline().text()).contains("car: from ");
    assertThat(decoded(results.timeline()).getWidth()).isEqualTo(900);
  }

  @Test
  void whereNothingIsSeenItSaysSo() {
    FrameResults results = notebook.clip(NOTHING).detect(20);

    assertThat(results.text()).isEqualTo(NOTHING + ": 2 frames, one in 20; nothing detected");
    assertThat(results.pictures(6).text()).isEqualTo(results.text());
    assertThat(results.timeline().text()).isEqualTo(results.text());
    assertThat(notebook.detect(NOTHING).text()).endsWith("; nothing detected.");
  }

  @Test
  void aSheetOfAClipWithFewerFramesShowsEachOnce() throws IOException {
    View sheet = notebook.clip(SHORT).contactSheet(4, 3);

    assertThat(sheet.text()).isEqualTo("3 frames of " + SHORT);
    assertThat(decoded(sheet).getWidth()).isLessThan(900);
    assertThat(decoded(notebook.clip(CARS).contactSheet(4, 3)).getWidth()).isEqualTo(900);
  }

  @Test
  void numbersThatMakeNoSenseAreRefusedWithTheLeast() {
    Clip clip = notebook.clip(SHORT);

    assertThatThrownBy(() -> clip.detect(0)).hasMessage("everyFrames must be at least 1, not 0");
    assertThatThrownBy(() -> clip.contactSheet(0, 3)).isInstanceOf(NotebookException.class);
    assertThatThrownBy(() -> clip.contactSheet(3, -1)).isInstanceOf(NotebookException.class);
    assertThatThrownBy(() -> clip.detect(1).pictures(0))
        .hasMessage("max must be at least 1, not 0");
  }

  @Test
  void aClipThatCannotBeReadSaysWhyInASentence() {
    for (String name : new String[] {"cut.mp4", "empty.avi", "text.avi"}) {
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
  void aClipThatWentAwayIsNamed() throws IOException {
    Path gone = Files.copy(folder.resolve(SHORT), folder.resolve("gone.avi"));
    Clip clip = notebook.clip("gone.avi");
    Files.delete(gone);

    assertThatThrownBy(clip::info)
        .isInstanceOf(NotebookException.class)
        .hasMessageEndingWith("gone.avi no longer exists");
  }

  @Test
  void boxesFollowThePictureToItsSize() {
    assertThat(Clip.scaled(List.of(new Detection("cat", 0.5f, new Box(10, 20, 30, 40))), 0.5f))
        .containsExactly(new Detection("cat", 0.5f, new Box(5, 10, 15, 20)));
  }

  @Test
  void informsAboutTheClip() {
    assertThat(notebook.clip(CARS).info().text())
        .containsPattern("codec +h264")
        .containsPattern("resolution +768 × 432")
        .containsPattern("frames +377");
  }

  @Test
  void stoppingTheCellEndsTheLook() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> notebook.clip(CARS).detect(1))
          .isInstanceOf(NotebookException.class)
          .hasMessageStartingWith("Stopped.");
      assertThatThrownBy(() -> notebook.detect(CARS)).hasMessageStartingWith("Stopped.");
      assertThatThrownBy(() -> notebook.clip(CARS).contactSheet(1, 1))
          .hasMessageStartingWith("Stopped.");
    } finally {
      assertThat(Thread.interrupted()).as("the kernel still sees its interrupt").isTrue();
    }
  }

  @Test
  void comparesWithWhatThePrototypeLogged() throws IOException {
    Files.writeString(
        folder.resolve(DetectionLog.FILE_NAME),
        TestLines.prototype("sub/" + SHORT, "2026-02-23T14:49:15.581433", "unicorn") + "\n");

    Comparison comparison = notebook.analyzer().compareWithLog("sub/" + SHORT);

    assertThat(comparison.differences())
        .anySatisfy(
            difference -> {
              assertThat(difference.filename()).isEqualTo("sub/" + SHORT);
              assertThat(difference.label()).isEqualTo("unicorn");
              assertThat(difference.second()).isNull();
            });
    assertThat(comparison.text())
        .contains("an unknown number of frames, then ", " frames in ")
        .containsPattern("unicorn +detected +– +missing");
    assertThatThrownBy(() -> notebook.analyzer().compareWithLog(NOTHING))
        .isInstanceOf(NotebookException.class)
        .hasMessageContainingAll(NOTHING, "SendProcessFile.ipynb");
  }

  @Test
  void comparingWithTheSameSettingsShowsBothColumnsAndNoDifference() {
    Analyzer now = notebook.analyzer().everyFrame();

    Analyzer fewer = notebook.analyzer();
    assertThat(fewer.compare(fewer, NOTHING).text()).endsWith("Neither detected anything.");
    Comparison same = now.compare(now, SHORT);
    assertThat(same.differences()).isEmpty();
    assertThat(same.text()).contains("Both detected the same labels.");
    assertThat(same.text().split("confidence 0.50, every frame", -1)).hasSize(3);
    assertThat(now.compare(now.confidence(1), SHORT).text())
        .contains("detected by only one of the two.", "missing");
    assertThatThrownBy(() -> now.compare(now)).hasMessage("Name at least one clip to compare.");
    assertThatThrownBy(() -> now.compare(now, SHORT, "missing.avi"))
        .hasMessageContaining("missing.avi");
  }

  @Test
  void aFailedLineAndAPrototypesAreShownToo() {
    DetectionLine failed = TestLines.failed("e.avi", "2026-03-04T10:00:00", "cut off");
    assertThat(new ClipResult(failed).text()).isEqualTo("e.avi could not be analysed: cut off");
    DetectionLine prototypes =
        DetectionLine.builder("x.avi", null).detected(List.of("cat")).build();
    assertThat(new ClipResult(prototypes).text()).isEqualTo("x.avi: cat.");
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
