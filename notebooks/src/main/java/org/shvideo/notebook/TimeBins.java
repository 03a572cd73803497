package org.shvideo.notebook;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What stands along a chart's axis: every day from the first to the last, also those on which
 * nothing happened. A camera whose clock was never set dates its clips to 1970: then, and in a long
 * log, it is months or years instead, so that there is always room.
 *
 * @param unit days, months or years
 * @param first the first one's first day
 * @param count how many, one or more
 */
record TimeBins(ChronoUnit unit, LocalDate first, int count) {
  private static final int MOST = 62;

  /** What holds all these days, one or more. */
  static TimeBins of(Collection<LocalDate> days) {
    LocalDate from = Collections.min(days);
    LocalDate to = Collections.max(days);
    long between = ChronoUnit.DAYS.between(from, to);
    if (between < MOST) {
      return new TimeBins(ChronoUnit.DAYS, from, (int) between + 1);
    }
    LocalDate month = from.withDayOfMonth(1);
    long months = ChronoUnit.MONTHS.between(month, to);
    if (months < MOST) {
      return new TimeBins(ChronoUnit.MONTHS, month, (int) months + 1);
    }
    LocalDate year = from.withDayOfYear(1);
    return new TimeBins(ChronoUnit.YEARS, year, (int) ChronoUnit.YEARS.between(year, to) + 1);
  }

  /** Day, month or year. */
  String name() {
    return unit == ChronoUnit.DAYS ? "day" : unit == ChronoUnit.MONTHS ? "month" : "year";
  }

  /** How each is called in a chart; no two are called the same. */
  List<String> names() {
    String pattern =
        unit == ChronoUnit.DAYS ? "d MMM" : unit == ChronoUnit.MONTHS ? "MMM uuuu" : "uuuu";
    DateTimeFormatter format = DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH);
    return LongStream.range(0, count).mapToObj(at -> format.format(first.plus(at, unit))).toList();
  }

  /** How many of these days are in each. */
  int[] count(Stream<LocalDate> days) {
    int[] counts = new int[count];
    days.forEach(day -> counts[(int) unit.between(first, day)]++);
    return counts;
  }
}
