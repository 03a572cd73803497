package org.shvideo.tasks.log;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.shvideo.tasks.json.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log. Lines of several workers, in one process or several, never interleave: an append takes a
 * lock, writes a whole line in one write and forces it to disk. What a power cut left without a
 * line break is closed off first, so that it spoils no line but its own; a reader skips lines that
 * it cannot read and says so once.
 *
 * <p>Where it is to be rotated, the file becomes a segment by being renamed, under the same lock
 * and after its last line is on disk; the next line begins a new one. Nobody holds the file open
 * between appends, so nobody writes to a segment. All segments are part of the log for every
 * reader.
 *
 * <p>A job id has one line. To know which ids stand in the log, the first {@link #append} or {@link
 * #find} reads it all and later ones what was appended since, by whomever; that costs 24 to 48
 * bytes of memory a line. A file that was replaced or cut is read again.
 *
 * <p>Thread-safe. Every method throws {@link UncheckedIOException}, naming the file, when it cannot
 * be read or written.
 */
public final class DetectionLog {
  public static final String FILE_NAME = "detections_log.jsonl";

  private static final Logger LOG = LoggerFactory.getLogger(DetectionLog.class);
  private static final Duration LOCKED_AT_MOST = Duration.ofSeconds(30);
  private static final long LOCK_POLL_MILLIS = 5;

  private final Path file;
  private final LogFiles files;
  private final LogRotation rotation;
  private final Map<Path, Segment> segments = new LinkedHashMap<>();
  private Segment current = new Segment(null);
  private boolean toldThatItCannotRotate;

  /** A log that this one never rotates. Opens nothing yet; the first append makes the file. */
  public DetectionLog(Path file) {
    this(file, LogRotation.NEVER);
  }

  /** Opens nothing yet; the first append makes the file. */
  public DetectionLog(Path file, LogRotation rotation) {
    this.file = file.toAbsolutePath().normalize();
    this.files = new LogFiles(this.file);
    this.rotation = rotation;
  }

  /**
   * The current file; before the first line, and for a moment when it is rotated, it is missing.
   */
  public Path file() {
    return file;
  }

  /**
   * Appends the line unless one with its job id stands there already. A line without a job id is
   * always appended. An interrupt does not keep it from doing so.
   *
   * @return the line that stands in the log now: this one, or the earlier one
   */
  public synchronized DetectionLine append(DetectionLine line) {
    try {
      Path folder = Files.createDirectories(file.getParent()).toRealPath();
      // Not the log itself: POSIX drops a process' locks on a file as soon as the process closes
      // any handle on it, such as a reader's.
      Path lockFile = folder.resolve("." + file.getFileName() + ".lock");
      catchUp(); // what may take long, before others have to wait
      // File locks hold between processes only. The interned name is the one object that all logs
      // on the same file share within this one.
      synchronized ((DetectionLog.class.getName() + ":" + lockFile).intern()) {
        try (var lock = new RandomAccessFile(lockFile.toFile(), "rw")) { // released by closing
          lock(lock.getChannel());
          return appendAlone(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the detection log " + file + " cannot be written: " + reason(e), e);
    }
  }

  /** The line of that job, if it stands in the log. */
  public synchronized Optional<DetectionLine> find(String job) {
    try {
      DetectionLine found;
      do {
        catchUp();
        found = standing(job);
      } while (found == null && !current.isOf(attributes(file))); // it was rotated just now
      return Optional.ofNullable(found);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * All readable lines of all segments and the current file, oldest first; a missing file is an
   * empty log. Others may append and rotate meanwhile: each line that stands there now comes once.
   * Close the stream.
   */
  public Stream<DetectionLine> lines() {
    var skipped = new Skipped();
    return entries()
        .<DetectionLine>mapMulti(
            (entry, next) -> entry.line().ifPresentOrElse(next, () -> skipped.add(entry)))
        .onClose(skipped::tell);
  }

  /** As {@link #lines}, with where they stand and with those that cannot be read. */
  public Stream<LogEntry> entries() {
    try {
      return LogEntries.stream(file, files.open());
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Reads the log from its beginning, and then what is appended. */
  public LogFollower follow() {
    return new LogFollower(file, files);
  }

  /** The line as it stands in the log, without the line break. */
  public static String toJson(DetectionLine line) {
    return Json.write(line);
  }

  private DetectionLine appendAlone(DetectionLine line) throws IOException {
    catchUp();
    if (size() > current.indexed()) {
      LOG.warn("{} ends in an unfinished line, left by a crash or a power cut", file);
      write(new byte[] {'\n'});
      catchUp();
    }
    DetectionLine earlier = line.job() == null ? null : standing(line.job());
    if (earlier != null) {
      return earlier;
    }
    byte[] bytes = (toJson(line) + "\n").getBytes(StandardCharsets.UTF_8);
    if (rotation.isDue(size(), bytes.length, current.first(), line.timestamp())) {
      rotate(line.timestamp());
    }
    boolean isNew = !Files.exists(file);
    write(bytes);
    if (isNew) {
      forceFolder();
    }
    return line;
  }

  private long size() throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  /**
   * The current file becomes a segment. Killed at any moment, it has its old name or its new one.
   * Where that cannot be done the log goes on in one file: the line is worth more.
   */
  private void rotate(LocalDateTime now) {
    try {
      Path segment = files.next(now == null ? LocalDateTime.now(ZoneId.systemDefault()) : now);
      Files.move(file, segment);
      forceFolder();
      LOG.info("{} is now {}; a new one is begun", file, segment.getFileName());
    } catch (IOException e) {
      if (!toldThatItCannotRotate) {
        LOG.warn("{} cannot be rotated and grows on: {}", file, reason(e));
        toldThatItCannotRotate = true;
      }
    }
  }

  /**
   * Writes all of it or, as when the disk is full, nothing. Not through a channel: those are closed
   * by an interrupt, and a worker that was told to stop still has to log what it has done.
   */
  private void write(byte[] bytes) throws IOException {
    long before = size();
    try (var log = new FileOutputStream(file.toFile(), true)) {
      log.write(bytes);
      log.getFD().sync();
    } catch (IOException e) {
      try (var log = new RandomAccessFile(file.toFile(), "rw")) {
        log.setLength(before);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** Indexes the whole lines appended since the last time. */
  private void catchUp() throws IOException {
    boolean caughtUp;
    do {
      BasicFileAttributes now = attributes(file);
      // Without a current file, segments may have come and gone since.
      if (now == null || !current.isOf(now)) {
        indexSegments(now);
      }
      caughtUp = now == null || current.catchUp(file, false);
    } while (!caughtUp); // it was rotated just now
  }

  /**
   * Indexes the segments that came since the last time; most often one, which is known already as
   * the file it was.
   *
   * @param now the current file's; null when there is none
   */
  private void indexSegments(BasicFileAttributes now) throws IOException {
    List<Segment> known = new ArrayList<>(segments.values());
    known.add(current);
    segments.clear();
    for (Path path : files.segments()) {
      BasicFileAttributes attributes = attributes(path);
      if (attributes != null) {
        Segment segment = oneOf(known, attributes);
        if (attributes.size() > segment.indexed()) {
          segment.catchUp(path, true);
        }
        segments.put(path, segment);
      }
    }
    current = now == null ? new Segment(null) : oneOf(known, now);
  }

  private static Segment oneOf(List<Segment> known, BasicFileAttributes file) {
    return known.stream()
        .filter(segment -> segment.isOf(file))
        .findFirst()
        .orElseGet(() -> new Segment(LogFiles.identity(file)));
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private DetectionLine standing(String job) throws IOException {
    for (Map.Entry<Path, Segment> segment : segments.entrySet()) {
      DetectionLine found = segment.getValue().standing(segment.getKey(), job);
      if (found != null) {
        return found;
      }
    }
    return current.standing(file, job);
  }

  private static void lock(FileChannel channel) throws IOException {
    long deadline = System.nanoTime() + LOCKED_AT_MOST.toNanos();
    boolean interrupted = false;
    try {
      while (channel.tryLock() == null) {
        if (System.nanoTime() > deadline) {
          throw new IOException("another process has held its lock for " + LOCKED_AT_MOST);
        }
        try {
          Thread.sleep(LOCK_POLL_MILLIS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A new file is on disk only when its folder is; systems that cannot do that do not need it. */
  private void forceFolder() {
    try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    } catch (IOException e) {
      LOG.debug("{} cannot be forced to disk", file.getParent(), e);
    }
  }

  private UncheckedIOException unreadable(IOException e) {
    return new UncheckedIOException(
        "the detection log " + file + " cannot be read: " + reason(e), e);
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** Counts what is no line, and says so once. */
  private final class Skipped {
    private long count;
    private LogEntry first;

    void add(LogEntry entry) {
      count++;
      first = first == null ? entry : first;
    }

    void tell() {
      if (count > 0) {
        LOG.warn(
            "{}: skipped what is no line of the log: {}, the first is {}",
            file,
            count,
            first.place());
      }
    }
  }
}
