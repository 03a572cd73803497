package org.shvideo.camera.scene;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.camera.TestFile;
import org.shvideo.camera.media.EncodedVideo;

class SceneVideoTest {
  private static final Scene SCENE = new Scene(320, 180, 10, 7);
  private static EncodedVideo video;
  private static List<byte[]> decoded;

  @BeforeAll
  static void encodeAndDecodeTwoLoops(@TempDir Path folder) throws IOException {
    video = SceneVideo.encode(SCENE);
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (int loop = 0; loop < 2; loop++) {
      video.units().forEach(unit -> stream.writeBytes(TestFile.annexB(unit.nalUnits())));
    }
    Path file = Files.write(folder.resolve("two-loops.h264"), stream.toByteArray());
    decoded = LumaDecoder.decode(file);
  }

  @Test
  void encodesEveryFrameAtTheSizeOfTheScene() {
    assertThat(video.width()).isEqualTo(320);
    assertThat(video.height()).isEqualTo(180);
    assertThat(video.units()).hasSize(SCENE.frames());
    assertThat(decoded)
        .hasSize(2 * SCENE.frames())
        .allSatisfy(luma -> assertThat(luma).hasSize(320 * 180));
  }

  @Test
  void decodedFramesResembleTheDrawnOnes() {
    for (int index : new int[] {0, 80, 100, 130, SCENE.frames() - 1}) {
      assertThat(difference(decoded.get(index), drawn(index))).as("frame %d", index).isLessThan(4);
    }
    assertThat(difference(decoded.get(100), drawn(105))).isGreaterThan(4);
  }

  @Test
  void loopsWithoutAJump() {
    byte[] last = decoded.get(SCENE.frames() - 1);
    byte[] next = decoded.get(SCENE.frames());

    assertThat(difference(last, next)).isLessThan(2);
    assertThat(video.length()).isEqualTo(Scene.LENGTH);
  }

  @Test
  void hasAKeyframeEveryTwoSeconds() {
    assertThat(video.units().get(0).keyframe()).isTrue();
    assertThat(IntStream.range(0, SCENE.frames()).filter(i -> video.units().get(i).keyframe()))
        .containsExactly(0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200);
  }

  @Test
  void timestampsFollowTheFrameRate() {
    for (int index = 0; index < SCENE.frames(); index++) {
      assertThat(video.units().get(index).ptsMicros()).isEqualTo(index * 100_000L);
      assertThat(video.units().get(index).dtsMicros()).isEqualTo(index * 100_000L);
    }
  }

  @Test
  void everyKeyframeCarriesTheParameterSets() {
    assertThat(video.parameterSets()).extracting(nal -> nal[0] & 0x1F).containsExactly(7, 8);
    assertThat(video.units())
        .allSatisfy(
            unit ->
                assertThat(unit.nalUnits())
                    .extracting(nal -> nal[0] & 0x1F)
                    .isEqualTo(unit.keyframe() ? List.of(7, 8, 5) : List.of(1)));
  }

  /** Luma of BT.601 in limited range, which the encoder gets. */
  private static byte[] drawn(int index) {
    byte[] pixels = Scene.pixels(SCENE.frame(index));
    byte[] luma = new byte[pixels.length / 3];
    for (int i = 0; i < luma.length; i++) {
      int blue = pixels[3 * i] & 0xFF;
      int green = pixels[3 * i + 1] & 0xFF;
      int red = pixels[3 * i + 2] & 0xFF;
      luma[i] = (byte) (16 + 0.257 * red + 0.504 * green + 0.098 * blue);
    }
    return luma;
  }

  private static double difference(byte[] one, byte[] other) {
    return IntStream.range(0, one.length)
        .map(i -> Math.abs((one[i] & 0xFF) - (other[i] & 0xFF)))
        .average()
        .orElseThrow();
  }
}
