package org.shvideo.cli.pipeline;

import java.io.IOException;
import java.io.PrintWriter;
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
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.queue.Delivery;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.WorkerListener;

/**
 * Tells what happens in the pipeline as it happens, one line an event, and counts the clips whose
 * line is written. Thread-safe.
 */
public final class EventPrinter implements ClipListener, WorkerListener {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  private final PrintWriter out;
  private final VideoFolder folder;
  private final Clock clock;
  private final AtomicInteger analysed = new AtomicInteger();
  private final Set<String> published = ConcurrentHashMap.newKeySet();

  public EventPrinter(PrintWriter out, VideoFolder folder, Clock clock) {
    this.out = out;
    this.folder = folder;
    this.clock = clock;
  }

  /** How many clips that were published in this run have their line. */
  int analysed() {
    return analysed.get();
  }

  /** How many clips that were published in this run have none yet. */
  int waiting() {
    return published.size();
  }

  @Override
  public void opened(String camera, OffsetDateTime recordedAt) {
    tell("motion", "%s; recording from %s on".formatted(camera, TIME.format(recordedAt)));
  }

  @Override
  public void published(Path clip, Job job) {
    published.add(job.id());
    tell("clip", "%s  (%s)".formatted(shown(clip), size(clip)));
  }

  @Override
  public void queued(Job job) {
    tell("job", job.id() + "  queued");
  }

  @Override
  public void started(Delivery delivery) {
    tell(
        "job",
        delivery.job().id()
            + "  started"
            + (delivery.attempt() > 1 ? ", attempt " + delivery.attempt() : ""));
  }

  @Override
  public void ended(DetectionLine line) {
    tell("job", line.job() + (line.ok() ? "  finished" : "  failed: " + line.error()));
    tell("line", DetectionLog.toJson(line));
    if (line.snapshot() != null) {
      tell("snapshot", shown(folder.root().resolve(line.snapshot())));
    }
    if (published.remove(line.job())) {
      analysed.incrementAndGet();
    }
  }

  public void tell(String what, String sentence) {
    synchronized (out) {
      out.printf("%s  %-9s %s%n", TIME.format(LocalTime.now(clock)), what, sentence);
      out.flush();
    }
  }

  private static String size(Path clip) {
    try {
      return "%.1f MB".formatted(Files.size(clip) / 1e6);
    } catch (IOException e) {
      return "gone: " + e.getMessage();
    }
  }

  /** Paths below the current folder are shown from there on, as a user would type them. */
  public static String shown(Path path) {
    Path here = Path.of("").toAbsolutePath();
    return (path.startsWith(here) ? here.relativize(path) : path).toString();
  }
}
