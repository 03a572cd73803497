package org.shvideo.tasks.settings;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One environment variable: its name, its default, the unit it is given in, what it means in one
 * sentence, and how its text becomes a value. The tables in the README and the env files are
 * checked against these.
 *
 * @param name as in the environment, {@code UPPER_CASE}
 * @param fallback the default as a user would write it; empty when there is none
 * @param unit {@code s}, {@code MiB}, {@code px²} …; empty for names, texts and switches
 * @param meaning one sentence for the README
 * @param parser throws {@link IllegalArgumentException} whose message says what was expected
 */
public record Setting<T>(
    String name, String fallback, String unit, String meaning, Function<String, T> parser) {

  private static final Pattern BYTES = Pattern.compile("([0-9]+) *([KMGTkmgt])?");

  public Setting {
    Objects.requireNonNull(parser);
    if (!name.matches("[A-Z][\\p{L}\\p{M}\\p{N}_&&[^\\p{Ll}]]*")) {
      throw new IllegalArgumentException("not an environment variable's name: " + name);
    }
  }

  public static Setting<String> text(String name, String fallback, String meaning) {
    return new Setting<>(name, fallback, "", meaning, Function.identity());
  }

  /** A secret also accepts {@code NAME_FILE}: the path of a file that holds it. */
  public static Setting<Secret> secret(String name, String meaning) {
    return new Setting<>(name, "", "", meaning, Secret::new);
  }

  public static Setting<Path> path(String name, String fallback, String meaning) {
    return new Setting<>(name, fallback, "", meaning, Setting::parsePath);
  }

  public static Setting<Integer> integer(
      String name, int fallback, String unit, int min, int max, String meaning) {
    String expected = "a whole number from %d to %d".formatted(min, max);
    Function<String, Integer> parser =
        text -> inRange(() -> Integer.parseInt(text), min, max, expected);
    return new Setting<>(name, Integer.toString(fallback), unit, meaning, parser);
  }

  public static Setting<Double> number(
      String name, double fallback, String unit, double min, double max, String meaning) {
    String expected = "a number from %s to %s".formatted(plain(min), plain(max));
    Function<String, Double> parser =
        text -> inRange(() -> Double.parseDouble(text), min, max, expected);
    return new Setting<>(name, plain(fallback), unit, meaning, parser);
  }

  /**
   * An amount of storage: a whole number of bytes, or of powers of 1024 with one of {@code K M G T}
   * behind it, in any case.
   */
  public static Setting<Long> bytes(
      String name, String fallback, long min, long max, String meaning) {
    return new Setting<>(name, fallback, "bytes", meaning, text -> parseBytes(text, min, max));
  }

  /** A length of time, written as seconds; fractions are allowed. */
  public static Setting<Duration> seconds(
      String name, double fallback, double min, double max, String meaning) {
    Setting<Double> number = number(name, fallback, "s", min, max, meaning);
    Function<String, Duration> parser =
        number.parser().andThen(seconds -> Duration.ofMillis(Math.round(seconds * 1000)));
    return new Setting<>(name, number.fallback(), "s", meaning, parser);
  }

  /** One of an enum's constants, written in any case. */
  public static <E extends Enum<E>> Setting<E> choice(String name, E fallback, String meaning) {
    List<E> choices = List.of(fallback.getDeclaringClass().getEnumConstants());
    String expected =
        choices.stream().map(Setting::lower).collect(Collectors.joining(", ", "one of ", ""));
    Function<String, E> parser =
        text ->
            choices.stream()
                .filter(choice -> choice.name().equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(expected));
    return new Setting<>(name, lower(fallback), "", meaning, parser);
  }

  /**
   * The variables that may hold it, of which one may be set.
   *
   * @param suffix of one camera's; empty for the common ones
   */
  public List<String> variables(String suffix) {
    String variable = name + suffix;
    boolean isSecret = parser.apply(fallback) instanceof Secret;
    return isSecret ? List.of(variable, variable + "_FILE") : List.of(variable);
  }

  private static long parseBytes(String text, long min, long max) {
    return inRange(
        () -> {
          Matcher amount = BYTES.matcher(text);
          if (!amount.matches()) {
            throw new NumberFormatException();
          }
          String unit = amount.group(2) == null ? "" : amount.group(2).toUpperCase(Locale.ROOT);
          int power = unit.isEmpty() ? 0 : 1 + "KMGT".indexOf(unit);
          return Math.multiplyExact(Long.parseLong(amount.group(1)), 1L << (10 * power));
        },
        min,
        max,
        "a number of bytes from %s to %s, such as 500M or 2G"
            .formatted(shortened(min), shortened(max)));
  }

  private static <N extends Comparable<N>> N inRange(
      Supplier<N> number, N min, N max, String expected) {
    try {
      N value = number.get();
      if (value.compareTo(min) >= 0 && value.compareTo(max) <= 0) {
        return value;
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // reported below, with the range
    }
    throw new IllegalArgumentException(expected);
  }

  /** An amount of storage as {@link #bytes} reads it, in the largest unit without a fraction. */
  public static String shortened(long bytes) {
    int power = 0;
    long units = bytes;
    while (units != 0 && units % 1024 == 0 && power < 4) {
      units /= 1024;
      power++;
    }
    return power == 0 ? Long.toString(units) : units + "KMGT".substring(power - 1, power);
  }

  private static Path parsePath(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      // Where the locale is not UTF-8, Java cannot even read such a name from the environment.
      throw new IllegalArgumentException(
          text.chars().anyMatch(c -> c > 127)
              ? "a path that the locale can express (set LC_ALL=C.UTF-8)"
              : "a path of this system",
          e);
    }
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
