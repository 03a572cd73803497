package org.shvideo.worker.result;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Numbers as a person reads them in the log: no digits that mean nothing. */
public final class Rounding {
  private Rounding() {}

  public static double of(double value, int digits) {
    return BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_UP).doubleValue();
  }
}
