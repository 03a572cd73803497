package org.shvideo.worker.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.shvideo.ffmpeg.Packets;

/** Time stamps in milliseconds, of clips that declare 10 frames a second. */
final class FrameClockTest {
  private FrameClock clock = new FrameClock(0.001, 10);

  @Test
  void goodTimeStampsAreFollowed() {
    assertTime(false, 0.75, 5000, 5100, 5150, 5400, 5650);
  }

  @Test
  void aGapOfUnderAMinuteIsTrue() {
    assertTime(false, 50.2, 0, 100, 50_100);
  }

  @Test
  void framesOutOfOrderHoldTheTime() {
    assertTime(false, 0.5, 0, 200, 100, 300, 400);
  }

  @Test
  void stampsThatStandStillGoByFrames() {
    assertTime(true, 0.5, 0, 0, 0, 0, 0);
  }

  @Test
  void stampsOfARateThatNoCameraHasGoByFrames() {
    assertTime(true, 0.7, 0, 1, 2, 3, 4, 5, 6);
  }

  @Test
  void stampsThatBeginAgainGoOn() {
    assertTime(true, 0.6, 900_000, 900_100, 900_200, 1400, 1500, 1600);
  }

  @Test
  void stampsThatBeginAgainAndAgainSoonGoOn() {
    assertTime(true, 0.9, 0, 100, 200, 0, 100, 200, 0, 100, 200);
  }

  @Test
  void aJumpOfADayIsNone() {
    assertTime(true, 0.4, 0, 100, 86_400_000, 86_400_100);
  }

  @Test
  void missingStampsGoByTheDeclaredRate() {
    assertTime(false, 0.4, 0, Packets.NO_TIMESTAMP, Packets.NO_TIMESTAMP, 300);
  }

  @Test
  void onePictureAMinuteIsNoJump() {
    clock = new FrameClock(0.001, 1 / 90.0);

    assertTime(false, 270, 0, 90_000, 180_000);
  }

  private void assertTime(boolean guessed, double end, long... stamps) {
    for (long stamp : stamps) {
      double before = clock.seconds();
      clock.next(stamp);
      assertThat(clock.seconds()).isGreaterThanOrEqualTo(before);
    }
    assertThat(clock.end()).isCloseTo(end, within(0.21));
    assertThat(clock.isGuessed()).isEqualTo(guessed);
  }
}
