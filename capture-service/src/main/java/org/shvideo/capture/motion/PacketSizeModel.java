package org.shvideo.capture.motion;

/**
 * Tells packets of unusual size from those of a still picture, without decoding them. Pure
 * arithmetic; not thread-safe.
 *
 * <p>Packet sizes follow a pattern within the GOP: packets after a keyframe are small, layers and
 * B-frames alternate, and rate control spends towards the end of a GOP what it saved before. So
 * each packet is compared with the packets at the same position of earlier GOPs, as a ratio of
 * sizes, and this ratio with how much such ratios vary on this camera. A single packet that is far
 * off is unusual, and so is a run of packets that are all a little off. Smaller counts as well as
 * larger: an object in front of a noisy background hides its noise.
 *
 * <p>At a constant bitrate, sizes say little. So they must never be the only signal; {@link
 * DecodePolicy} ensures that.
 */
final class PacketSizeModel {
  /** Positions within a GOP that are told apart; later ones are never unusual. */
  private static final int POSITIONS = 512;

  /** Packets seen at a position before its usual size is known. */
  private static final int MIN_POSITION_SAMPLES = 4;

  /** Packets seen in all before the variation is known. */
  private static final int MIN_SAMPLES = 50;

  /** A packet weighs 1/n in the average, n being the packets seen, up to this many. */
  private static final int POSITION_WINDOW = 8;

  private static final int SPREAD_WINDOW = 500;

  /** Time constant of the average over a run of packets. */
  private static final double RUN_SECONDS = 0.3;

  /** Unusual from so many times the spread on, which is a mean absolute deviation. */
  private static final double PACKET_LIMIT = 8;

  private static final double RUN_LIMIT = 5;

  /** Encoders that repeat themselves to the byte must not make a trifle unusual. */
  private static final double MIN_SPREAD = 0.02;

  /** Added to each size: whether an empty frame takes 10 bytes or 20 says nothing. */
  private static final int HEADER_BYTES = 40;

  /** What is known about the frames around a packet. */
  enum Activity {
    /** They are decoded, and nothing moves. */
    STILL,
    /** They are not decoded. */
    UNKNOWN,
    MOVING
  }

  /**
   * The usual packet sizes, keyframes excepted.
   *
   * @param logSize mean logarithm of the size
   * @param spread mean deviation of the logarithm from the usual one at the same position
   */
  record Baseline(double logSize, double spread) {}

  private final double[] usualLog = new double[POSITIONS];
  private final int[] positionSamples = new int[POSITIONS];
  private double meanLog;
  private double spread;
  private double runSpread;
  private int samples;
  private int spreadSamples;
  private int runSamples;
  private int position;
  private double run;
  private long lastMicros;

  /**
   * Takes the stream's next packet.
   *
   * @param activity in the frames around it
   * @return the packet's deviation from the usual size, as a multiple of the smallest unusual
   *     deviation: the size is unusual above 1; 0 if too little is known
   */
  double deviation(boolean keyframe, long dtsMicros, int size, Activity activity) {
    double seconds = (dtsMicros - lastMicros) / 1e6;
    lastMicros = dtsMicros;
    if (keyframe) {
      position = 0;
      return 0;
    }
    position++;
    if (position >= POSITIONS) {
      return 0;
    }
    double log = Math.log(size + HEADER_BYTES);
    double difference = positionSamples[position] == 0 ? 0 : log - usualLog[position];
    boolean known =
        positionSamples[position] >= MIN_POSITION_SAMPLES && spreadSamples >= MIN_SAMPLES;
    double deviation = 0;
    if (known) {
      run += (difference - run) * (1 - Math.exp(-Math.max(0, seconds) / RUN_SECONDS));
      deviation = relative(difference, PACKET_LIMIT * Math.max(spread, MIN_SPREAD));
      if (isLearnt()) {
        deviation = Math.max(deviation, relative(run, RUN_LIMIT * Math.max(runSpread, MIN_SPREAD)));
      }
    }
    if (activity != Activity.MOVING) {
      learn(log, difference, known, activity == Activity.STILL);
    }
    return deviation;
  }

  /** The bytes added or removed, relative to those at the limit; both are logarithms of ratios. */
  private static double relative(double difference, double limit) {
    return Math.expm1(Math.abs(difference)) / Math.expm1(limit);
  }

  /** Whether enough packets were seen to know what is unusual. */
  boolean isLearnt() {
    return runSamples >= MIN_SAMPLES;
  }

  Baseline baseline() {
    return new Baseline(meanLog, Math.max(spread, MIN_SPREAD));
  }

  /** Packets of frames that were not analysed weigh no more than a just unusual one. */
  private void learn(double log, double difference, boolean known, boolean analysed) {
    samples++;
    meanLog += (log - meanLog) / Math.min(samples, SPREAD_WINDOW);
    if (positionSamples[position] > 0) {
      spreadSamples++;
      spread +=
          (bounded(Math.abs(difference), spread, analysed) - spread)
              / Math.min(spreadSamples, SPREAD_WINDOW);
    }
    if (known) {
      runSamples++;
      runSpread +=
          (bounded(Math.abs(run), runSpread, analysed) - runSpread)
              / Math.min(runSamples, SPREAD_WINDOW);
    }
    positionSamples[position]++;
    usualLog[position] +=
        Math.copySign(bounded(Math.abs(difference), spread, analysed), difference)
            / Math.min(positionSamples[position], POSITION_WINDOW);
    if (positionSamples[position] == 1) {
      usualLog[position] = log;
    }
  }

  private static double bounded(double value, double usual, boolean analysed) {
    return analysed ? value : Math.min(value, 3 * Math.max(usual, MIN_SPREAD));
  }
}
