package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.shvideo.capture.motion.MotionStateMachine.Learning.AVERAGE;
import static org.shvideo.capture.motion.MotionStateMachine.Learning.FOLLOW;
import static org.shvideo.capture.motion.MotionStateMachine.Learning.RESTART;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Readings are drawn as one character each, five a second: {@code .} nothing, {@code m} motion,
 * {@code W} the whole picture changed. What the gate then says likewise: {@code .} still, {@code M}
 * moving. The first ten readings are the warm-up of two seconds.
 */
class MotionStateMachineTest {
  private static final MotionSettings SETTINGS =
      new MotionSettings(
          5000,
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
          nothing stays still                      | .........           | .........
          one reading is not motion                | .m.......           | .........
          two in a row are, until a second later   | .mm.......          | ..MMMMMM..
          two with a pause between are not         | .m.m.m.m.           | .........
          what is a little too small does not count| .ssssssss           | .........
          a short pause does not end it            | .mm....m.......     | ..MMMMMMMMMMM..
          after the end it takes two again         | .mm.......m......   | ..MMMMMM.........
          a light switched does not start it       | ..W..........       | .............
          nor does one that flickers for seconds   | ..WWWWWWWWWW....... | ...................
          nor what happens right after             | ..Wmmmm......       | .............
          but motion that follows does             | ..Wmmmmmmm.......   | ........MMMMMMM..
          and motion before is not ended           | .mmmWmmmmmmm....... | ..MMMMMMMMMMMMMMM..
          and motion just begun is not forgotten   | .mW....m.......     | .......MMMMMM..
          """)
  void motionBeginsAndEnds(String name, String readings, String expected) {
    assertThat(play(WARM_UP + readings)).as(name).isEqualTo(WARM_UP + expected);
  }

  @Test
  void theWarmUpCountsForNothing() {
    assertThat(play("mmmmmmmmmmmm")).isEqualTo("...........M");
  }

  @Test
  void anUproarOfMoreThanFiveSecondsIsMotion() {
    assertThat(play(WARM_UP + "W".repeat(27))).isEqualTo(WARM_UP + ".".repeat(26) + "M");
    assertThat(play(WARM_UP + "W..".repeat(9) + "W")).isEqualTo(WARM_UP + ".".repeat(27) + ".");
    assertThat(play(WARM_UP + "W..".repeat(10) + "W")).isEqualTo(WARM_UP + ".".repeat(30) + "M");
  }

  @Test
  void motionIsSinceItsFirstFrame() {
    MotionStateMachine gate = new MotionStateMachine(SETTINGS);
    String readings = WARM_UP + ".m.mmm.";
    for (int i = 0; i < readings.length(); i++) {
      gate.accept(reading(readings.charAt(i), i * STEP));
    }

    assertThat(gate.at(16 * STEP)).isEqualTo(new MotionState(true, 13 * STEP));
    assertThat(gate.at(40 * STEP)).isEqualTo(new MotionState(false, 13 * STEP));
  }

  @Test
  void blindnessEndsMotionAndTheRunThatLedToIt() {
    MotionStateMachine gate = new MotionStateMachine(SETTINGS);
    String readings = WARM_UP + "mm";
    for (int i = 0; i < readings.length(); i++) {
      gate.accept(reading(readings.charAt(i), i * STEP));
    }

    gate.accept(reading('m', 50 * STEP));
    assertThat(gate.at(50 * STEP).moving()).isFalse();
    gate.accept(reading('m', 51 * STEP));
    assertThat(gate.at(51 * STEP)).isEqualTo(new MotionState(true, 50 * STEP));
  }

  @Test
  void thePictureIsLearntAnewAfterTheWholeOfItChanged() {
    MotionStateMachine gate = new MotionStateMachine(SETTINGS);
    String readings = WARM_UP + ".Wm....m.";
    List<MotionStateMachine.Learning> learnt = new ArrayList<>();
    for (int i = 0; i < readings.length(); i++) {
      learnt.add(gate.accept(reading(readings.charAt(i), i * STEP)));
    }

    assertThat(learnt.subList(0, 2)).containsExactly(RESTART, AVERAGE);
    assertThat(learnt.subList(9, 19))
        .containsExactly(
            AVERAGE, FOLLOW, RESTART, AVERAGE, AVERAGE, AVERAGE, AVERAGE, FOLLOW, FOLLOW, FOLLOW);
  }

  private static String play(String readings) {
    MotionStateMachine gate = new MotionStateMachine(SETTINGS);
    StringBuilder said = new StringBuilder();
    for (int i = 0; i < readings.length(); i++) {
      gate.accept(reading(readings.charAt(i), i * STEP));
      said.append(gate.at(i * STEP).moving() ? 'M' : '.');
    }
    return said.toString();
  }

  private static FrameChange reading(char drawn, long micros) {
    return switch (drawn) {
      case 'm' -> new FrameChange(micros, 5000, 0.1);
      case 's' -> new FrameChange(micros, 4999, 0.1);
      case 'W' -> new FrameChange(micros, 90_000, 0.9);
      case '.' -> new FrameChange(micros, 0, 0);
      default -> throw new IllegalArgumentException("reading " + drawn);
    };
  }
}
