package org.shvideo.worker.clip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.worker.clip.FrameSampler.Choice;

final class AdaptiveSamplerTest {
  private static final int WIDTH = 160;
  private static final int HEIGHT = 90;

  @Test
  void aStillSceneIsAnalysedOnce() {
    assertThat(chosen(25, 250, i -> scene(0, 100))).containsExactly(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 6, 12})
  void noiseIsNoChange(int amplitude) {
    Random random = new Random(1);

    assertThat(
            chosen(
                25,
                100,
                i -> picture((x, y) -> (x + y) / 2 + 60 + random.nextInt(2 * amplitude + 1))))
        .containsExactly(0);
  }

  @Test
  void aLightThatChangesEverythingAlikeIsNoChange() {
    assertThat(chosen(25, 100, i -> scene(0, 60 + i / 2))).containsExactly(0);
  }

  @Test
  void whatMovesWhileTheLightChangesIsSeen() {
    Luma before = picture((x, y) -> 80);
    Luma after = picture((x, y) -> x >= 80 && x < 92 && y >= 40 && y < 60 ? 125 : 100);

    assertThat(AdaptiveSampler.changed(before, after, false)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 25, 30, 60})
  void aBusySceneIsAnalysedOnceOrTwiceASecond(int fps) {
    List<Integer> chosen = chosen(fps, 10 * fps, i -> scene(1 + 120 * i / (10 * fps), 100));

    assertThat(chosen.stream().filter(i -> i >= 2 * fps && i < 8 * fps).count()).isBetween(9L, 11L);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 25, 30, 60})
  void betweenTheAnalysedFramesOfABusySceneSomeAreKeptInReserve(int fps) {
    List<Integer> reserved =
        chosen(Choice.RESERVE, fps, 10 * fps, i -> scene(1 + 120 * i / (10 * fps), 100));

    assertThat(reserved.stream().filter(i -> i >= 2 * fps && i < 8 * fps).count())
        .isBetween(35L, 50L);
  }

  @Test
  void ofAStillSceneNothingIsKeptInReserve() {
    assertThat(chosen(Choice.RESERVE, 25, 250, i -> scene(0, 100))).isEmpty();
  }

  @Test
  void whereSomethingBeginsToHappenItLooksMoreOften() {
    int fps = 30;
    // Calm for two seconds, then something walks in and stays for four.
    List<Integer> chosen =
        chosen(fps, 6 * fps, i -> scene(i < 2 * fps ? 0 : 1 + 3 * (i - 2 * fps) / 2, 100));

    assertThat(chosen.get(0)).isZero();
    assertThat(chosen.get(1)).isEqualTo(2 * fps);
    assertThat(chosen.stream().filter(i -> i >= 2 * fps && i < 5 * fps / 2).count()).isEqualTo(3);
    assertThat(chosen.stream().filter(i -> i >= 4 * fps && i < 5 * fps).count()).isBetween(1L, 2L);
  }

  @Test
  void afterACalmItLooksMoreOftenAgain() {
    int fps = 30;
    // Something crosses in the first two seconds and in the last two, with a calm between.
    List<Integer> chosen =
        chosen(
            fps, 6 * fps, i -> scene(i < 2 * fps ? 1 + i : i < 4 * fps ? 0 : 1 + i - 4 * fps, 100));

    assertThat(chosen.stream().filter(i -> i >= fps && i < 2 * fps).count()).isBetween(1L, 2L);
    assertThat(chosen.stream().filter(i -> i >= 4 * fps && i < 9 * fps / 2).count()).isEqualTo(3);
  }

  @Test
  void aSmallObjectIsAsGoodAsALargeOne() {
    Luma empty = picture((x, y) -> 100);
    Luma distant = picture((x, y) -> x >= 80 && x < 83 && y >= 40 && y < 46 ? 180 : 100);

    assertThat(AdaptiveSampler.changed(empty, distant, false)).isTrue();
  }

  @Test
  void slowChangesAddUp() {
    // One column of the scene brightens by one level each second: never much from frame to frame.
    List<Integer> chosen =
        chosen(10, 300, i -> picture((x, y) -> x < 12 ? 100 + i / 10 : 100 + x % 3));

    assertThat(chosen).hasSizeBetween(3, 6);
  }

  @Test
  void aStepBackInTimeDoesNotStopIt() {
    AdaptiveSampler sampler = new AdaptiveSampler();

    assertThat(sampler.choose(0, () -> scene(0, 100))).isEqualTo(Choice.ANALYSE);
    assertThat(sampler.choose(0, () -> scene(50, 100))).isEqualTo(Choice.SKIP);
    assertThat(sampler.choose(5, () -> scene(50, 100))).isEqualTo(Choice.ANALYSE);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 128, 255})
  void aFirstFrameUnlikeTheRestBlindsNothing(int shade) {
    assertThat(chosen(10, 100, i -> i == 0 ? picture((x, y) -> shade) : street(1, 0)))
        .hasSizeBetween(2, 3)
        .contains(0, 2);
  }

  @Test
  void aFadeIsFollowed() {
    List<Integer> chosen = chosen(10, 80, i -> street(i / 80.0, 0));

    assertThat(chosen).hasSizeGreaterThan(4);
    for (int i = 1; i < chosen.size(); i++) {
      assertThat(chosen.get(i) - chosen.get(i - 1)).isLessThan(30);
    }
  }

  @Test
  void aCutIsSeenAtOnce() {
    List<Integer> chosen = chosen(25, 100, i -> street(1, i / 50));

    assertThat(chosen).containsExactly(0, 50);
  }

  @Test
  void whereNothingStandsOutItLooksNowAndThen() {
    Random random = new Random(2);

    assertThat(chosen(25, 500, i -> picture((x, y) -> 60 + random.nextInt(30))))
        .hasSizeBetween(3, 4);
  }

  /** A picture of many brightnesses, another for each place; faded in by that share. */
  private static Luma street(double share, int place) {
    Random random = new Random(place);
    int[] blocks = random.ints(27 * 15, 16, 235).toArray();
    return picture((x, y) -> (int) (16 + (blocks[y / 6 * 27 + x / 6] - 16) * share));
  }

  @Test
  void everyMeansEvery() {
    FrameSampler sampler = Sampling.EVERY.sampler();

    for (int i = 0; i < 10; i++) {
      assertThat(
              sampler.choose(
                  i / 25.0,
                  () -> {
                    throw new AssertionError("nobody needs to compare");
                  }))
          .isEqualTo(Choice.ANALYSE);
    }
  }

  private static List<Integer> chosen(int fps, int frames, IntFunction<Luma> scene) {
    return chosen(Choice.ANALYSE, fps, frames, scene);
  }

  private static List<Integer> chosen(Choice choice, int fps, int frames, IntFunction<Luma> scene) {
    AdaptiveSampler sampler = new AdaptiveSampler();
    List<Integer> chosen = new ArrayList<>();
    for (int i = 0; i < frames; i++) {
      int index = i;
      if (sampler.choose((double) i / fps, () -> scene.apply(index)) == choice) {
        chosen.add(i);
      }
    }
    return chosen;
  }

  private interface Brightness {
    int at(int x, int y);
  }

  /** A wall of that brightness with something dark that stands further right with each step. */
  private static Luma scene(int position, int brightness) {
    return picture(
        (x, y) ->
            position > 0 && x >= position && x < position + 12 && y > 30 && y < 70
                ? 30
                : brightness + x % 5);
  }

  private static Luma picture(Brightness brightness) {
    byte[] pixels = new byte[WIDTH * HEIGHT];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) brightness.at(i % WIDTH, i / WIDTH);
    }
    return new Luma(WIDTH, HEIGHT, pixels);
  }
}
