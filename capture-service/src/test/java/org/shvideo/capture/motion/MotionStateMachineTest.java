package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.shvideo.capture.motion.MotionStateMachine.BackgroundUpdate.AVERAGE;
import static org.shvideo.capture.motion.MotionStateMachine.BackgroundUpdate.FOLLOW;
import static org.shvideo.capture.motion.MotionStateMachine.BackgroundUpdate.RESTART;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Analysed frames are written as one character each, five a second: {@code .} no change, {@code m}
 * motion, {@code s} motion of too small an area, {@code W} change of the whole picture. So are the
 * resulting states: {@code .} still, {@code M} moving. The first ten frames are the warm-up of two
 * seconds.
 */
class MotionStateMachineTest {
  private static final MotionSettings SETTINGS =
      new MotionSettings(
          new MinArea(5000, false),
          20,
          2,
          5,
          MotionSettings.Decode.ALL,
          Duration.ofSeconds(2),
          Duration.ofSeconds(1),
          Optional.empty());
  private static final long STEP = 200_000;

  private static final String WARM_UP = "..........";

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          still picture                            | .........           | .........
          one moving frame is not motion           | .m.......           | .........
          two in a row are, until a second later   | .mm.......          | ..MMMMMM..
          two with a pause between are not         | .m.m.m.m.           | .........
          an area just too small does not count    | .ssssssss           | .........
          a short pause does not end it            | .mm....m.......     | ..MMMMMMMMMMM..
          after its end it takes two again         | .mm.......m......   | ..MMMMMM.........
          a switched light does not start it       | ..W..........       | .............
          nor does a light that flickers for long  | ..WWWWWWWWWW....... | ...................
          nor what happens right afterwards        | ..Wmmmm......       | .............
          but motion that follows does             | ..Wmmmmmmm.......   | ........MMMMMMM..
          a switched light does not end motion     | .mmmWmmmmmmm....... | ..MMMMMMMMMMMMMMM..
          nor a motion that has just begun         | .mW....m.......     | .......MMMMMM..
          """)
  void motionBeginsAndEnds(String name, String frames, String expected) {
    assertThat(play(WARM_UP + frames)).as(name).isEqualTo(WARM_UP + expected);
  }

  @Test
  void framesDuringWarmUpDoNotCount() {
    assertThat(play("mmmmmmmmmmmm")).isEqualTo("...........M");
  }

  @Test
  void changeOfTheWholePictureForFiveSecondsIsMotion() {
    assertThat(play(WARM_UP + "W".repeat(27))).isEqualTo(WARM_UP + ".".repeat(26) + "M");
    assertThat(play(WARM_UP + "W..".repeat(9) + "W")).isEqualTo(WARM_UP + ".".repeat(27) + ".");
    assertThat(play(WARM_UP + "W..".repeat(10) + "W")).isEqualTo(WARM_UP + ".".repeat(30) + "M");
  }

  @Test
  void motionBeginsWithItsFirstFrame() {
    MotionStateMachine stateMachine = new MotionStateMachine(SETTINGS, 5000);
    String frames = WARM_UP + ".m.mmm.";
    for (int i = 0; i < frames.length(); i++) {
      stateMachine.accept(frame(frames.charAt(i), i * STEP));
    }

    assertThat(stateMachine.at(16 * STEP)).isEqualTo(new MotionState(true, 13 * STEP));
    assertThat(stateMachine.at(40 * STEP)).isEqualTo(new MotionState(false, 13 * STEP));
  }

  @Test
  void longGapBetweenFramesEndsMotion() {
    MotionStateMachine stateMachine = new MotionStateMachine(SETTINGS, 5000);
    String frames = WARM_UP + "mm";
    for (int i = 0; i < frames.length(); i++) {
      stateMachine.accept(frame(frames.charAt(i), i * STEP));
    }

    stateMachine.accept(frame('m', 50 * STEP));
    assertThat(stateMachine.at(50 * STEP).moving()).isFalse();
    stateMachine.accept(frame('m', 51 * STEP));
    assertThat(stateMachine.at(51 * STEP)).isEqualTo(new MotionState(true, 50 * STEP));
  }

  @Test
  void backgroundIsLearntAgainAfterAChangeOfTheWholePicture() {
    MotionStateMachine stateMachine = new MotionStateMachine(SETTINGS, 5000);
    String frames = WARM_UP + ".Wm....m.";
    List<MotionStateMachine.BackgroundUpdate> updates = new ArrayList<>();
    for (int i = 0; i < frames.length(); i++) {
      updates.add(stateMachine.accept(frame(frames.charAt(i), i * STEP)));
    }

    assertThat(updates.subList(0, 2)).containsExactly(RESTART, AVERAGE);
    assertThat(updates.subList(9, 19))
        .containsExactly(
            AVERAGE, FOLLOW, RESTART, AVERAGE, AVERAGE, AVERAGE, AVERAGE, FOLLOW, FOLLOW, FOLLOW);
  }

  private static String play(String frames) {
    MotionStateMachine stateMachine = new MotionStateMachine(SETTINGS, 5000);
    StringBuilder states = new StringBuilder();
    for (int i = 0; i < frames.length(); i++) {
      stateMachine.accept(frame(frames.charAt(i), i * STEP));
      states.append(stateMachine.at(i * STEP).moving() ? 'M' : '.');
    }
    return states.toString();
  }

  private static FrameChange frame(char kind, long micros) {
    return switch (kind) {
      case 'm' -> new FrameChange(micros, 5000, 0.1);
      case 's' -> new FrameChange(micros, 4999, 0.1);
      case 'W' -> new FrameChange(micros, 90_000, 0.9);
      case '.' -> new FrameChange(micros, 0, 0);
      default -> throw new IllegalArgumentException("frame " + kind);
    };
  }
}
