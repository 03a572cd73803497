package org.shvideo.capture.motion;

import java.util.ArrayDeque;
import java.util.Deque;
import org.shvideo.capture.stream.Packet;

/**
 * Decides which packets are worth decoding, so that a camera before which nothing happens costs
 * next to nothing. Not thread-safe; holds packets until closed.
 *
 * <p>At {@linkplain State#RESTING rest} only keyframes are decoded, each by itself, and the packets
 * since the last one that looked calm are kept. When a keyframe does not look calm, or the {@link
 * PacketSizes} between two of them are unusual, all that was kept is decoded after all, oldest
 * first, a few packets with each one that comes: the detector sees the same pictures in the same
 * order as if nothing had been left out, only later. What follows is decoded as it comes, until a
 * keyframe arrives after {@link #CALM_MICROS} without anything.
 *
 * <p>What could be missed is thus over between two keyframes and leaves no mark in the sizes. So it
 * rests only where keyframes follow each other within {@link #LONGEST_GOP_MICROS}, and it measures
 * what the sizes are worth: when they did not tell of a motion within {@link
 * #ANNOUNCED_WITHIN_MICROS}, all is decoded until they have told of {@link #PROOF} in a row.
 */
final class Suspicion implements AutoCloseable {
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

  static final long ANNOUNCED_BEFORE_MICROS = 500_000;
  static final long ANNOUNCED_WITHIN_MICROS = 1_500_000;

  /** So many motions in a row must have been announced before it rests again. */
  private static final int PROOF = 3;

  /** Motion may be told of that much later than it began, and what announced it before that. */
  private static final long REMEMBERED_MICROS =
      ANNOUNCED_BEFORE_MICROS + LONGEST_GOP_MICROS + 2_000_000;

  /** Keyframes in a row without a picture of their own: the stream has none that stand alone. */
  private static final int BLIND_KEYFRAMES = 2;

  private static final long NEVER = Long.MIN_VALUE / 2;

  private final long lookMicros;
  private final boolean enabled;
  private final PacketSizes sizes = new PacketSizes();
  private final Backlog backlog = new Backlog();

  private State state = State.FOLLOWING;
  private long now;
  private long gopBegan = NEVER;
  private int gops;
  private int blind;
  private final Deque<Long> unusualAt = new ArrayDeque<>();
  private long stirredAt = NEVER;
  private boolean moving;
  private int handedOut;
  private long unproven = NEVER;
  private int announced = PROOF;

  /**
   * @param lookMicros between two frames that are looked at; where keyframes are as near to each
   *     other as that, there is nothing to be saved
   * @param enabled false to decode everything
   */
  Suspicion(long lookMicros, boolean enabled) {
    this.lookMicros = lookMicros;
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
    boolean unusual = sizes.unusual(borrowed.keyframe(), now, borrowed.size(), picture());
    if (unusual) {
      unusualAt.addLast(now);
    }
    prove();
    switch (state) {
      case FOLLOWING -> {
        if (borrowed.keyframe() && mayRest()) {
          state = State.RESTING;
          backlog.add(borrowed);
        }
      }
      case RESTING -> {
        backlog.add(borrowed);
        if (unusual || tooLong || backlog.bytes() > MOST_BYTES) {
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

  private PacketSizes.Picture picture() {
    if (moving || now - stirredAt < CALM_MICROS) {
      return PacketSizes.Picture.MOVING;
    }
    return state == State.FOLLOWING ? PacketSizes.Picture.CALM : PacketSizes.Picture.UNSEEN;
  }

  private boolean isUsual() {
    return sizes.known() && (unusualAt.isEmpty() || now - unusualAt.getLast() >= CALM_MICROS);
  }

  private boolean mayRest() {
    return gops >= GOPS
        && picture() == PacketSizes.Picture.CALM
        && isUsual()
        && announced >= PROOF
        && blind < BLIND_KEYFRAMES;
  }

  /** Whether the sizes told of the motion that was seen. */
  private void prove() {
    if (unproven != NEVER && now >= unproven + ANNOUNCED_WITHIN_MICROS) {
      long from = unproven - ANNOUNCED_BEFORE_MICROS;
      long to = unproven + ANNOUNCED_WITHIN_MICROS;
      boolean any = unusualAt.stream().anyMatch(at -> at >= from && at <= to);
      announced = any ? announced + 1 : 0;
      unproven = NEVER;
    }
    while (!unusualAt.isEmpty() && now - unusualAt.getFirst() > REMEMBERED_MICROS) {
      unusualAt.removeFirst();
    }
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
  void stirred() {
    stirredAt = now;
  }

  /** Tells what is known after a packet. */
  void told(Motion motion) {
    if (motion.moving() && !moving) {
      unproven = sizes.known() ? motion.sinceMicros() : NEVER;
    }
    moving = motion.moving();
  }

  @Override
  public void close() {
    backlog.close();
  }
}
