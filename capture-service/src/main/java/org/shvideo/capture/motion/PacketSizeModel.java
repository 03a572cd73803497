package org.shvideo.capture.motion;

/**
 * Tells packets of an unusual size from those of a quiet picture, without decoding them. Pure
 * arithmetic; not thread-safe.
 *
 * <p>Encoders follow a rhythm: the packets after a keyframe are small, layers and B-frames take
 * turns, a rate control spends towards a GOP's end what it saved. So each packet is compared with
 * those at the same place of earlier GOPs, by the ratio of their sizes, and the ratio with how much
 * such ratios differ on this camera. One packet far off is unusual, and so are several in a row
 * that are all a little off. Smaller counts as well as larger: who stands before a noisy ground
 * hides its noise.
 *
 * <p>With a strictly constant bitrate sizes say little. What they say must therefore never be all
 * that there is; {@link DecodePolicy} sees to that.
 */
final class PacketSizeModel {
  /** Places of a GOP that are told apart; those beyond are never unusual. */
  private static final int PLACES = 512;

  /** Packets seen at a place before it is known what is usual there. */
  private static final int ENOUGH = 4;

  /** Packets seen at all before it is known by how much they differ. */
  private static final int ENOUGH_PACKETS = 50;

  /** A packet is averaged in as one of so many, unless fewer were seen. */
  private static final int MEMORY_OF_PLACE = 8;

  private static final int MEMORY_OF_SPREAD = 500;

  /** Of packets in a row. */
  private static final double RUN_SECONDS = 0.3;

  /** How many spreads are far. Of the normal distribution's mean deviations, that is. */
  private static final double FAR = 8;

  private static final double RUN_FAR = 5;

  /** Encoders that repeat themselves to the byte must not make a trifle unusual. */
  private static final double LEAST_SPREAD = 0.02;

  /** Added to each size: whether an empty picture takes 10 bytes or 20 says nothing. */
  private static final int HEADER_BYTES = 40;

  /** What is known of the pictures while a packet comes. */
  enum Picture {
    /** They are looked at, and nothing moves. */
    CALM,
    /** They are not looked at. */
    UNSEEN,
    MOVING
  }

  /**
   * What sizes are like of late.
   *
   * @param size its logarithm
   * @param spread by how much the logarithms of sizes differ from what is usual at their place
   */
  record Usual(double size, double spread) {}

  private final double[] usual = new double[PLACES];
  private final int[] seen = new int[PLACES];
  private double level;
  private double spread;
  private double runSpread;
  private int levels;
  private int counted;
  private int runs;
  private int place;
  private double run;
  private long lastMicros;

  /**
   * Takes the stream's next packet.
   *
   * @param picture what the frames around it show
   * @return how many times less could have been added to what is usual, or taken from it, and be
   *     unusual: above 1 where the size is; 0 where too little is known
   */
  double margin(boolean keyframe, long dtsMicros, int size, Picture picture) {
    double seconds = (dtsMicros - lastMicros) / 1e6;
    lastMicros = dtsMicros;
    if (keyframe) {
      place = 0;
      return 0;
    }
    place++;
    if (place >= PLACES) {
      return 0;
    }
    double measure = Math.log(size + HEADER_BYTES);
    double off = seen[place] == 0 ? 0 : measure - usual[place];
    boolean known = seen[place] >= ENOUGH && counted >= ENOUGH_PACKETS;
    double margin = 0;
    if (known) {
      run += (off - run) * (1 - Math.exp(-Math.max(0, seconds) / RUN_SECONDS));
      margin = margin(off, FAR * Math.max(spread, LEAST_SPREAD));
      if (runs >= ENOUGH_PACKETS) {
        margin = Math.max(margin, margin(run, RUN_FAR * Math.max(runSpread, LEAST_SPREAD)));
      }
    }
    if (picture != Picture.MOVING) {
      learn(measure, off, known, picture == Picture.CALM);
    }
    return margin;
  }

  /** How much was added or taken away, of what is just unusual; both are logarithms of ratios. */
  private static double margin(double off, double far) {
    return Math.expm1(Math.abs(off)) / Math.expm1(far);
  }

  /** Whether enough is known to tell what is unusual. */
  boolean known() {
    return runs >= ENOUGH_PACKETS;
  }

  /** What is usual between keyframes, wherever in the GOP. */
  Usual usual() {
    return new Usual(level, Math.max(spread, LEAST_SPREAD));
  }

  /** What has not been looked at counts no more than what is just usual. */
  private void learn(double measure, double off, boolean known, boolean looked) {
    levels++;
    level += (measure - level) / Math.min(levels, MEMORY_OF_SPREAD);
    if (seen[place] > 0) {
      counted++;
      spread +=
          (bounded(Math.abs(off), spread, looked) - spread) / Math.min(counted, MEMORY_OF_SPREAD);
    }
    if (known) {
      runs++;
      runSpread +=
          (bounded(Math.abs(run), runSpread, looked) - runSpread)
              / Math.min(runs, MEMORY_OF_SPREAD);
    }
    seen[place]++;
    usual[place] +=
        Math.copySign(bounded(Math.abs(off), spread, looked), off)
            / Math.min(seen[place], MEMORY_OF_PLACE);
    if (seen[place] == 1) {
      usual[place] = measure;
    }
  }

  private static double bounded(double value, double usualValue, boolean looked) {
    return looked ? value : Math.min(value, 3 * Math.max(usualValue, LEAST_SPREAD));
  }
}
