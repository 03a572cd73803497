package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.shvideo.capture.motion.Suspicion.State.CATCHING_UP;
import static org.shvideo.capture.motion.Suspicion.State.FOLLOWING;
import static org.shvideo.capture.motion.Suspicion.State.RESTING;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.shvideo.capture.motion.Suspicion.State;
import org.shvideo.capture.stream.Packet;

/** A camera of 25 frames a second with a keyframe every two seconds, whose packets are alike. */
class SuspicionTest {
  private static final int FPS = 25;
  private static final int GOP = 50;
  private static final int LEARNT = 8 * GOP;
  private static final int QUIET = 1000;

  private final Suspicion suspicion = new Suspicion(200_000, true);
  private final List<Long> decoded = new ArrayList<>();
  private int sent;

  @AfterEach
  void close() {
    suspicion.close();
  }

  @Test
  void restsOnceKeyframesHaveComeRegularlyAndTheSizesAreKnown() {
    send(5 * GOP, GOP, QUIET);
    assertThat(suspicion.state()).isEqualTo(FOLLOWING);

    send(2 * GOP, GOP, QUIET);
    assertThat(suspicion.state()).isEqualTo(RESTING);
  }

  @Test
  void aSizeThatIsUnusualBringsBackAllSinceTheKeyframeInOrder() {
    send(LEARNT + 30, GOP, QUIET);
    assertThat(suspicion.state()).isEqualTo(RESTING);
    decoded.clear();

    send(1, GOP, 5 * QUIET);
    assertThat(suspicion.state()).isEqualTo(CATCHING_UP);
    send(20, GOP, QUIET);

    assertThat(suspicion.state()).isEqualTo(FOLLOWING);
    assertThat(decoded).containsExactlyElementsOf(times(LEARNT, LEARNT + 51));
  }

  @Test
  void fewPacketsAreCaughtUpWithAtATime() {
    send(LEARNT + 49, GOP, QUIET);
    decoded.clear();

    send(1, GOP, 5 * QUIET);

    assertThat(decoded).hasSize(8);
  }

  @Test
  void aKeyframeThatIsNotCalmBringsBackTheGopBeforeIt() {
    send(LEARNT, GOP, QUIET);
    decoded.clear();
    send(GOP, GOP, QUIET);

    sendKeyframe(true, false);
    send(20, GOP, QUIET);

    assertThat(suspicion.state()).isEqualTo(FOLLOWING);
    assertThat(decoded).startsWith(micros(LEARNT)).isSorted().doesNotHaveDuplicates();
    assertThat(decoded).containsAll(times(LEARNT, LEARNT + GOP + 10));
  }

  @Test
  void aGopThatGrowsTooLongIsDecodedAsItComes() {
    send(LEARNT, GOP, QUIET);

    send(300, 1000, QUIET);

    assertThat(suspicion.state()).isEqualTo(FOLLOWING);
    assertThat(decoded).endsWith(micros(sent - 1));
  }

  @Test
  void longGopsAreAlwaysDecoded() {
    send(40 * 100, 100, QUIET);

    assertThat(decoded).containsExactlyElementsOf(times(0, sent));
  }

  @Test
  void whereEveryFrameIsAKeyframeThereIsNothingToRestFrom() {
    send(40 * GOP, 1, QUIET);

    assertThat(decoded).containsExactlyElementsOf(times(0, sent));
  }

  @Test
  void switchedOffItFollowsAlways() {
    try (Suspicion off = new Suspicion(200_000, false)) {
      for (int i = 0; i < 20 * GOP; i++) {
        try (Packet packet = packet(i, i % GOP == 0, QUIET)) {
          assertThat(off.accept(packet)).isEqualTo(FOLLOWING);
        }
      }
    }
  }

  @Test
  void whileSomethingMovesItFollows() {
    send(LEARNT, GOP, QUIET);
    move(20 * GOP, 5 * QUIET);
    assertThat(suspicion.state()).isEqualTo(FOLLOWING);

    send(3 * GOP, GOP, QUIET);
    assertThat(suspicion.state()).isEqualTo(RESTING);
  }

  @Test
  void motionThatTheSizesDidNotTellOfEndsTheRestUntilTheyHaveToldOfThree() {
    send(LEARNT, GOP, QUIET);
    sendKeyframe(true, false); // motion is seen, and the sizes are as ever
    move(2 * GOP, QUIET);
    send(20 * GOP, GOP, QUIET);
    assertThat(suspicion.state()).isEqualTo(FOLLOWING);

    for (int told = 1; told <= 3; told++) {
      move(2 * GOP, 5 * QUIET);
      send(6 * GOP, GOP, QUIET);
      assertThat(suspicion.state()).isEqualTo(told < 3 ? FOLLOWING : RESTING);
    }
  }

  @Test
  void keyframesThatGiveNoPictureAloneEndTheRest() {
    send(LEARNT, GOP, QUIET);
    sendKeyframe(false, false);
    send(10 * GOP - 1, GOP, QUIET, false);

    assertThat(suspicion.state()).isEqualTo(FOLLOWING);
    assertThat(decoded).endsWith(micros(sent - 1));
  }

  private void send(int packets, int gop, int size) {
    send(packets, gop, size, true);
  }

  private void send(int packets, int gop, int size, boolean picture) {
    for (int i = 0; i < packets; i++) {
      accept(sent % gop == 0, size, picture, picture);
    }
  }

  private void sendKeyframe(boolean picture, boolean calm) {
    assertThat(suspicion.state()).isEqualTo(RESTING);
    accept(true, 10 * QUIET, picture, calm);
  }

  private void move(int packets, int size) {
    long since = micros(sent);
    for (int i = 0; i < packets; i++) {
      accept(sent % GOP == 0, size, true, true);
      suspicion.stirred();
      suspicion.told(new Motion(true, since));
    }
    suspicion.told(new Motion(false, since));
  }

  /** As the watch does. */
  private void accept(boolean keyframe, int size, boolean picture, boolean calm) {
    try (Packet packet = packet(sent, keyframe, size)) {
      State state = suspicion.accept(packet);
      if (state == FOLLOWING) {
        decoded.add(packet.ptsMicros());
      } else if (state == RESTING && keyframe) {
        suspicion.looked(picture, calm);
      }
    }
    sent++;
    for (Packet next = suspicion.next(); next != null; next = suspicion.next()) {
      try (Packet kept = next) {
        decoded.add(kept.ptsMicros());
      }
    }
  }

  private static List<Long> times(int from, int to) {
    List<Long> times = new ArrayList<>();
    for (int i = from; i < to; i++) {
      times.add(micros(i));
    }
    return times;
  }

  private static long micros(int index) {
    return index * 1_000_000L / FPS;
  }

  private static Packet packet(int index, boolean keyframe, int size) {
    AVPacket data = av_packet_alloc();
    av_new_packet(data, keyframe ? 10 * size : size);
    data.flags(keyframe ? AV_PKT_FLAG_KEY : 0);
    return new Packet(data, micros(index), micros(index), 1000 * micros(index));
  }
}
