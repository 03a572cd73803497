package org.shvideo.tasks;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Inputs that no one thought of, the same in every run. The system property {@code shvideo.fuzz}
 * says how many are tried; by default so many that it takes seconds.
 */
public final class Fuzz {
  private static final List<String> NASTY =
      List.of(
          "",
          " ",
          "\0",
          "\n",
          "\r\n",
          "\u2028",
          "\ufffd",
          "\uffff",
          "../",
          "/",
          "\\",
          "%s%n%00",
          "'",
          "\"",
          "${HOME}",
          "{",
          "[",
          "}",
          "NaN",
          "-1",
          "0",
          "1e999",
          "99999999999999999999",
          "null",
          "true",
          "\ud83d\ude00",
          "\ud83d",
          "é",
          "кіт.avi",
          "-0.0",
          "0x1p3",
          "1_000");

  private final SplittableRandom random;

  /**
   * @param seed so that a finding can be had again
   */
  public Fuzz(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** How many inputs to try, unless the system property says. */
  public static int count(int usual) {
    return Integer.getInteger("shvideo.fuzz", usual);
  }

  public int below(int bound) {
    return random.nextInt(bound);
  }

  public boolean oneIn(int many) {
    return random.nextInt(many) == 0;
  }

  public <T> T of(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /** Any bytes, mostly few. */
  public byte[] bytes(int most) {
    byte[] bytes = new byte[random.nextInt(1 + random.nextInt(most))];
    random.nextBytes(bytes);
    return bytes;
  }

  /** A text as a person, a program or an enemy might write it. */
  public String text() {
    return switch (random.nextInt(5)) {
      case 0 -> new String(bytes(40), StandardCharsets.ISO_8859_1);
      case 1 -> of(NASTY).repeat(1 + (oneIn(20) ? random.nextInt(3000) : 0));
      case 2 -> Long.toString(random.nextLong());
      case 3 -> Double.toString(Double.longBitsToDouble(random.nextLong()));
      default -> of(NASTY) + new String(bytes(20), StandardCharsets.UTF_8) + of(NASTY);
    };
  }

  /**
   * Some bytes changed, inserted, left out, doubled, or the end cut off; half of it in the first 2
   * KiB, where a file says what it is.
   */
  public byte[] mutated(byte[] original) {
    byte[] bytes = original;
    for (int changes = 1 + random.nextInt(6); changes > 0 && bytes.length > 1; changes--) {
      bytes = mutatedOnce(bytes);
    }
    return bytes;
  }

  private byte[] mutatedOnce(byte[] bytes) {
    int at = random.nextInt(oneIn(2) ? Math.min(bytes.length, 2048) : bytes.length);
    int length = 1 + random.nextInt(Math.min(bytes.length - at, 1 + random.nextInt(64)));
    return switch (random.nextInt(9)) {
      case 0 -> Arrays.copyOf(bytes, at);
      case 1 -> joined(bytes, at, new byte[0], at + length); // left out
      case 2 -> joined(bytes, at, bytes(64), at); // inserted
      case 3 -> joined(bytes, at, Arrays.copyOfRange(bytes, at, at + length), at); // doubled
      case 4 -> joined(bytes, at, of(NASTY).getBytes(StandardCharsets.UTF_8), at + length);
      case 5 -> {
        byte[] filled = bytes.clone();
        Arrays.fill(filled, at, at + length, oneIn(2) ? (byte) 0 : (byte) -1);
        yield filled;
      }
      default -> {
        byte[] flipped = bytes.clone();
        flipped[at] ^= (byte) (1 << random.nextInt(8));
        yield flipped;
      }
    };
  }

  private static byte[] joined(byte[] bytes, int end, byte[] between, int begin) {
    byte[] all = new byte[end + between.length + bytes.length - begin];
    System.arraycopy(bytes, 0, all, 0, end);
    System.arraycopy(between, 0, all, end, between.length);
    System.arraycopy(bytes, begin, all, end + between.length, bytes.length - begin);
    return all;
  }
}
