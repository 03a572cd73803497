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
    notebook = Notebook.of(Settings.of(Map.of("VIDEO_DIR", folder.toString())));
  }

  @AfterAll
  static void close() {
    if (notebook != null) {
      notebook.close();
    }
  }

  @Test
  void findsWhatAnExhaustiveRunFindsWhereItFindsIt() throws IOException {
    FrameResults look = notebook.clip(CARS).look(12);

    assertThat(look.frames()).hasSize(32);
    assertThat(look.frames())
        .extracting(FrameResults.Frame::index)
        .startsWith(0, 12, 24)
        .endsWith(372);
    assertThat(look.frames())
        .filteredOn(frame -> !frame.detections().isEmpty())
        .isNotEmpty()
        .allSatisfy(frame -> assertThat(frame.index()).isBetween(61, 345));
    assertThat(look.text()).startsWith(CARS + ": every 12th frame, 32 in all; ").contains("car");
    BufferedImage two = decoded(look.pictures(2));
    BufferedImage all = decoded(look.pictures(100));
    assertThat(two.getWidth()).isEqualTo(900);
    assertThat(all.getHeight()).isGreaterThan(2 * two.getHeight());
    assertThat(look.pictures(1).text()).containsPattern("^\\d+\\.\\d s: .* 0\\.\\d\\d");
    assertThat(look.timeline().text()).contains("car: from ");
    assertThat(decoded(look.timeline()).getWidth()).isEqualTo(900);
  }

  @Test
  void whereNothingIsSeenItSaysSo() {
    FrameResults look = notebook.clip(NOTHING).look(20);

    assertThat(look.text()).isEqualTo(NOTHING + ": every 20th frame, 2 in all; nothing was seen");
    assertThat(look.pictures(6).text()).isEqualTo(look.text());
    assertThat(look.timeline().text()).isEqualTo(look.text());
    assertThat(notebook.detect(NOTHING).text()).endsWith("; nothing was seen.");
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

    assertThatThrownBy(() -> clip.look(0)).hasMessage("every 0 frames: 1 is the least");
    assertThatThrownBy(() -> clip.contactSheet(0, 3)).isInstanceOf(NotebookException.class);
    assertThatThrownBy(() -> clip.contactSheet(3, -1)).isInstanceOf(NotebookException.class);
    assertThatThrownBy(() -> clip.look(1).pictures(0)).hasMessage("0 pictures: 1 is the least");
  }

  @Test
  void aClipThatCannotBeReadSaysWhyInASentence() {
    for (String name : new String[] {"cut.mp4", "empty.avi", "text.avi"}) {
      Clip clip = notebook.clip(name);
      for (var look :
          new org.assertj.core.api.ThrowableAssert.ThrowingCallable[] {
            clip::info,
            () -> clip.contactSheet(4, 3),
            () -> clip.look(10),
            () -> notebook.detect(name),
            () -> notebook.analysis().compare(notebook.analysis(), name)
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
        .hasMessageEndingWith("gone.avi is not there any more");
  }

  @Test
  void boxesFollowThePictureToItsSize() {
    assertThat(
            FrameResults.scaled(List.of(new Detection("cat", 0.5f, new Box(10, 20, 30, 40))), 0.5f))
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
      assertThatThrownBy(() -> notebook.clip(CARS).look(1))
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

    Comparison comparison = notebook.analysis().compareWithLog("sub/" + SHORT);

    assertThat(comparison.differences())
        .anySatisfy(
            difference -> {
              assertThat(difference.filename()).isEqualTo("sub/" + SHORT);
              assertThat(difference.label()).isEqualTo("unicorn");
              assertThat(difference.other()).isNull();
            });
    assertThat(comparison.text())
        .contains("an unknown number of frames, then ", " frames in ")
        .containsPattern("unicorn +seen +– +missed now");
    assertThatThrownBy(() -> notebook.analysis().compareWithLog(NOTHING))
        .isInstanceOf(NotebookException.class)
        .hasMessageContainingAll(NOTHING, "SendProcessFile.ipynb");
  }

  @Test
  void comparingWithTheSameSettingsShowsBothColumnsAndNoDifference() {
    Analyzer now = notebook.analysis().everyFrame();

    Analyzer fewer = notebook.analysis();
    assertThat(fewer.compare(fewer, NOTHING).text()).endsWith("Neither saw anything.");
    Comparison same = now.compare(now, SHORT);
    assertThat(same.differences()).isEmpty();
    assertThat(same.text()).contains("Both saw the same.");
    assertThat(same.text().split("confidence 0.50, every frame", -1)).hasSize(3);
    assertThat(now.compare(now.confidence(1), SHORT).text())
        .contains("seen by only one of the two.", "missed now");
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
    Picture encoded = (Picture) picture;
    return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(encoded.base64())));
  }
}
