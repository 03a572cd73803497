package org.shvideo.capture.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class FrameSlotsTest {
  private final FrameSlots slots = new FrameSlots(new FrameRate(10, 1));

  @Test
  void regularPacketsTakeConsecutiveSlots() {
    assertThat(placed(500, 600, 700, 800)).containsExactly(0, 1, 2, 3);
  }

  @Test
  void jitterDoesNotChangeSlots() {
    assertThat(placed(0, 130, 180, 310, 360)).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void missingPacketsLeaveEmptySlots() {
    assertThat(placed(0, 100, 500, 600)).containsExactly(0, 1, 5, 6);
  }

  @Test
  void simultaneousPacketsTakeOneSlotEach() {
    assertThat(placed(0, 400, 401, 402, 500)).containsExactly(0, 4, 5, 6, 7);
  }

  @Test
  void missingPacketsDoNotChangeTheRate() {
    placed(0, 100, 500, 600, 3000);

    assertThat(slots.trueRate()).isEqualTo(new FrameRate(10, 1));
  }

  @Test
  void fasterPacketsRaiseTheRate() {
    placed(LongStream.range(0, 51).map(i -> i * 50).toArray());

    assertThat(slots.trueRate()).isEqualTo(new FrameRate(20, 1));
  }

  private long[] placed(long... millis) {
    return LongStream.of(millis).map(at -> slots.place(at * 1000)).toArray();
  }
}
