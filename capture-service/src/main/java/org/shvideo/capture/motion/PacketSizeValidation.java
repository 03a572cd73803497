package org.shvideo.capture.motion;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Whether a camera's packet sizes have shown that they tell of motion. Where the bitrate is held
 * constant they do not, and nothing in the stream says so; so they must have told of {@link
 * #MOTIONS} in a row, each soon, and by so much that they would have told of a small one too, if it
 * was fast. Pure arithmetic; not thread-safe.
 *
 * <p>A motion that was not told of takes the proof back. One says nothing that was told of by too
 * little, or before which the sizes were unusual already, or with which the whole picture changed,
 * as when a light is switched. What was shown under other conditions does not count either: when
 * the usual size has changed by a factor of {@link #OTHER}, by night's noise or by the camera's
 * settings, or sizes differ twice as much as they did, it must be shown anew.
 */
final class PacketSizeValidation {
  /** So many in a row. */
  static final int MOTIONS = 3;

  /** What grows large slowly is told of before it counts as motion. */
  private static final long BEFORE_MICROS = 500_000;

  /** Whoever runs through the picture is there for hardly longer. */
  private static final long WITHIN_MICROS = 500_000;

  /** For so long before that nothing must have been unusual. */
  private static final long SETTLED_MICROS = 3_000_000;

  private static final double OTHER = 1.5;
  private static final double MORE_SPREAD = 2;

  /** How many times less than was told of would have been told of still. */
  private static final double CLEARLY = 2;

  /**
   * What is over between two keyframes is fast, and for its area takes so many times more of a
   * packet than what is slow; two to seven times were seen, see {@code docs/design/motion.md}.
   */
  private static final double FAST = 4;

  private static final long NEVER = Long.MIN_VALUE / 2;

  /** A packet of an unusual size. */
  private record Mark(long atMicros, double margin) {}

  private final int smallest;
  private final long rememberedMicros;
  private final Deque<Mark> marks = new ArrayDeque<>();
  private long since = NEVER;
  private long seenAt = NEVER;
  private double largest;
  private int motions;
  private PacketSizeModel.Usual shownAt = new PacketSizeModel.Usual(0, 0);

  /**
   * @param smallest area of what moves
   * @param lateMicros how long after its beginning a motion is told at most
   */
  PacketSizeValidation(int smallest, long lateMicros) {
    this.smallest = smallest;
    this.rememberedMicros = lateMicros + BEFORE_MICROS + SETTLED_MICROS;
  }

  boolean holds() {
    return motions >= MOTIONS;
  }

  /**
   * Tells of the stream's next packet.
   *
   * @param margin as {@link PacketSizeModel} says it
   * @param usual while nothing moves
   */
  void packet(long nowMicros, double margin, PacketSizeModel.Usual usual) {
    if (margin > 1) {
      marks.addLast(new Mark(nowMicros, margin));
    }
    if (since != NEVER && nowMicros >= since + WITHIN_MICROS) {
      judge(usual);
      since = NEVER;
    }
    if (Math.abs(usual.size() - shownAt.size()) > Math.log(OTHER)
        || usual.spread() > MORE_SPREAD * shownAt.spread()) {
      motions = 0;
    }
    while (!marks.isEmpty() && nowMicros - marks.getFirst().atMicros() > rememberedMicros) {
      marks.removeFirst();
    }
  }

  /**
   * Tells of something that may move.
   *
   * @param area infinite where the whole picture has changed
   */
  void seen(long atMicros, double area) {
    largest = atMicros - seenAt > SETTLED_MICROS ? area : Math.max(largest, area);
    seenAt = atMicros;
  }

  /** Tells that motion has begun. */
  void motion(long sinceMicros) {
    since = sinceMicros;
  }

  private void judge(PacketSizeModel.Usual usual) {
    long from = since - BEFORE_MICROS;
    if (margin(from - SETTLED_MICROS, from) > 0) {
      return;
    }
    double margin = margin(from, since + WITHIN_MICROS);
    if (margin == 0) {
      motions = 0;
    } else if (margin >= Math.max(CLEARLY, largest / (FAST * smallest))) {
      motions++;
      shownAt = usual;
    }
  }

  /** By how much the sizes told of something between two times; 0 where they did not. */
  private double margin(long from, long to) {
    return marks.stream()
        .filter(mark -> mark.atMicros() >= from && mark.atMicros() < to)
        .mapToDouble(Mark::margin)
        .max()
        .orElse(0);
  }
}
