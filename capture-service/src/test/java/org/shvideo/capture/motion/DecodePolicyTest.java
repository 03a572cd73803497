package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.shvideo.capture.motion.DecodePolicy.State.CATCHING_UP;
import static org.shvideo.capture.motion.DecodePolicy.State.FOLLOWING;
import static org.shvideo.capture.motion.DecodePolicy.State.RESTING;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.shvideo.capture.motion.DecodePolicy.State;
import org.shvideo.capture.stream.Packet;

/** A camera of 25 frames a second with a keyframe every two seconds, whose packets are alike. */
class DecodePolicyTest {
  private static final int FPS = 25;
  private static final int GOP = 50;
  private static final int SMALLEST = 5000;
  private static final int LEARNT = 8 * GOP;

  /** When {@link #rest} is over. */
  private static final int PROVEN = LEARNT + 3 * 8 * GOP;

  private static final int QUIET = 1000;

  private final DecodePolicy suspicion = new DecodePolicy(200_000, SMALLEST, true);
  private final List<Long> decoded = new ArrayList<>();
  private int sent;

  @AfterEach
  void close() {
    suspicion.close();
  }

  @Test
  void restsOnceTheSizesHaveToldOfThreeMotions() {
    send(LEARNT, GOP, QUIET);
    for (int told = 1; told <= 3; told++) {
      assertThat(suspicion.state()).isEqualTo(FOLLOWING);
      move(2 * GOP, 5 * QUIET);
      send(6 * GOP, GOP, QUIET);
    }

    assertThat(suspicion.state()).isEqualTo(RESTING);
  }

  @Test
  void aSizeThatIsUnusualBringsBackAllSinceTheKeyframeInOrder() {
    rest();
    send(30, GOP, QUIET);
    decoded.clear();

    send(1, GOP, 5 * QUIET);
    assertThat(suspicion.state()).isEqualTo(CATCHING_UP);
    send(20, GOP, QUIET);

    assertThat(suspicion.state()).isEqualTo(FOLLOWING);
    assertThat(decoded).containsExactlyElementsOf(times(PROVEN, PROVEN + 51));
  }

  @Test
  void fewPacketsAreCaughtUpWithAtATime() {
    rest();
    send(49, GOP, QUIET);
    decoded.clear();

    send(1, GOP, 5 * QUIET);

    assertThat(decoded).hasSize(8);
  }

  @Test
  void aKeyframeThatIsNotCalmBringsBackTheGopBeforeIt() {
    rest();
    decoded.clear();
    send(GOP, GOP, QUIET);

    sendKeyframe(true, false);
    send(20, GOP, QUIET);

    assertThat(suspicion.state()).isEqualTo(FOLLOWING);
    assertThat(decoded).startsWith(micros(PROVEN)).isSorted().doesNotHaveDuplicates();
    assertThat(decoded).containsAll(times(PROVEN, PROVEN + GOP + 10));
  }

  @Test
  void aGopThatGrowsTooLongIsDecodedAsItComes() {
    rest();

    send(300, 1000, QUIET);

    assertThat(suspicion.state()).isEqualTo(FOLLOWING);
    assertThat(decoded).endsWith(micros(sent - 1));
  }

  @Test
  void longGopsAreAlwaysDecoded() {
    rest();
    send(100, 100, QUIET);
    decoded.clear();
    send(40 * 100, 100, QUIET);

    assertThat(decoded).containsExactlyElementsOf(times(PROVEN + 100, sent));
  }

  @Test
  void whereEveryFrameIsAKeyframeThereIsNothingToRestFrom() {
    rest();
    send(30, GOP, QUIET);
    send(1, GOP, 5 * QUIET);
    send(19, GOP, QUIET);
    decoded.clear();
    send(40 * GOP, 1, QUIET);

    assertThat(decoded).containsExactlyElementsOf(times(PROVEN + GOP, sent));
  }

  @Test
  void switchedOffItFollowsAlways() {
    try (DecodePolicy off = new DecodePolicy(200_000, SMALLEST, false)) {
      for (int i = 0; i < 20 * GOP; i++) {
        try (Packet packet = packet(i, i % GOP == 0, QUIET)) {
          assertThat(off.accept(packet)).isEqualTo(FOLLOWING);
        }
      }
    }
  }

  @Test
  void whileSomethingMovesItFollows() {
    rest();
    move(20 * GOP, 5 * QUIET);
    assertThat(suspicion.state()).isEqualTo(FOLLOWING);

    send(3 * GOP, GOP, QUIET);
    assertThat(suspicion.state()).isEqualTo(RESTING);
  }

  @Test
  void motionThatTheSizesDidNotTellOfEndsTheRestUntilTheyHaveToldOfThree() {
    rest();
    sendKeyframe(true, false); // motion is seen, and the sizes are as ever
    move(2 * GOP, QUIET);
    send(20 * GOP, GOP, QUIET);
    assertThat(suspicion.state()).isEqualTo(FOLLOWING);

    for (int told = 1; told <= 3; told++) {
      move(2 * GOP, 5 * QUIET);
      send(6 * GOP + 7, GOP, QUIET); // at another place of the GOP
      assertThat(suspicion.state()).isEqualTo(told < 3 ? FOLLOWING : RESTING);
    }
  }

  @Test
  void sizesThatHaveSlowlyBecomeOthersEndTheRest() {
    rest();
    for (int more = 0; more < 400; more++) {
      send(GOP, GOP, QUIET + 2 * more);
    }

    assertThat(suspicion.state()).isEqualTo(FOLLOWING);
    assertThat(decoded).endsWith(micros(sent - 1));
  }

  @Test
  void keyframesThatGiveNoPictureAloneEndTheRest() {
    rest();
    sendKeyframe(false, false);
    send(10 * GOP - 1, GOP, QUIET, false);

    assertThat(suspicion.state()).isEqualTo(FOLLOWING);
    assertThat(decoded).endsWith(micros(sent - 1));
  }

  /** Ends before a keyframe. */
  private void rest() {
    send(LEARNT, GOP, QUIET);
    for (int told = 1; told <= 3; told++) {
      move(2 * GOP, 5 * QUIET);
      send(6 * GOP, GOP, QUIET);
    }
    assertThat(suspicion.state()).isEqualTo(RESTING);
    assertThat(sent).isEqualTo(PROVEN);
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
      suspicion.stirred(new FrameChange(micros(sent - 1), SMALLEST, 0.01));
      suspicion.told(new MotionState(true, since));
    }
    suspicion.told(new MotionState(false, since));
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
