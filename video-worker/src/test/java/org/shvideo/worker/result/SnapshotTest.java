package org.shvideo.worker.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.worker.yolo.Box;
import org.shvideo.worker.yolo.Detection;

final class SnapshotTest {
  private static final int GREY = 0xff808080;

  @TempDir private Path folder;

  @Test
  void moreAndSurerObjectsAreBetter() {
    Detection sure = seen("person", 0.9f, new Box(0, 0, 1, 1));
    Detection unsure = seen("cat", 0.6f, new Box(0, 0, 1, 1));

    assertThat(Snapshot.score(List.of())).isZero();
    assertThat(Snapshot.score(List.of(sure))).isGreaterThan(Snapshot.score(List.of(unsure)));
    assertThat(Snapshot.score(List.of(unsure, unsure)))
        .isGreaterThan(Snapshot.score(List.of(sure)));
  }

  @ParameterizedTest
  @CsvSource({"160, 120", "640, 360", "1920, 1080", "3840, 2160", "360, 640"})
  void boxesAreFramedInTheLabelsColourAtAnySize(int width, int height) {
    BufferedImage picture = grey(width, height);
    Box box = new Box(width * 0.3f, height * 0.4f, width * 0.7f, height * 0.8f);

    Snapshot.draw(picture, List.of(seen("dog", 0.9f, box)));

    int color = Snapshot.color("dog").getRGB();
    int middle = height * 6 / 10;
    assertThat(picture.getRGB(Math.round(box.left()), middle)).isEqualTo(color);
    assertThat(picture.getRGB(Math.round(box.right()) - 1, middle)).isEqualTo(color);
    assertThat(picture.getRGB(width / 2, Math.round(box.bottom()) - 1)).isEqualTo(color);
    assertThat(picture.getRGB(width / 2, middle)).isEqualTo(GREY);
    assertThat(picture.getRGB(2, middle)).isEqualTo(GREY);
  }

  @ParameterizedTest
  @CsvSource({
    "100, 200, 300, 340", // in the middle: the tag stands above
    "0, 0, 640, 360", // as large as the picture: the tag is inside
    "600, 300, 640, 360", // at the right: the tag is moved in
    "10, 2, 60, 40", // at the top: the tag is inside
  })
  void labelsAreReadableAndInsideThePicture(int left, int top, int right, int bottom) {
    BufferedImage picture = grey(640, 360);
    Box box = new Box(left, top, right, bottom);

    Snapshot.draw(picture, List.of(seen("traffic light", 0.87f, box)));

    int color = Snapshot.color("traffic light").getRGB();
    BufferedImage boxOnly = grey(640, 360);
    var graphics = boxOnly.createGraphics();
    graphics.setColor(Snapshot.color("traffic light"));
    graphics.drawRect(left, top, right - left, bottom - top);
    graphics.dispose();
    // "traffic light 87%" at 12 pixels: 17 letters of 6 × 12 pixels at least, half of it ink.
    assertThat(count(picture, color) - count(boxOnly, color)).isGreaterThan(17 * 6 * 12 / 2);
    assertThat(count(picture, Color.BLACK.getRGB()) + count(picture, Color.WHITE.getRGB()))
        .isGreaterThan(100);
  }

  @Test
  void labelsThatAreOftenTogetherHaveDifferentColours() {
    List<String> common = List.of("person", "car", "dog", "cat", "bicycle", "bus", "truck", "bird");

    assertThat(common.stream().map(Snapshot::color)).doesNotHaveDuplicates();
    assertThat(Snapshot.color("person")).isEqualTo(Snapshot.color("person"));
  }

  @Test
  void isWrittenWholeAndReadableByOthersInPlaceOfAnEarlierOne() throws IOException {
    Path file = folder.resolve("clip.jpg");
    Snapshot.write(grey(32, 24), folder.resolve("clip.mp4"));

    assertThat(Snapshot.write(grey(64, 48), folder.resolve("clip.mp4"))).isEqualTo("clip.jpg");

    BufferedImage read = ImageIO.read(file.toFile());
    assertThat(read.getWidth()).isEqualTo(64);
    assertThat(Math.abs(new Color(read.getRGB(30, 20)).getRed() - 128)).isLessThan(3);
    Path plain = Files.createFile(folder.resolve("plain"));
    assertThat(Files.getPosixFilePermissions(file)).isEqualTo(Files.getPosixFilePermissions(plain));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(file, plain);
    }
  }

  @Test
  void whatCannotBeWrittenLeavesNothingBehind() throws IOException {
    for (int i = 1; i <= ClipName.SNAPSHOT_CHOICES; i++) {
      Files.createDirectories(folder.resolve(ClipName.snapshot("clip.mp4", i)).resolve("full"));
    }

    assertThatThrownBy(() -> Snapshot.write(grey(64, 48), folder.resolve("clip.mp4")))
        .isInstanceOf(IOException.class);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(ClipName.SNAPSHOT_CHOICES).allMatch(Files::isDirectory);
    }
  }

  @Test
  void noPictureOfTheUsersOrOfAnotherClipIsReplaced() throws IOException {
    Path own = Files.writeString(folder.resolve("holiday.jpg"), "the user's own");
    Path target = Files.writeString(folder.resolve("target"), "another file");
    Files.createSymbolicLink(folder.resolve("link.jpg"), target);

    for (int time = 0; time < 2; time++) {
      assertThat(write("holiday.mp4")).isEqualTo("holiday.mp4.jpg");
      assertThat(write("clip.mp4")).isEqualTo("clip.jpg");
      assertThat(write("clip.mkv")).isEqualTo("clip.mkv.jpg");
      assertThat(write("link.avi")).isEqualTo("link.avi.jpg");
    }
    assertThat(own).hasContent("the user's own");
    assertThat(target).hasContent("another file");
  }

  @Test
  void aNameAsLongAsFileSystemsAllowGetsASnapshot() throws IOException {
    for (String name :
        List.of("y".repeat(251) + ".mp4", "y".repeat(252) + ".ts", "ї".repeat(126))) {
      String snapshot = write(name);

      assertThat(folder.resolve(snapshot)).isNotEmptyFile();
      assertThat(ClipName.snapshotNumber(name, snapshot)).isEqualTo(1);
      assertThat(write(name)).isEqualTo(snapshot);
    }
  }

  private String write(String clip) throws IOException {
    return Snapshot.write(grey(64, 48), folder.resolve(clip));
  }

  private static int count(BufferedImage picture, int color) {
    int count = 0;
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        if (picture.getRGB(x, y) == color) {
          count++;
        }
      }
    }
    return count;
  }

  private static BufferedImage grey(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    var graphics = image.createGraphics();
    graphics.setColor(new Color(GREY));
    graphics.fillRect(0, 0, width, height);
    graphics.dispose();
    return image;
  }

  private static Detection seen(String label, float confidence, Box box) {
    return new Detection(label, confidence, box);
  }
}
