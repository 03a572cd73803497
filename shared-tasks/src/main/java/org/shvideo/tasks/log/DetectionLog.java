package org.shvideo.tasks.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
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

  /**
   * Not the log itself: POSIX drops a process' locks on a file as soon as the process closes any
   * channel to it, such as a reader's.
   */
  private final Path lockFile;

  private final Object monitor;

  private JobIndex index = new JobIndex();
  private long indexed;
  private Object indexedFile;

  /** Opens nothing yet; the file is made by the first append. */
  public DetectionLog(Path file) {
    this.file = file.toAbsolutePath().normalize();
    this.lockFile = this.file.resolveSibling("." + file.getFileName() + ".lock");
    // File locks hold between processes only. The interned name is the one object that all logs on
    // the same file share within this one.
    this.monitor = (DetectionLog.class.getName() + ":" + this.file).intern();
  }

  /**
   * Appends the line unless one with its job id stands there already. A line without a job id is
   * always appended.
   *
   * @return the line that stands in the log now: this one, or the earlier one
   */
  public DetectionLine append(DetectionLine line) {
    synchronized (monitor) {
      try {
        Files.createDirectories(file.getParent());
        catchUp(); // what may take long, before others have to wait for the lock
        try (FileChannel lock = open(lockFile)) { // closing it releases the lock
          lock(lock);
          return appendAlone(line);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(
            "the detection log " + file + " cannot be written: " + reason(e), e);
      }
    }
  }

  /** The line of that job, if it stands in the log. */
  public Optional<DetectionLine> find(String job) {
    synchronized (monitor) {
      try {
        catchUp();
        return Optional.ofNullable(standing(job));
      } catch (IOException e) {
        throw unreadable(e);
      }
    }
  }

  /**
   * All readable lines in the file's order; a missing file is an empty log. Others may append
   * meanwhile. Close the stream.
   */
  public Stream<DetectionLine> lines() {
    try {
      return ReadableLines.stream(file);
    } catch (NoSuchFileException e) {
      return Stream.empty();
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
    try (FileChannel log = open(file)) {
      if (log.size() > catchUp()) {
        LOG.warn("{} ends in an unfinished line, left by a crash or a power cut", file);
        write(log, "\n");
        catchUp();
      }
      DetectionLine earlier = line.job() == null ? null : standing(line.job());
      if (earlier != null) {
        return earlier;
      }
      write(log, toJson(line) + "\n");
    }
    if (isNew) {
      forceFolder();
    }
    return line;
  }

  /** Writes all of it or, as when the disk is full, nothing. */
  private static void write(FileChannel log, String text) throws IOException {
    long before = log.size();
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    try {
      while (bytes.hasRemaining()) {
        log.write(bytes);
      }
      log.force(true);
    } catch (IOException e) {
      try {
        log.truncate(before);
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

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static void lock(FileChannel channel) throws IOException {
    long deadline = System.nanoTime() + LOCKED_AT_MOST.toNanos();
    while (channel.tryLock() == null) {
      if (System.nanoTime() > deadline) {
        throw new IOException("another process has held its lock for " + LOCKED_AT_MOST);
      }
      try {
        Thread.sleep(LOCK_POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while waiting for its lock", e);
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
