package org.shvideo.worker.clip;

import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Chooses the frames that differ from the last analysed one, one or two a second, and more where
 * something begins to happen. Those that differ in between are kept in reserve.
 *
 * <p>Frames are compared by blocks, so that something small counts as much as something large: a
 * frame has changed when its most changed block has. What changes everywhere by the same amount
 * (exposure, clouds) is taken out first, and a block must stand out from the others, so that the
 * noise of a dark night is no change. Where everything changed, nothing can stand out: then a
 * block's mean brightness decides, which noise does not move. Comparing with the last
 * <em>analysed</em> frame, not the last one, lets slow things add up.
 */
final class AdaptiveSampler implements FrameSampler {
  // Chosen by trying them on recorded results of every frame; see docs/design/detection.md.
  private static final double BUSY_GAP_SECONDS = 0.6;
  private static final double DENSE_GAP_SECONDS = 0.2;
  private static final double DENSE_FOR_SECONDS = 0.5;
  private static final double CALM_SECONDS = 0.5;
  private static final double RESERVE_GAP_SECONDS = 0.1;
  private static final int BLOCK = 6;
  private static final double MIN_CHANGE = 6;
  private static final double MIN_RATIO_TO_MEDIAN = 3;
  private static final double MIN_MEAN_CHANGE = 10;

  /** Longest time for which nothing is analysed while some block differs. */
  private static final double MAX_BLIND_SECONDS = 5;

  /** Time stamps are rounded by containers; a gap that is short by this is long enough. */
  private static final double ROUNDING_SECONDS = 0.002;

  private Luma analysed;
  private double analysedSeconds;
  private double keptSeconds;
  private double changedSeconds = Double.NEGATIVE_INFINITY;
  private double denseUntilSeconds = Double.NEGATIVE_INFINITY;

  @Override
  public Choice choose(double seconds, Supplier<Luma> luma) {
    Luma now;
    if (analysed == null) {
      now = luma.get();
    } else {
      if (seconds - keptSeconds + ROUNDING_SECONDS < RESERVE_GAP_SECONDS) {
        return Choice.SKIP;
      }
      now = luma.get();
      boolean blind = seconds - analysedSeconds >= MAX_BLIND_SECONDS;
      if (!changed(analysed, now, blind)) {
        return Choice.SKIP;
      }
      if (seconds - changedSeconds > CALM_SECONDS) {
        denseUntilSeconds = seconds + DENSE_FOR_SECONDS;
      }
      changedSeconds = seconds;
      double gap = seconds <= denseUntilSeconds ? DENSE_GAP_SECONDS : BUSY_GAP_SECONDS;
      if (seconds - analysedSeconds + ROUNDING_SECONDS < gap) {
        keptSeconds = seconds;
        return Choice.RESERVE;
      }
    }
    analysed = now;
    analysedSeconds = seconds;
    keptSeconds = seconds;
    return Choice.ANALYSE;
  }

  static boolean changed(Luma before, Luma after, boolean blind) {
    int everywhere = medianDifference(before, after);
    int columns = after.width() / BLOCK;
    double mostOfMeans = 0;
    double[] changes = new double[columns * (after.height() / BLOCK)];
    for (int block = 0; block < changes.length; block++) {
      int left = block % columns * BLOCK;
      int top = block / columns * BLOCK;
      int sum = 0;
      int signed = 0;
      for (int y = top; y < top + BLOCK; y++) {
        for (int x = left; x < left + BLOCK; x++) {
          int change = after.at(x, y) - before.at(x, y) - everywhere;
          sum += Math.abs(change);
          signed += change;
        }
      }
      mostOfMeans = Math.max(mostOfMeans, Math.abs(signed) / (double) (BLOCK * BLOCK));
      changes[block] = sum / (double) (BLOCK * BLOCK);
    }
    Arrays.sort(changes);
    double most = changes[changes.length - 1];
    double median = changes[changes.length / 2];
    return most > Math.max(MIN_CHANGE, blind ? 0 : MIN_RATIO_TO_MEDIAN * median)
        || mostOfMeans > MIN_MEAN_CHANGE;
  }

  private static int medianDifference(Luma before, Luma after) {
    int[] counts = new int[511];
    for (int y = 0; y < after.height(); y++) {
      for (int x = 0; x < after.width(); x++) {
        counts[after.at(x, y) - before.at(x, y) + 255]++;
      }
    }
    int half = after.width() * after.height() / 2;
    int seen = 0;
    int value = -1;
    while (seen <= half) {
      value++;
      seen += counts[value];
    }
    return value - 255;
  }
}
