package org.shvideo.cli.pipeline;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.log.LogFollower;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prints the pipeline's events as they happen, one per line, and counts the analysed clips.
 * Thread-safe.
 */
public final class EventPrinter implements ClipListener {
  private static final Logger LOG = LoggerFactory.getLogger(EventPrinter.class);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  private final PrintWriter out;
  private final VideoFolder folder;
  private final Clock clock;
  private final LogFollower log;
  private final AtomicInteger analysed = new AtomicInteger();
  private final Set<String> published = ConcurrentHashMap.newKeySet();

  public EventPrinter(PrintWriter out, VideoFolder folder, Clock clock) {
    this.out = out;
    this.folder = folder;
    this.clock = clock;
    this.log = new DetectionLog(folder.log()).followNew();
  }

  /** The number of clips that were published and analysed in this run. */
  int analysed() {
    return analysed.get();
  }

  /** The number of clips that were published in this run and are not yet analysed. */
  int waiting() {
    return published.size();
  }

  @Override
  public void opened(String camera, OffsetDateTime recordedAt) {
    print("motion", "%s; recording from %s on".formatted(camera, TIME.format(recordedAt)));
  }

  @Override
  public void published(Path clip, Job job) {
    published.add(job.id());
    print("clip", "%s  (%s)".formatted(displayPath(clip), size(clip)));
  }

  @Override
  public void queued(Job job) {
    print("job", job.id() + "  queued");
  }

  void started(String job, int attempt) {
    print("job", job + "  started" + (attempt > 1 ? ", attempt " + attempt : ""));
  }

  /** Prints the lines of the log that were added since the last call, whichever worker did. */
  synchronized void readLog() {
    try {
      log.read(this::ended, () -> {});
    } catch (UncheckedIOException e) {
      LOG.debug("Cannot read the log. Retrying soon.", e);
    }
  }

  private void ended(DetectionLine line) {
    print("job", line.job() + (line.ok() ? "  finished" : "  failed: " + line.error()));
    print("line", Json.write(line));
    if (line.snapshot() != null) {
      print("snapshot", displayPath(folder.root().resolve(line.snapshot())));
    }
    if (published.remove(line.job())) {
      analysed.incrementAndGet();
    }
  }

  public void print(String subject, String message) {
    synchronized (out) {
      out.printf("%s  %-9s %s%n", TIME.format(LocalTime.now(clock)), subject, message);
      out.flush();
    }
  }

  private static String size(Path clip) {
    try {
      return "%.1f MB".formatted(Files.size(clip) / 1e6);
    } catch (IOException e) {
      return "size unknown: " + e.getMessage();
    }
  }

  /** The path as a user would type it: relative if it is below the current folder. */
  public static String displayPath(Path path) {
    Path here = Path.of("").toAbsolutePath();
    return (path.startsWith(here) ? here.relativize(path) : path).toString();
  }
}
