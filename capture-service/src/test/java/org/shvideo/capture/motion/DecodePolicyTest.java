package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.shvideo.capture.motion.DecodePolicy.State.CATCHING_UP;
import static org.shvideo.capture.motion.DecodePolicy.State.DECODING;
import static org.shvideo.capture.motion.DecodePolicy.State.RESTING;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.shvideo.capture.motion.DecodePolicy.State;
import org.shvideo.capture.stream.Packet;

/** A camera with 25 frames/s, a keyframe every two seconds, and packets of equal size. */
class DecodePolicyTest {
  private static final int FPS = 25;
  private static final int GOP = 50;
  private static final int MIN_AREA = 5000;
  private static final int LEARNT = 8 * GOP;

  /** Packets sent by {@link #rest}. */
  private static final int VALIDATED = LEARNT + 3 * 8 * GOP;

  private static final int QUIET = 1000;

  private final DecodePolicy policy = new DecodePolicy(200_000, MIN_AREA, true);
  private final List<Long> decoded = new ArrayList<>();
  private int sent;

  @AfterEach
  void close() {
    policy.close();
  }

  @Test
  void restsOnceThreeMotionsWereRevealedByPacketSizes() {
    send(LEARNT, GOP, QUIET);
    for (int motion = 1; motion <= 3; motion++) {
      assertThat(policy.state()).isEqualTo(DECODING);
      move(2 * GOP, 5 * QUIET);
      send(6 * GOP, GOP, QUIET);
    }

    assertThat(policy.state()).isEqualTo(RESTING);
  }

  @Test
  void unusualSizeDecodesAllPacketsSinceTheKeyframeInOrder() {
    rest();
    send(30, GOP, QUIET);
    decoded.clear();

    send(1, GOP, 5 * QUIET);
    assertThat(policy.state()).isEqualTo(CATCHING_UP);
    send(20, GOP, QUIET);

    assertThat(policy.state()).isEqualTo(DECODING);
    assertThat(decoded).containsExactlyElementsOf(times(VALIDATED, VALIDATED + 51));
  }

  @Test
  void catchesUpInSmallBatches() {
    rest();
    send(49, GOP, QUIET);
    decoded.clear();

    send(1, GOP, 5 * QUIET);

    assertThat(decoded).hasSize(8);
  }

  @Test
  void changedKeyframeDecodesTheGopBeforeIt() {
    rest();
    decoded.clear();
    send(GOP, GOP, QUIET);

    sendKeyframe(true, false);
    send(20, GOP, QUIET);

    assertThat(policy.state()).isEqualTo(DECODING);
    assertThat(decoded).startsWith(micros(VALIDATED)).isSorted().doesNotHaveDuplicates();
    assertThat(decoded).containsAll(times(VALIDATED, VALIDATED + GOP + 10));
  }

  @Test
  void overlongGopIsDecodedAsItArrives() {
    rest();

    send(300, 1000, QUIET);

    assertThat(policy.state()).isEqualTo(DECODING);
    assertThat(decoded).endsWith(micros(sent - 1));
  }

  @Test
  void longGopsAreAlwaysDecoded() {
    rest();
    send(100, 100, QUIET);
    decoded.clear();
    send(40 * 100, 100, QUIET);

    assertThat(decoded).containsExactlyElementsOf(times(VALIDATED + 100, sent));
  }

  @Test
  void doesNotRestIfEveryFrameIsAKeyframe() {
    rest();
    send(30, GOP, QUIET);
    send(1, GOP, 5 * QUIET);
    send(19, GOP, QUIET);
    decoded.clear();
    send(40 * GOP, 1, QUIET);

    assertThat(decoded).containsExactlyElementsOf(times(VALIDATED + GOP, sent));
  }

  @Test
  void decodesEverythingWhenDisabled() {
    try (DecodePolicy off = new DecodePolicy(200_000, MIN_AREA, false)) {
      for (int i = 0; i < 20 * GOP; i++) {
        try (Packet packet = packet(i, i % GOP == 0, QUIET)) {
          assertThat(off.accept(packet)).isEqualTo(DECODING);
        }
      }
    }
  }

  @Test
  void decodesEverythingDuringMotion() {
    rest();
    move(20 * GOP, 5 * QUIET);
    assertThat(policy.state()).isEqualTo(DECODING);

    send(3 * GOP, GOP, QUIET);
    assertThat(policy.state()).isEqualTo(RESTING);
  }

  @Test
  void motionNotRevealedBySizesEndsRestUntilThreeMoreAreRevealed() {
    rest();
    sendKeyframe(true, false); // motion is seen, but the sizes are as usual
    move(2 * GOP, QUIET);
    send(20 * GOP, GOP, QUIET);
    assertThat(policy.state()).isEqualTo(DECODING);

    for (int motion = 1; motion <= 3; motion++) {
      move(2 * GOP, 5 * QUIET);
      send(6 * GOP + 7, GOP, QUIET); // at another position of the GOP
      assertThat(policy.state()).isEqualTo(motion < 3 ? DECODING : RESTING);
    }
  }

  @Test
  void gradualChangeOfUsualSizeEndsRest() {
    rest();
    for (int more = 0; more < 400; more++) {
      send(GOP, GOP, QUIET + 2 * more);
    }

    assertThat(policy.state()).isEqualTo(DECODING);
    assertThat(decoded).endsWith(micros(sent - 1));
  }

  @Test
  void undecodableKeyframesEndRest() {
    rest();
    sendKeyframe(false, false);
    send(10 * GOP - 1, GOP, QUIET, false);

    assertThat(policy.state()).isEqualTo(DECODING);
    assertThat(decoded).endsWith(micros(sent - 1));
  }

  /** Ends before a keyframe. */
  private void rest() {
    send(LEARNT, GOP, QUIET);
    for (int motion = 1; motion <= 3; motion++) {
      move(2 * GOP, 5 * QUIET);
      send(6 * GOP, GOP, QUIET);
    }
    assertThat(policy.state()).isEqualTo(RESTING);
    assertThat(sent).isEqualTo(VALIDATED);
  }

  private void send(int packets, int gop, int size) {
    send(packets, gop, size, true);
  }

  private void send(int packets, int gop, int size, boolean hasFrame) {
    for (int i = 0; i < packets; i++) {
      accept(sent % gop == 0, size, hasFrame, hasFrame);
    }
  }

  private void sendKeyframe(boolean hasFrame, boolean unchanged) {
    assertThat(policy.state()).isEqualTo(RESTING);
    accept(true, 10 * QUIET, hasFrame, unchanged);
  }

  private void move(int packets, int size) {
    long since = micros(sent);
    for (int i = 0; i < packets; i++) {
      accept(sent % GOP == 0, size, true, true);
      policy.possibleMotion(new FrameChange(micros(sent - 1), MIN_AREA, 0.01));
      policy.motionState(new MotionState(true, since));
    }
    policy.motionState(new MotionState(false, since));
  }

  /** As {@link StreamMotionDetector} does. */
  private void accept(boolean keyframe, int size, boolean hasFrame, boolean unchanged) {
    try (Packet packet = packet(sent, keyframe, size)) {
      State state = policy.accept(packet);
      if (state == DECODING) {
        decoded.add(packet.ptsMicros());
      } else if (state == RESTING && keyframe) {
        policy.keyframeAnalysed(hasFrame, unchanged);
      }
    }
    sent++;
    for (Packet next = policy.nextKept(); next != null; next = policy.nextKept()) {
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
