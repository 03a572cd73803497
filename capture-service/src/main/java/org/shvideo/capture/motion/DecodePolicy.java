package org.shvideo.capture.motion;

import java.util.ArrayDeque;
import java.util.Deque;
import org.shvideo.capture.stream.Packet;

/**
 * Decides which packets are decoded, so that a camera costs almost no CPU while nothing happens in
 * front of it. Holds packets until closed. Not thread-safe.
 *
 * <p>While {@linkplain State#RESTING resting}, only keyframes are decoded, each on its own, and the
 * packets since the last unchanged keyframe are kept. When a keyframe shows a change, or the {@link
 * PacketSizeModel} finds an unusual packet size, the kept packets are decoded too, oldest first, a
 * few with each packet that arrives: the detector sees the same frames in the same order as if
 * nothing had been skipped, only later. {@code docs/design/motion.md} says what can be missed, and
 * why a stream rests only under conditions.
 */
final class DecodePolicy implements AutoCloseable {
  /** Which of the arriving packets are decoded. */
  enum State {
    /** All. */
    DECODING,
    /** Keyframes only; the others are kept. */
    RESTING,
    /** The kept ones, then those that arrived meanwhile. */
    CATCHING_UP
  }

  /** Motion at the end of a GOP is detected a GOP late, and must still be within the pre-roll. */
  static final long MAX_GOP_MICROS = 2_600_000;

  /** Consecutive GOPs within bounds before the first rest. Packet sizes are learnt meanwhile. */
  private static final int MIN_REGULAR_GOPS = 5;

  /** Kept packets share their data with the pre-roll, unless that is limited to less than this. */
  private static final long MAX_KEPT_BYTES = 16 << 20;

  /** Kept packets decoded per arriving packet: faster than they arrive, without delaying reads. */
  private static final int CATCH_UP_BATCH = 8;

  /** Time without change and without an unusual size before resting. */
  static final long CALM_MICROS = 1_000_000;

  /** Maximum delay from the beginning of a motion to its detection. */
  private static final long MAX_DETECTION_DELAY_MICROS = MAX_GOP_MICROS + 2_000_000;

  /**
   * After so many keyframes in a row without a frame, the stream's keyframes are no entry points.
   */
  private static final int MAX_FAILED_KEYFRAMES = 2;

  private static final long NEVER = Long.MIN_VALUE / 2;

  private final long frameIntervalMicros;
  private final boolean enabled;
  private final PacketSizeModel sizes = new PacketSizeModel();
  private final PacketSizeValidation validation;
  private final Deque<Packet> kept = new ArrayDeque<>();
  private long keptBytes;

  private State state = State.DECODING;
  private long now;
  private long lastKeyframe = NEVER;
  private int regularGops;
  private int failedKeyframes;
  private long lastUnusual = NEVER;
  private long lastChange = NEVER;
  private boolean moving;
  private int batchCount;

  /**
   * @param frameIntervalMicros between two analysed frames; keyframes as close to each other as
   *     that leave nothing to be saved
   * @param minArea of motion, in square pixels of the stream
   * @param enabled false to decode everything
   */
  DecodePolicy(long frameIntervalMicros, int minArea, boolean enabled) {
    this.frameIntervalMicros = frameIntervalMicros;
    this.validation = new PacketSizeValidation(minArea, MAX_DETECTION_DELAY_MICROS);
    this.enabled = enabled;
  }

  State state() {
    return state;
  }

  /**
   * Takes the stream's next packet. If the returned state is DECODING, the packet is to be decoded
   * now; if RESTING, it is to be decoded on its own if it is a keyframe, and reported to {@link
   * #keyframeAnalysed}; if CATCHING_UP, {@link #nextKept} returns what to decode.
   */
  State accept(Packet borrowed) {
    if (!enabled) {
      return state;
    }
    now = borrowed.dtsMicros();
    boolean overdue = measureGop(borrowed.keyframe());
    double deviation = sizes.deviation(borrowed.keyframe(), now, borrowed.size(), activity());
    boolean unusual = deviation > 1;
    if (unusual) {
      lastUnusual = now;
    }
    validation.packet(now, deviation, sizes.baseline());
    switch (state) {
      case DECODING -> {
        if (borrowed.keyframe() && mayRest()) {
          state = State.RESTING;
          keep(borrowed);
        }
      }
      case RESTING -> {
        keep(borrowed);
        if (unusual || overdue || !validation.isValid() || keptBytes > MAX_KEPT_BYTES) {
          state = State.CATCHING_UP;
        }
      }
      case CATCHING_UP -> keep(borrowed);
    }
    return state;
  }

  private void keep(Packet borrowed) {
    kept.addLast(borrowed.newReference());
    keptBytes += borrowed.size();
  }

  private Packet removeOldest() {
    Packet oldest = kept.removeFirst();
    keptBytes -= oldest.size();
    return oldest;
  }

  /** Returns whether the next keyframe is overdue. */
  private boolean measureGop(boolean keyframe) {
    long length = now - lastKeyframe;
    boolean overdue = lastKeyframe == NEVER || length > MAX_GOP_MICROS || length < 0;
    if (keyframe) {
      regularGops = overdue || length <= 2 * frameIntervalMicros ? 0 : regularGops + 1;
      lastKeyframe = now;
    } else if (overdue) {
      regularGops = 0;
    }
    return overdue;
  }

  private PacketSizeModel.Activity activity() {
    if (moving || now - lastChange < CALM_MICROS) {
      return PacketSizeModel.Activity.MOVING;
    }
    return state == State.DECODING
        ? PacketSizeModel.Activity.STILL
        : PacketSizeModel.Activity.UNKNOWN;
  }

  private boolean mayRest() {
    return regularGops >= MIN_REGULAR_GOPS
        && activity() == PacketSizeModel.Activity.STILL
        && sizes.isLearnt()
        && now - lastUnusual >= CALM_MICROS
        && validation.isValid()
        && failedKeyframes < MAX_FAILED_KEYFRAMES;
  }

  /**
   * Reports the analysis of the last packet, a keyframe that was decoded on its own.
   *
   * @param decoded whether it gave a frame
   * @param unchanged whether nothing in the frame could be motion; false if there is no frame
   */
  void keyframeAnalysed(boolean decoded, boolean unchanged) {
    failedKeyframes = decoded ? 0 : failedKeyframes + 1;
    if (!unchanged) {
      state = State.CATCHING_UP;
      return;
    }
    while (kept.size() > 1) {
      removeOldest().close();
    }
  }

  /** The next kept packet to decode, to be closed by the caller; null when the batch is done. */
  Packet nextKept() {
    if (state != State.CATCHING_UP || batchCount == CATCH_UP_BATCH) {
      batchCount = 0;
      return null;
    }
    batchCount++;
    Packet oldest = removeOldest();
    if (kept.isEmpty()) {
      state = State.DECODING;
    }
    return oldest;
  }

  /** Reports that a frame decoded in its turn showed what may be motion. */
  void possibleMotion(FrameChange change) {
    lastChange = now;
    validation.possibleMotion(
        change.ptsMicros(),
        change.changedShare() >= MotionStateMachine.WHOLE_PICTURE_SHARE
            ? Double.POSITIVE_INFINITY
            : change.largestArea());
  }

  /** Reports the motion state after a packet. */
  void motionState(MotionState motion) {
    if (motion.moving() && !moving && sizes.isLearnt()) {
      validation.motionBegan(motion.sinceMicros());
    }
    moving = motion.moving();
  }

  @Override
  public void close() {
    kept.forEach(Packet::close);
    kept.clear();
  }
}
