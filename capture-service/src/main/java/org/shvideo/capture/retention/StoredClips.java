package org.shvideo.capture.retention;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.shvideo.tasks.log.Deletion;
import org.shvideo.tasks.log.DeletionLog;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.log.LogFollower;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;

/**
 * The clips in the folder, with what the detection log says about them, the analysed ones oldest
 * first. Updates are cheap: only new files are examined and only new lines read. Some hundred bytes
 * of memory per clip. Not thread-safe.
 *
 * <p>A clip is as old as its name says, unless the clock was wrong when it was recorded: it was not
 * set, or set back for a while, or the name is of the future, or before that of a clip that was
 * analysed earlier. Such a clip is as old as the next one in the log that has a plausible name.
 */
final class StoredClips {
  private final VideoFolder folder;
  private final LogFollower log;
  private static final LocalDateTime UNKNOWN = LocalDateTime.MAX;
  private static final int FUTURE_HOURS = 1;

  private final TreeMap<String, StoredClip> clips = new TreeMap<>();
  private final Comparator<StoredClip> byTime =
      Comparator.<StoredClip, LocalDateTime>comparing(clip -> clip.time)
          .thenComparingLong(clip -> clip.sequence);

  /** The analysed clips. */
  private final TreeSet<StoredClip> byAge = new TreeSet<>(byTime);

  /** Those at the end of the log whose time is not known yet. */
  private final List<StoredClip> undated = new ArrayList<>();

  private final Predicate<String> doubtful;
  private final LocalDateTime earliest;
  private LocalDateTime now = LocalDateTime.MIN;
  private LocalDateTime latest;
  private long sequence;

  /** Earlier deletions, by the names of clips that exist again. */
  private final Map<String, List<Deletion>> deleted = new HashMap<>();

  private int listing;
  private long bytes;

  /**
   * @param zone of the names
   * @param doubtful whether the time in a clip's name is wrong, perhaps
   */
  StoredClips(VideoFolder folder, ZoneId zone, Predicate<String> doubtful) {
    this.folder = folder;
    this.doubtful = doubtful;
    this.earliest = LocalDateTime.ofInstant(ClipName.EARLIEST, zone);
    this.latest = earliest;
    this.log = new DetectionLog(folder.log()).follow();
  }

  /** One clip, with its last line in the log. */
  static final class StoredClip {
    private final String name;
    private final long bytes;
    private final long modifiedMillis;
    private int listing;
    private boolean analysed;
    private long sequence;
    private LocalDateTime time = UNKNOWN;
    private String job;
    private long recordedMillis;
    private ZoneOffset zone;
    private int snapshotNumber = 1;
    private long snapshotBytes = -1;

    private StoredClip(String name, BasicFileAttributes file) {
      this.name = name;
      this.bytes = file.size();
      this.modifiedMillis = file.lastModifiedTime().toMillis();
    }

    String name() {
      return name;
    }

    /** When it was recorded, local time, as far as that is plausible; the far future if unknown. */
    LocalDateTime time() {
      return time;
    }

    /** Size of the clip and its snapshot. */
    long bytes() {
      return bytes + Math.max(0, snapshotBytes);
    }

    boolean hasSnapshot() {
      return snapshotBytes >= 0;
    }

    String snapshot() {
      return ClipName.snapshot(name, snapshotNumber);
    }

    /** Its entry in the deletion log. */
    Deletion deletion(OffsetDateTime now, String reason) {
      OffsetDateTime recordedAt =
          zone == null ? null : Instant.ofEpochMilli(recordedMillis).atOffset(zone);
      return new Deletion(name, now, bytes(), reason, recordedAt, job, modifiedAt());
    }

    /** Whether it is the file of that deletion, not a later one of the same name. */
    boolean is(Deletion deletion) {
      return deletion.modifiedAt() != null
          && deletion.modifiedAt().toInstant().toEpochMilli() == modifiedMillis;
    }

    private OffsetDateTime modifiedAt() {
      return Instant.ofEpochMilli(modifiedMillis).atOffset(ZoneOffset.UTC);
    }
  }

  /** The oldest analysed clip; null if there is none. */
  StoredClip oldest() {
    return byAge.isEmpty() ? null : byAge.first();
  }

  /** The analysed clip after that one, which may be removed by now; null after the last. */
  StoredClip after(StoredClip clip) {
    return byAge.higher(clip);
  }

  /** Local time of the clip whose name says the latest time, analysed or not. */
  Optional<LocalDateTime> newest() {
    return newest(clips.descendingKeySet());
  }

  /** The local time of the first name that tells one. */
  static Optional<LocalDateTime> newest(Collection<String> newestFirst) {
    return newestFirst.stream().flatMap(name -> ClipName.recordedAt(name).stream()).findFirst();
  }

  int size() {
    return clips.size();
  }

  /**
   * Says the present local time, by which names are judged.
   *
   * @param jumped whether it is not what follows from the last one and the time that has passed
   */
  void setNow(LocalDateTime localTime, boolean jumped) {
    now = localTime;
    if (jumped) {
      List<StoredClip> analysed = new ArrayList<>(byAge);
      analysed.sort(Comparator.comparingLong(clip -> clip.sequence));
      forgetOrder();
      analysed.forEach(this::date);
    }
  }

  private void forgetOrder() {
    byAge.clear();
    undated.clear();
    latest = earliest;
  }

  /** Adds an analysed clip, the last one in the log, to the order. */
  private void date(StoredClip clip) {
    LocalDateTime named = ClipName.recordedAt(clip.name).orElse(LocalDateTime.MIN);
    boolean plausible =
        !doubtful.test(clip.name)
            && !named.isBefore(latest)
            && !named.isAfter(now.plusHours(FUTURE_HOURS));
    clip.time = plausible ? named : UNKNOWN;
    if (plausible) {
      latest = named;
      byAge.removeAll(undated);
      undated.forEach(earlier -> earlier.time = named);
      byAge.addAll(undated);
      undated.clear();
    } else {
      undated.add(clip);
    }
    byAge.add(clip);
  }

  long waiting() {
    return clips.values().stream().filter(clip -> !clip.analysed).count();
  }

  StoredClip get(String name) {
    return clips.get(name);
  }

  /** Of all clips and their snapshots. */
  long bytes() {
    return bytes;
  }

  /** Adds a clip that was just published, which may have the name of a deleted one. */
  void published(String name) throws IOException {
    remove(name);
    add(name);
  }

  /** Adds new files and removes those that no longer exist. */
  void list() throws IOException {
    listing++;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.root())) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (ClipName.isClip(name)) {
          StoredClip clip = add(name);
          if (clip != null) {
            clip.listing = listing;
          }
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    clips.values().stream()
        .filter(clip -> clip.listing != listing)
        .map(StoredClip::name)
        .toList()
        .forEach(this::remove);
  }

  /**
   * Reads earlier deletions, so that lines of deleted clips are not taken for those of later clips
   * with the same names.
   *
   * @return the last deletion, which may be unfinished; null if there is none
   */
  Deletion readDeletions(DeletionLog deletions) throws IOException {
    Deletion[] last = new Deletion[1];
    deletions.read(
        deletion -> {
          last[0] = deletion;
          if (clips.containsKey(deletion.filename())) {
            deleted.computeIfAbsent(deletion.filename(), name -> new ArrayList<>()).add(deletion);
          }
        });
    return last[0];
  }

  /** Reads new lines of the detection log. */
  void readLines() {
    // If the log was replaced, only the new one counts.
    log.read(
        this::apply,
        () -> {
          forgetOrder();
          clips.values().forEach(clip -> clip.analysed = false);
        });
  }

  private void apply(DetectionLine line) {
    StoredClip clip = clips.get(line.filename());
    if (clip == null || !line.matches(clip.bytes) || belongsToDeletedClip(line, clip)) {
      return;
    }
    if (!clip.analysed) {
      clip.analysed = true;
      clip.sequence = sequence++;
      date(clip);
    }
    clip.job = line.job();
    clip.zone = line.recordedAt() == null ? null : line.recordedAt().getOffset();
    clip.recordedMillis =
        line.recordedAt() == null ? 0 : line.recordedAt().toInstant().toEpochMilli();
    int number = line.snapshot() == null ? 0 : ClipName.snapshotNumber(clip.name, line.snapshot());
    if (number > 0) {
      clip.snapshotNumber = number;
      bytes -= clip.bytes();
      clip.snapshotBytes = folder.root().resolve(clip.snapshot()).toFile().length();
      bytes += clip.bytes();
    }
  }

  private boolean belongsToDeletedClip(DetectionLine line, StoredClip clip) {
    return deleted.getOrDefault(clip.name, List.of()).stream()
        .anyMatch(one -> Objects.equals(one.job(), line.job()) && !clip.is(one));
  }

  /** Returns the clip of that name, adding it if it is new; null if there is no such file. */
  private StoredClip add(String name) throws IOException {
    StoredClip known = clips.get(name);
    if (known != null) {
      return known;
    }
    try {
      BasicFileAttributes file =
          Files.readAttributes(
              folder.root().resolve(name), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!file.isRegularFile()) {
        return null;
      }
      StoredClip clip = new StoredClip(name, file);
      clip.listing = listing;
      clips.put(name, clip);
      bytes += clip.bytes();
      return clip;
    } catch (NoSuchFileException e) {
      return null; // deleted meanwhile
    }
  }

  /** Removes a clip that no longer exists. */
  void remove(String name) {
    StoredClip clip = clips.remove(name);
    if (clip != null) {
      if (clip.analysed) {
        byAge.remove(clip);
        undated.remove(clip);
      }
      bytes -= clip.bytes();
    }
  }
}
