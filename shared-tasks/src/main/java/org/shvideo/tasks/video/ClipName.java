package org.shvideo.tasks.video;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The names of clips and of the files beside them: {@code 20260223-144819.avi}, with {@code .mkv}
 * where AVI cannot hold the codec, {@code 20260223-144819-front-door.avi} with its camera, {@code
 * 20260223-144819-front-door-2.avi} when the first name was taken. The time is the local time of
 * the clip's first frame, so that names sort by time. Where the clock was not set yet, the name
 * says so: {@code 19700101-000012-clock-not-set.avi}.
 */
public final class ClipName {
  /** No clip is older than this program: a clock that is before it was not set. */
  public static final Instant EARLIEST = Instant.parse("2020-01-01T00:00:00Z");

  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss");
  private static final Pattern PATTERN = Pattern.compile("(\\d{8}-\\d{6})(-.+)?\\.(avi|mkv)");

  /** How many names are tried for a snapshot. */
  public static final int SNAPSHOT_CHOICES = 20;

  /** What file systems allow. */
  private static final int MAX_BYTES = 255;

  /** Of a longer name, at most four bytes each. */
  private static final int MAX_KEPT_CHARACTERS = 50;

  private ClipName() {}

  /**
   * The name of a clip.
   *
   * @param camera null to leave it out; characters that file names should not have become hyphens
   * @param extension with its dot
   */
  public static String of(LocalDateTime recordedAt, String camera, String extension) {
    String suffix = camera == null ? "" : "-" + camera.replaceAll("[^\\p{L}\\p{N}_-]", "-");
    boolean clockSet = recordedAt.toInstant(ZoneOffset.MIN).isAfter(EARLIEST);
    return prefix(recordedAt) + (clockSet ? "" : "-clock-not-set") + suffix + extension;
  }

  /** Names of clips recorded before that time sort before it, all others after it. */
  public static String prefix(LocalDateTime time) {
    return TIME.format(time);
  }

  /** The first, second … choice for a clip with that name. */
  public static String numbered(String name, int number) {
    return number == 1 ? name : stem(name) + "-" + number + name.substring(stem(name).length());
  }

  /** Whether the name ends as those of clips do. */
  public static boolean hasExtension(String name) {
    return name.endsWith(".avi") || name.endsWith(".mkv");
  }

  public static boolean isClip(String name) {
    return PATTERN.matcher(name).matches();
  }

  /** When the clip was recorded, local time to the second; empty when the name does not say. */
  public static Optional<LocalDateTime> recordedAt(String name) {
    Matcher parts = PATTERN.matcher(name);
    try {
      return parts.matches()
          ? Optional.of(LocalDateTime.parse(parts.group(1), TIME))
          : Optional.empty();
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /**
   * The name of the picture beside a video: with {@code .jpg} for its extension, or {@code
   * .snapshot.jpg} where that is the video itself.
   */
  public static String snapshot(String name) {
    String snapshot = stem(name) + ".jpg";
    return snapshot.equals(name) ? stem(name) + ".snapshot.jpg" : snapshot;
  }

  /**
   * The first, second … choice for the picture beside a video: others may have the first, such as a
   * user's own picture, or a video that differs in its extension only.
   */
  public static String snapshot(String name, int number) {
    String choice =
        number == 1 ? snapshot(name) : name + (number == 2 ? "" : "-" + number) + ".jpg";
    if (choice.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES) {
      return choice;
    }
    String start = name.substring(0, name.offsetByCodePoints(0, MAX_KEPT_CHARACTERS));
    return "%s~%08x-%d.jpg".formatted(start, name.hashCode(), number);
  }

  /** Which choice for the picture beside that video this is; 0 if none. */
  public static int snapshotNumber(String name, String snapshot) {
    return IntStream.rangeClosed(1, SNAPSHOT_CHOICES)
        .filter(number -> snapshot(name, number).equals(snapshot))
        .findFirst()
        .orElse(0);
  }

  private static String stem(String name) {
    return name.replaceFirst("\\.[^.]+$", "");
  }
}
