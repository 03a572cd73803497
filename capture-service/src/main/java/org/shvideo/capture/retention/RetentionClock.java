package org.shvideo.capture.retention;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time by which the age of clips is judged, and how many may be deleted by it in a day. The
 * system's clock may be wrong, and a clip that is deleted is gone, so a clock that is ahead of the
 * time that has passed is believed only once it has run on for a tenth of its lead, or a user has
 * confirmed it. Where there are clips, but nothing is known from an earlier run, the newest clip
 * says the time, and as that may be a time that a wrong clock gave, no clip is deleted by age for a
 * day of running time. A clock that was set back is believed likewise, after a day at most;
 * meanwhile it deletes nothing too early, and the names of clips that it gives are {@linkplain
 * #isDoubtful not relied on}.
 *
 * <p>What is known is kept in the video folder. Not thread-safe, except for {@link #problem}.
 */
public final class RetentionClock {
  private static final Logger LOG = LoggerFactory.getLogger(RetentionClock.class);

  static final String STATE = ".clock";

  /** A user creates it to say that the system's clock is right. */
  static final String CONFIRMATION = ".clock-is-right";

  private static final Duration TOLERANCE = Duration.ofMinutes(1);
  private static final int LEAD_PER_PROOF = 10;
  private static final Duration MAX_PROOF_OF_LAG = Duration.ofDays(1);

  /** Until somebody has had the time to notice that the newest clip is of a wrong time. */
  private static final Duration UNKNOWN_TIME = Duration.ofDays(1);

  /** What is known is kept that often: each time forces the disk twice. */
  private static final Duration SAVE_INTERVAL = Duration.ofMinutes(1);

  /** Of the clips in the folder, a day; or twice what a day of an even archive has, if more. */
  private static final double DAILY_SHARE = 0.25;

  private static final int MIN_DAILY_CLIPS = 10;

  private final Path state;
  private final Path confirmation;
  private final Clock clock;
  private final LongSupplier nanoTime;

  private Instant believed;

  /** How long the clock has run on since it was set, or since it was believed. */
  private Duration proof = Duration.ZERO;

  /** Clips whose names are wrong, perhaps. */
  private final Set<String> doubtful = new LinkedHashSet<>();

  private Instant dayStart;
  private int deletedToday;
  private boolean unlimitedToday;

  /** Running time for which nothing is deleted by age, because the time was not known. */
  private Duration unknownFor = Duration.ZERO;

  /** What was kept last, but for the times, and when; and whether that has failed. */
  private Properties saved;

  private long savedNanos;
  private boolean saveFailed;

  /** At the last observation; null before the first of this process. */
  private Instant wall;

  private long nanos;

  RetentionClock(VideoFolder folder, Clock clock, LongSupplier nanoTime) {
    this.state = folder.root().resolve(STATE);
    this.confirmation = folder.root().resolve(CONFIRMATION);
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /**
   * Looks at the clocks; to be called every minute or so.
   *
   * @param newest local time of the newest clip by name, if there is one
   * @return whether {@link #now} is not what follows from the time that has passed
   */
  boolean observe(Optional<LocalDateTime> newest) {
    Instant now = clock.instant();
    long nowNanos = nanoTime.getAsLong();
    Instant expected = null;
    if (wall == null) {
      load(newest.map(time -> time.atZone(clock.getZone()).toInstant()), now);
    } else {
      Duration elapsed = Duration.ofNanos(nowNanos - nanos);
      expected = earlier().plus(elapsed);
      believed = believed.plus(elapsed);
      unknownFor = elapsed.compareTo(unknownFor) < 0 ? unknownFor.minus(elapsed) : Duration.ZERO;
      boolean set = Duration.between(wall, now).minus(elapsed).abs().compareTo(TOLERANCE) > 0;
      proof = set ? Duration.ZERO : proof.plus(elapsed);
    }
    wall = now;
    nanos = nowNanos;
    boolean confirmed = takeConfirmation();
    if (confirmed || believed.isBefore(ClipName.EARLIEST) || isProved()) {
      believed = now;
      proof = Duration.ZERO;
    }
    if (confirmed) {
      unknownFor = Duration.ZERO;
      LOG.info("The clock is confirmed: {}.", now);
    }
    if (confirmed || Duration.between(dayStart, believed).abs().toDays() > 0) {
      dayStart = believed;
      deletedToday = 0;
      unlimitedToday = confirmed;
    }
    return expected == null || Duration.between(expected, earlier()).abs().compareTo(TOLERANCE) > 0;
  }

  private boolean isProved() {
    Duration lead = Duration.between(believed, wall);
    return lead.abs().compareTo(TOLERANCE) <= 0
        || proof.multipliedBy(LEAD_PER_PROOF).compareTo(lead.abs()) >= 0
        || (lead.isNegative()
            && proof.compareTo(MAX_PROOF_OF_LAG) >= 0
            && wall.isAfter(ClipName.EARLIEST));
  }

  /** Says that a clip was just recorded, whose name is wrong if the clock is behind. */
  void recorded(String clip) {
    if (Duration.between(wall, believed).compareTo(TOLERANCE) > 0) {
      doubtful.add(clip);
    }
  }

  /** Whether the clip was recorded by a clock that was behind what was believed. */
  boolean isDoubtful(String clip) {
    return doubtful.contains(clip);
  }

  void deleted(String clip, boolean byAge) {
    doubtful.remove(clip);
    deletedToday += byAge ? 1 : 0;
  }

  private Instant earlier() {
    return believed.isBefore(wall) ? believed : wall;
  }

  /** The earlier of the system's time and the time that is believed, in the local time zone. */
  LocalDateTime now() {
    return LocalDateTime.ofInstant(earlier(), clock.getZone());
  }

  /** Local time by the system's clock, believed or not. */
  LocalDateTime systemTime() {
    return LocalDateTime.ofInstant(wall, clock.getZone());
  }

  /** Whether one more clip may be deleted by its age today. */
  boolean mayDelete(int clips, int maxDays) {
    double share = Math.max(DAILY_SHARE, 2.0 / maxDays);
    return isKnown() && (unlimitedToday || deletedToday < Math.max(MIN_DAILY_CLIPS, clips * share));
  }

  /** Whether the time may be judged by; not after what was known was lost, for a day. */
  boolean isKnown() {
    return unknownFor.isZero();
  }

  /** Why clips are kept that are too old by the system's clock; the message says what to do. */
  String reason(boolean tooMany) {
    Duration lead = Duration.between(believed, wall);
    String why;
    if (!isKnown()) {
      why =
          "%s was missing or damaged, so the clock may have leapt; it is believed in %s of running"
              .formatted(state, text(unknownFor));
    } else if (tooMany) {
      why =
          "more clips are too old than are deleted in a day (%.0f %%), the others follow in"
                  .formatted(DAILY_SHARE * 100)
              + " the next days";
    } else {
      why =
          "the clock says %s, %s more than the time that has passed; it is believed in %s"
              .formatted(
                  wall.truncatedTo(ChronoUnit.SECONDS),
                  text(lead),
                  text(lead.dividedBy(LEAD_PER_PROOF).minus(proof)));
    }
    return "%s. If the clock is right and they are to be deleted at once: touch %s"
        .formatted(why, confirmation);
  }

  private static String text(Duration duration) {
    return duration.toDays() > 1
        ? duration.toDays() + " days"
        : "%d h %d min".formatted(duration.toHours(), duration.toMinutesPart());
  }

  /** A file that was made by another clock confirms nothing. */
  private boolean takeConfirmation() {
    try {
      if (!Files.exists(confirmation)) {
        return false;
      }
      Instant made = Files.getLastModifiedTime(confirmation).toInstant();
      Files.delete(confirmation);
      return Duration.between(made, wall).abs().toHours() < 1;
    } catch (IOException e) {
      LOG.warn("Cannot read or delete {}: {}", confirmation, e.getMessage());
      return false;
    }
  }

  private void load(Optional<Instant> newest, Instant now) {
    try {
      Properties properties = read(state);
      believed = Instant.parse(properties.getProperty("believed", ""));
      proof = Duration.parse(properties.getProperty("proof", ""));
      dayStart = Instant.parse(properties.getProperty("day", ""));
      Stream.of(properties.getProperty("doubtful", "").split("/"))
          .filter(name -> !name.isEmpty())
          .forEach(doubtful::add);
      deletedToday = Integer.parseInt(properties.getProperty("deleted", ""));
      unknownFor = Duration.parse(properties.getProperty("unknown", "PT0S"));
      if (newest.isPresent() && believed.isBefore(ClipName.EARLIEST)) {
        throw new IOException(believed + " is before the first clip");
      }
    } catch (IOException | IllegalArgumentException | DateTimeException e) {
      LOG.debug("Nothing is known about the clock: {}", e.getMessage());
      believed = newest.orElse(now);
      proof = Duration.ZERO;
      dayStart = believed;
      unknownFor = newest.isPresent() ? UNKNOWN_TIME : Duration.ZERO;
    }
  }

  /**
   * Keeps what is known, on disk when this returns. That it cannot is no reason to stop, but then
   * the next start deletes nothing by age for a day.
   *
   * @param reason why clips are kept that are too old; null if none are
   */
  void save(String reason) {
    Properties properties = new Properties();
    properties.setProperty("day", dayStart.toString());
    properties.setProperty("deleted", Integer.toString(deletedToday));
    properties.setProperty("doubtful", String.join("/", doubtful));
    properties.setProperty("held", reason == null ? "" : reason);
    if (properties.equals(saved) && nanos - savedNanos < SAVE_INTERVAL.toNanos()) {
      return;
    }
    saved = (Properties) properties.clone();
    savedNanos = nanos;
    properties.setProperty("believed", believed.toString());
    properties.setProperty("proof", proof.toString());
    properties.setProperty("unknown", unknownFor.toString());
    try {
      StringWriter text = new StringWriter();
      properties.store(text, null);
      FileOperations.replace(state, text.toString());
      saveFailed = false;
    } catch (IOException e) {
      if (!saveFailed) {
        LOG.warn("Cannot write {}: {}", state, e.getMessage());
      }
      saveFailed = true;
    }
  }

  private static Properties read(Path file) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      properties.load(in);
    }
    return properties;
  }

  /** Why the capture service of that folder keeps clips that are too old, if it does. */
  public static Optional<String> problem(VideoFolder folder) {
    try {
      return Optional.ofNullable(read(folder.root().resolve(STATE)).getProperty("held"))
          .filter(reason -> !reason.isEmpty());
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
