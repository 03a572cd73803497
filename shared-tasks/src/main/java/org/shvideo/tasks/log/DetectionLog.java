package org.shvideo.tasks.log;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.json.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The detection log. Any number of processes and threads may append to it: each append takes a
 * lock, writes a whole line in one write and forces it to disk. A line that a power failure left
 * without a line break is ended first, so that only that line is lost. Readers skip malformed lines
 * and report them once.
 *
 * <p>Rotation renames the current file to a segment, under the same lock and after its last line is
 * on disk; the next line starts a new file. Nobody keeps the file open between appends, so nobody
 * writes to a segment. For every reader the segments are part of the log.
 *
 * <p>A job id has at most one line. The first {@link #append} or {@link #find} therefore reads the
 * whole log, later ones what was appended since: without parsing it, and at about 72 bytes of
 * memory per line. A search reads the log again, up to that line.
 *
 * <p>Thread-safe. Every method throws {@link UncheckedIOException}, naming the file, when it cannot
 * be read or written.
 */
public final class DetectionLog {
  public static final String FILE_NAME = "detections_log.jsonl";

  private static final Logger LOG = LoggerFactory.getLogger(DetectionLog.class);
  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(30);
  private static final long LOCK_POLL_MILLIS = 5;

  private final Path file;
  private final LogFiles files;
  private final LogRotation rotation;
  private final LogFollower follower;

  /** Hashes of the job ids in the log. May hold more, whose lines were deleted. */
  private final Set<Long> jobs = new HashSet<>();

  private boolean reportedRotationFailure;

  /** Of the current file, once its name is on disk; null before. */
  private Object durableIdentity;

  /** A log that this object never rotates. Opens nothing; the first append creates the file. */
  public DetectionLog(Path file) {
    this(file, LogRotation.NEVER);
  }

  /** Opens nothing; the first append creates the file. */
  public DetectionLog(Path file, LogRotation rotation) {
    this.file = file.toAbsolutePath().normalize();
    this.files = new LogFiles(this.file);
    this.rotation = rotation;
    this.follower = follow();
  }

  /**
   * The current file. It does not exist before the first line, nor between a rotation and the line
   * after it.
   */
  public Path file() {
    return file;
  }

  /**
   * Appends the line unless the log has one with its job id. A line without a job id is always
   * appended. Works in an interrupted thread too.
   *
   * @return the job's line in the log: this one, or the earlier one
   */
  public synchronized DetectionLine append(DetectionLine line) {
    try {
      FileOperations.createFolders(file.getParent());
      Path folder = file.getParent().toRealPath();
      // Not the log itself: POSIX drops a process' locks on a file as soon as the process closes
      // any handle on it, such as a reader's.
      Path lockFile = folder.resolve("." + file.getFileName() + ".lock");
      readNewLines(); // may take long, so before others have to wait for the lock
      // File locks work between processes only. The interned name is an object that all logs on
      // the same file share within this process.
      synchronized ((DetectionLog.class.getName() + ":" + lockFile).intern()) {
        try (var lock = new RandomAccessFile(lockFile.toFile(), "rw")) { // released by closing
          lock(lock.getChannel());
          return appendLocked(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot write the detection log %s: %s".formatted(file, reason(e)), e);
    }
  }

  /** The job's line, if it is in the log; it is on disk then. */
  public synchronized Optional<DetectionLine> find(String job) {
    try {
      readNewLines();
      Optional<DetectionLine> found = findRead(job);
      if (found.isPresent()) {
        sync();
      }
      return found;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * All well-formed lines of all segments and the current file, oldest first; a missing file is an
   * empty log. Other threads and processes may append and rotate meanwhile: each line that the log
   * has now comes once. Close the stream.
   */
  public Stream<DetectionLine> lines() {
    List<LogEntry<?>> malformed = new ArrayList<>();
    return entries()
        .<DetectionLine>mapMulti(
            (entry, next) -> entry.line().ifPresentOrElse(next, () -> malformed.add(entry)))
        .onClose(() -> report(malformed));
  }

  /** Like {@link #lines}, with their places and including malformed lines. Close the stream. */
  public Stream<LogEntry<DetectionLine>> entries() {
    return entries(DetectionLog::isNotBlank, LogEntry::parse);
  }

  /** Like {@link #entries}, in half the time. Close the stream. */
  public Stream<LogEntry<LoggedClip>> clips() {
    return entries(DetectionLog::isNotBlank, LoggedClip::parse);
  }

  /** Follows the log from its beginning. */
  public LogFollower follow() {
    return new LogFollower(file, files);
  }

  /** Follows the log from its present end. */
  public LogFollower followNew() {
    LogFollower atEnd = follow();
    try {
      atEnd.skip();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    return atEnd;
  }

  private DetectionLine appendLocked(DetectionLine line) throws IOException {
    readNewLines();
    if (follower.endsWithIncompleteLine(FileOperations.size(file))) {
      LOG.warn(
          "{} ends with an incomplete line, left by a crash or power failure. Continuing on a new"
              + " line.",
          file);
      FileOperations.append(file, new byte[] {'\n'});
      readNewLines();
    }
    Optional<DetectionLine> earlier = line.job() == null ? Optional.empty() : findRead(line.job());
    if (earlier.isPresent()) {
      sync();
      return earlier.get();
    }
    byte[] bytes = (Json.write(line) + "\n").getBytes(StandardCharsets.UTF_8);
    long size = FileOperations.size(file);
    LocalDate firstDay = rotation.days() > 0 && size > 0 ? firstDay() : null;
    if (rotation.isDue(size, bytes.length, firstDay, line.timestamp())) {
      rotate(line.timestamp());
    }
    FileOperations.append(file, bytes);
    syncName();
    return line;
  }

  /** Forces lines to disk whose writer may have died before it did. */
  private void sync() throws IOException {
    try {
      FileOperations.sync(file);
    } catch (NoSuchFileException e) {
      // just rotated, which forced it
    }
    FileOperations.sync(file.getParent());
  }

  /** The name may be new, or of a process that died before it was on disk. */
  private void syncName() throws IOException {
    Object identity = LogFiles.identity(file);
    if (!Objects.equals(identity, durableIdentity)) {
      FileOperations.sync(file.getParent());
      durableIdentity = identity;
    }
  }

  /** The day of the current file's first line that has a timestamp; null when none has. */
  private LocalDate firstDay() {
    try (Stream<LogEntry<DetectionLine>> entries =
        entries(file, DetectionLog::isNotBlank, LogEntry::parse)) {
      return entries
          .flatMap(entry -> entry.line().map(DetectionLine::timestamp).stream())
          .map(LocalDateTime::toLocalDate)
          .findFirst()
          .orElse(null);
    }
  }

  /**
   * Makes the current file a segment. A crash at any moment leaves it under one of the two names.
   * Where that fails, the current file keeps growing: the line is more important.
   */
  private void rotate(LocalDateTime now) {
    try {
      Path segment = files.next(now == null ? LocalDateTime.now(ZoneId.systemDefault()) : now);
      FileOperations.sync(file);
      Files.move(file, segment);
      FileOperations.sync(file.getParent());
      LOG.info("Rotated {} to {}.", file, segment.getFileName());
    } catch (IOException e) {
      if (!reportedRotationFailure) {
        LOG.warn("Cannot rotate {}: {}. Continuing in the same file.", file, reason(e));
        reportedRotationFailure = true;
      }
    }
  }

  private void readNewLines() throws IOException {
    follower.readAppended(line -> JobIds.find(line, jobs::add), jobs::clear);
  }

  private Optional<DetectionLine> findRead(String job) {
    byte[] id = job.getBytes(StandardCharsets.UTF_8);
    if (!jobs.contains(JobIds.hash(id))) {
      return Optional.empty();
    }
    // Parsing only lines that may be the job's makes this several times as fast.
    try (Stream<LogEntry<DetectionLine>> entries =
        entries(
            line -> JobIds.indexOf(line, id, 0) >= 0 || JobIds.hasEscapes(line), LogEntry::parse)) {
      return entries
          .flatMap(entry -> entry.line().stream())
          .filter(line -> job.equals(line.job()))
          .findFirst();
    }
  }

  private static boolean isNotBlank(byte[] line) {
    for (byte character : line) {
      if (!Character.isWhitespace((char) character)) {
        return true;
      }
    }
    return false;
  }

  private <T> Stream<LogEntry<T>> entries(
      Predicate<byte[]> wanted, Function<byte[], Optional<T>> parser) {
    try {
      LogFiles.Snapshot snapshot = files.open();
      return Stream.concat(
          snapshot.segments().stream().flatMap(segment -> entries(segment, wanted, parser)),
          LogEntry.stream(file, snapshot.newest(), wanted, parser));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static <T> Stream<LogEntry<T>> entries(
      Path path, Predicate<byte[]> wanted, Function<byte[], Optional<T>> parser) {
    try {
      return LogEntry.stream(path, LogFiles.openOrNull(path), wanted, parser);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private static void report(List<LogEntry<?>> malformed) {
    if (!malformed.isEmpty()) {
      LogEntry<?> first = malformed.get(0);
      LOG.warn(
          "Skipped {} malformed lines in {}, first at line {}.",
          malformed.size(),
          first.file(),
          first.number());
    }
  }

  private static void lock(FileChannel channel) throws IOException {
    long deadline = System.nanoTime() + LOCK_TIMEOUT.toNanos();
    boolean interrupted = false;
    try {
      while (channel.tryLock() == null) {
        if (System.nanoTime() > deadline) {
          throw new IOException(
              "another process has held its lock for %d s".formatted(LOCK_TIMEOUT.toSeconds()));
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

  static UncheckedIOException unreadable(Path file, IOException e) {
    return new UncheckedIOException(
        "Cannot read the detection log %s: %s".formatted(file, reason(e)), e);
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
