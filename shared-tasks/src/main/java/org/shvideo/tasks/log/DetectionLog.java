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
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.shvideo.tasks.json.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log file. Lines of several workers, in one process or several, never interleave: an append
 * takes a lock, writes a whole line in one write and forces it to disk. What a power cut left
 * without a line break is closed off first, so that it spoils no line but its own; a reader skips
 * lines that it cannot read and says so once.
 *
 * <p>A job id has one line. To know which ids stand in the file, the first {@link #append} or
 * {@link #find} reads it all and later ones what was appended since, by whomever; that costs 24 to
 * 48 bytes of memory a line. A file that was replaced or cut is read again.
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
  private JobIndex index = new JobIndex();
  private long indexed;
  private Object indexedFile;

  /** Opens nothing yet; the file is made by the first append. */
  public DetectionLog(Path file) {
    this.file = file.toAbsolutePath().normalize();
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
      catchUp();
      return Optional.ofNullable(standing(job));
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * All readable lines in the file's order; a missing file is an empty log. Others may append
   * meanwhile. Close the stream.
   */
  public Stream<DetectionLine> lines() {
    try {
      return Files.exists(file) ? ReadableLines.stream(file) : Stream.empty();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The line as it stands in the log, without the line break. */
  public static String toJson(DetectionLine line) {
    return Json.write(line);
  }

  private DetectionLine appendAlone(DetectionLine line) throws IOException {
    boolean isNew = !Files.exists(file);
    if (!isNew && Files.size(file) > catchUp()) {
      LOG.warn("{} ends in an unfinished line, left by a crash or a power cut", file);
      write("\n");
      catchUp();
    }
    DetectionLine earlier = line.job() == null ? null : standing(line.job());
    if (earlier != null) {
      return earlier;
    }
    write(toJson(line) + "\n");
    if (isNew) {
      forceFolder();
    }
    return line;
  }

  /**
   * Writes all of it or, as when the disk is full, nothing. Not through a channel: those are closed
   * by an interrupt, and a worker that was told to stop still has to log what it has done.
   */
  private void write(String text) throws IOException {
    long before = Files.exists(file) ? Files.size(file) : 0;
    try (var log = new FileOutputStream(file.toFile(), true)) {
      log.write(text.getBytes(StandardCharsets.UTF_8));
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

  /**
   * Indexes the whole lines appended since the last time.
   *
   * @return where the last whole line ends
   */
  private long catchUp() throws IOException {
    BasicFileAttributes now;
    try {
      now = Files.readAttributes(file, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      now = null;
    }
    Object identity = now == null ? null : now.fileKey();
    if (now == null || now.size() < indexed || !Objects.equals(identity, indexedFile)) {
      index = new JobIndex();
      indexed = 0;
      indexedFile = identity;
    }
    if (now == null || now.size() == indexed) {
      return indexed;
    }
    try (var lines = new LineReader(file, indexed)) {
      for (var line = lines.read(); line != null && line.whole(); line = lines.read()) {
        DetectionLine readable = ReadableLines.parse(line.text());
        if (readable != null && readable.job() != null) {
          index.add(readable.job(), line.start());
        }
        indexed = line.end();
      }
    }
    return indexed;
  }

  private DetectionLine standing(String job) throws IOException {
    for (long offset : index.candidates(job).sorted().toArray()) {
      try (var lines = new LineReader(file, offset)) {
        var line = lines.read();
        DetectionLine found = line == null ? null : ReadableLines.parse(line.text());
        if (found != null && job.equals(found.job())) {
          return found;
        }
      }
    }
    return null;
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
}
