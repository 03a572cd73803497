package org.shvideo.capture.motion;

import org.shvideo.capture.stream.Packet;

/**
 * Decides which packets are worth decoding, so that a camera before which nothing happens costs
 * next to nothing. Not thread-safe; holds packets until closed.
 *
 * <p>At {@linkplain State#RESTING rest} only keyframes are decoded, each by itself, and the packets
 * since the last one that looked calm are kept. When a keyframe does not look calm, or the {@link
 * PacketSizeModel} between two of them are unusual, all that was kept is decoded after all, oldest
 * first, a few packets with each one that comes: the detector sees the same pictures in the same
 * order as if nothing had been left out, only later. What follows is decoded as it comes, until a
 * keyframe arrives after {@link #CALM_MICROS} without anything.
 *
 * <p>What could be missed is thus over between two keyframes and leaves no mark in the sizes. So it
 * rests only where keyframes follow each other within {@link #LONGEST_GOP_MICROS}, and while there
 * is {@link PacketSizeValidation} that the sizes tell of motion.
 */
final class DecodePolicy implements AutoCloseable {
  /** What is done with the packets that come. */
  enum State {
    /** All are decoded. */
    FOLLOWING,
    /** Only keyframes are. */
    RESTING,
    /** Those kept are, and then those that came meanwhile. */
    CATCHING_UP
  }

  /** Motion found at the end of a GOP is told of late by its length; the pre-roll must last. */
  static final long LONGEST_GOP_MICROS = 2_600_000;

  /** So many GOPs in a row, none too long, are the camera's habit. Sizes are learnt meanwhile. */
  private static final int GOPS = 5;

  /** What is kept shares its data with the pre-roll, unless that is bounded below this. */
  private static final long MOST_BYTES = 16 << 20;

  /** More than packets can come meanwhile, and few enough not to hold up those. */
  private static final int AT_ONCE = 8;

  /** Without a reading that counts, and without an unusual size. */
  static final long CALM_MICROS = 1_000_000;

  /** Motion is told that much later than it began, at most. */
  private static final long LATE_MICROS = LONGEST_GOP_MICROS + 2_000_000;

  /** Keyframes in a row without a picture of their own: the stream has none that stand alone. */
  private static final int BLIND_KEYFRAMES = 2;

  private static final long NEVER = Long.MIN_VALUE / 2;

  private final long lookMicros;
  private final boolean enabled;
  private final PacketSizeModel sizes = new PacketSizeModel();
  private final PacketSizeValidation proof;
  private final DeferredPackets backlog = new DeferredPackets();

  private State state = State.FOLLOWING;
  private long now;
  private long gopBegan = NEVER;
  private int gops;
  private int blind;
  private long unusualAt = NEVER;
  private long stirredAt = NEVER;
  private boolean moving;
  private int handedOut;

  /**
   * @param lookMicros between two frames that are looked at; where keyframes are as near to each
   *     other as that, there is nothing to be saved
   * @param smallest area of what moves, in square pixels of the stream
   * @param enabled false to decode everything
   */
  DecodePolicy(long lookMicros, int smallest, boolean enabled) {
    this.lookMicros = lookMicros;
    this.proof = new PacketSizeValidation(smallest, LATE_MICROS);
    this.enabled = enabled;
  }

  State state() {
    return state;
  }

  /**
   * Takes the stream's next packet. In state RESTING a keyframe is then to be decoded by itself and
   * told to {@link #looked}; in CATCHING_UP, {@link #next} gives what to decode; in FOLLOWING, this
   * packet is.
   */
  State accept(Packet borrowed) {
    if (!enabled) {
      return state;
    }
    now = borrowed.dtsMicros();
    boolean tooLong = measureGop(borrowed.keyframe());
    double margin = sizes.margin(borrowed.keyframe(), now, borrowed.size(), picture());
    boolean unusual = margin > 1;
    if (unusual) {
      unusualAt = now;
    }
    proof.packet(now, margin, sizes.usual());
    switch (state) {
      case FOLLOWING -> {
        if (borrowed.keyframe() && mayRest()) {
          state = State.RESTING;
          backlog.add(borrowed);
        }
      }
      case RESTING -> {
        backlog.add(borrowed);
        if (unusual || tooLong || !proof.holds() || backlog.bytes() > MOST_BYTES) {
          state = State.CATCHING_UP;
        }
      }
      case CATCHING_UP -> backlog.add(borrowed);
    }
    return state;
  }

  /** Returns whether the keyframe is overdue. */
  private boolean measureGop(boolean keyframe) {
    long length = now - gopBegan;
    boolean tooLong = gopBegan == NEVER || length > LONGEST_GOP_MICROS || length < 0;
    if (keyframe) {
      gops = tooLong || length <= 2 * lookMicros ? 0 : gops + 1;
      gopBegan = now;
    } else if (tooLong) {
      gops = 0;
    }
    return tooLong;
  }

  private PacketSizeModel.Picture picture() {
    if (moving || now - stirredAt < CALM_MICROS) {
      return PacketSizeModel.Picture.MOVING;
    }
    return state == State.FOLLOWING ? PacketSizeModel.Picture.CALM : PacketSizeModel.Picture.UNSEEN;
  }

  private boolean isUsual() {
    return sizes.known() && now - unusualAt >= CALM_MICROS;
  }

  private boolean mayRest() {
    return gops >= GOPS
        && picture() == PacketSizeModel.Picture.CALM
        && isUsual()
        && proof.holds()
        && blind < BLIND_KEYFRAMES;
  }

  /**
   * Tells how the last packet, a keyframe, looked by itself.
   *
   * @param calm whether nothing in it could be motion; false also when it gave no picture
   */
  void looked(boolean picture, boolean calm) {
    blind = picture ? 0 : blind + 1;
    if (!calm) {
      state = State.CATCHING_UP;
      return;
    }
    while (backlog.size() > 1) {
      backlog.remove().close();
    }
  }

  /** The next packet to catch up with, to be closed by the caller; null when that is enough. */
  Packet next() {
    if (state != State.CATCHING_UP || handedOut == AT_ONCE) {
      handedOut = 0;
      return null;
    }
    handedOut++;
    Packet oldest = backlog.remove();
    if (backlog.isEmpty()) {
      state = State.FOLLOWING;
    }
    return oldest;
  }

  /** Tells that a frame decoded in its turn showed what may be motion. */
  void stirred(FrameChange reading) {
    stirredAt = now;
    proof.seen(
        reading.ptsMicros(),
        reading.changedShare() >= MotionStateMachine.WHOLE_PICTURE
            ? Double.POSITIVE_INFINITY
            : reading.largestArea());
  }

  /** Tells what is known after a packet. */
  void told(MotionState motion) {
    if (motion.moving() && !moving && sizes.known()) {
      proof.motion(motion.sinceMicros());
    }
    moving = motion.moving();
  }

  @Override
  public void close() {
    backlog.close();
  }
}
