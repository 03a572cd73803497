package org.shvideo.cli.pipeline;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobStatus;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.log.DeletionLog;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.log.LogEntry;
import org.shvideo.tasks.queue.DeadLetter;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.clip.ClipReader;
import org.shvideo.worker.clip.ClipUnreadableException;

/**
 * Where every published clip is on its way to its line. May be drawn up while capture and workers
 * run: the stages are read in the order in which a clip passes them (folder, outbox, queue, log),
 * so that one which moves on meanwhile is met at a later stage, and never at none.
 *
 * @param published clips that capture published, by their names, and that lie in the folder
 * @param analysed of these, how many have a line that says what was seen
 * @param failed of these, how many have only a line that says why they could not be analysed
 * @param waiting of these, how many have no line but a job, in the outbox or the queue
 * @param unaccounted of these, how many have neither: nobody will ever look at them
 * @param deleted clips that retention deleted, as its log says
 * @param removed clips that have a line and are gone otherwise: deleted or moved by hand
 * @param others videos in the folder that capture did not name: files put there by hand
 * @param anomalies what is not as it should be
 */
public record ClipAudit(
    int published,
    int analysed,
    int failed,
    int waiting,
    int unaccounted,
    int deleted,
    int removed,
    int others,
    List<Anomaly> anomalies) {

  /** What can be wrong, and the mend. */
  public enum Kind {
    @JsonProperty("clip without job")
    CLIP_WITHOUT_JOB("clip without job", "--repair queues it"),
    @JsonProperty("job without clip")
    JOB_WITHOUT_CLIP("job without clip", "the worker will log it as failed; nothing to do"),
    @JsonProperty("dead letter without line")
    DEAD_LETTER_WITHOUT_LINE(
        "dead letter without line", "--repair queues its clip again, if it is there"),
    @JsonProperty("unreadable clip")
    UNREADABLE_CLIP("unreadable clip", "look at it; delete it if it is of no use"),
    @JsonProperty("unfinished recording")
    UNFINISHED_RECORDING(
        "unfinished recording", "--repair, or the next start of capture, salvages it"),
    @JsonProperty("unsent job")
    UNSENT_JOB("unsent job", "--repair, or the next start of capture, sends it"),
    @JsonProperty("unreadable outbox entry")
    UNREADABLE_OUTBOX_ENTRY(
        "unreadable outbox entry", "look at it; its clip counts as one without job"),
    @JsonProperty("unreadable recording")
    UNREADABLE_RECORDING("unreadable recording", "look at it; delete it if it is of no use"),
    @JsonProperty("clip deleted unanalysed")
    DELETED_UNANALYSED(
        "clip deleted unanalysed",
        "this must never happen, please report it with deletions_log.jsonl; the clip is gone"),
    @JsonProperty("torn line")
    TORN_LINE(
        "torn line", "readers pass over it; a clip whose only line it was counts as without job"),
    @JsonProperty("two lines for one job")
    TWO_LINES("two lines for one job", "readers may count the clip twice; remove one by hand");

    private final String text;
    private final String mend;

    Kind(String text, String mend) {
      this.text = text;
      this.mend = mend;
    }

    public String text() {
      return text;
    }

    String mend() {
      return mend;
    }
  }

  /**
   * One thing that is not as it should be.
   *
   * @param what the file, job or line
   */
  public record Anomaly(Kind kind, String what) {}

  public boolean clean() {
    return unaccounted == 0 && anomalies.isEmpty();
  }

  /**
   * Draws it up.
   *
   * @param queue null where there is none for this folder: then no job waits
   * @param capturing whether a capture service records into the folder now, to which its unfinished
   *     recordings and unsent jobs belong
   */
  public static ClipAudit of(VideoFolder folder, JobQueue queue, boolean capturing)
      throws IOException {
    List<Anomaly> anomalies = new ArrayList<>();
    Set<String> clips = new TreeSet<>();
    int others = 0;
    for (String name : names(folder.root())) {
      if (VideoFolder.isClip(name)) {
        clips.add(name);
      } else if (VideoFolder.isVideo(name)) {
        others++;
      }
    }
    List<Job> unconfirmed = outbox(folder, anomalies);
    Map<String, Job> open = new HashMap<>();
    unconfirmed.forEach(job -> open.put(job.filename(), job));
    Set<String> queued = new HashSet<>();
    List<DeadLetter> dead = new ArrayList<>();
    if (queue != null) {
      for (JobStatus status : queue.open(Integer.MAX_VALUE)) {
        open.put(status.job().filename(), status.job());
        queued.add(status.job().id());
      }
      dead.addAll(queue.dead(Integer.MAX_VALUE));
    }
    Lines lines = Lines.read(folder.log(), anomalies);

    int analysed = 0;
    int failed = 0;
    int waiting = 0;
    int unaccounted = 0;
    for (String clip : clips) {
      if (lines.analysed.contains(clip)) {
        analysed++;
      } else if (open.containsKey(clip)) {
        waiting++;
      } else if (lines.failed.contains(clip)) {
        failed++;
      } else {
        unaccounted++;
        anomalies.add(new Anomaly(Kind.CLIP_WITHOUT_JOB, clip));
      }
      if (!lines.failed.contains(clip)) {
        unreadable(folder.root().resolve(clip))
            .ifPresent(why -> anomalies.add(new Anomaly(Kind.UNREADABLE_CLIP, clip + ": " + why)));
      }
    }
    if (!capturing) {
      for (Job job : unconfirmed) {
        if (!queued.contains(job.id()) && !lines.jobs.contains(job.id())) {
          anomalies.add(new Anomaly(Kind.UNSENT_JOB, job.filename() + ", job " + job.id()));
        }
      }
    }
    for (Job job : open.values()) {
      if (!lines.jobs.contains(job.id()) && !Files.exists(folder.root().resolve(job.filename()))) {
        anomalies.add(new Anomaly(Kind.JOB_WITHOUT_CLIP, job.filename() + ", job " + job.id()));
      }
    }
    for (DeadLetter letter : dead) {
      Job job = letter.job();
      if (!lines.jobs.contains(job.id())) {
        anomalies.add(
            new Anomaly(Kind.DEAD_LETTER_WITHOUT_LINE, job.filename() + ", job " + job.id()));
      }
    }
    if (!capturing) {
      for (String name : names(folder.recording())) {
        if (name.endsWith(".avi") && !open.containsKey(name)) {
          anomalies.add(new Anomaly(Kind.UNFINISHED_RECORDING, ".recording/" + name));
        }
      }
    }
    for (String name : names(folder.recording().resolve("unreadable"))) {
      anomalies.add(new Anomaly(Kind.UNREADABLE_RECORDING, ".recording/unreadable/" + name));
    }
    Set<String> gone = new HashSet<>(lines.analysed);
    gone.addAll(lines.failed);
    gone.removeIf(name -> Files.exists(folder.root().resolve(name)));
    Set<String> deleted = deleted(folder, lines, anomalies);
    gone.removeAll(deleted);
    return new ClipAudit(
        clips.size(),
        analysed,
        failed,
        waiting,
        unaccounted,
        deleted.size(),
        gone.size(),
        others,
        anomalies);
  }

  /** What retention deleted and is gone. */
  private static Set<String> deleted(VideoFolder folder, Lines lines, List<Anomaly> anomalies)
      throws IOException {
    Set<String> deleted = new TreeSet<>();
    new DeletionLog(folder.deletionLog())
        .read(
            deletion -> {
              String name = deletion.filename();
              if (!Files.exists(folder.root().resolve(name)) && deleted.add(name)) {
                // One whose line was moved away with a segment of the log still names its job.
                if (deletion.job() == null
                    && !lines.analysed.contains(name)
                    && !lines.failed.contains(name)) {
                  anomalies.add(new Anomaly(Kind.DELETED_UNANALYSED, name));
                }
              }
            });
    return deleted;
  }

  /** The jobs that Redis does not have yet, or had for moments only. */
  private static List<Job> outbox(VideoFolder folder, List<Anomaly> anomalies) throws IOException {
    List<Job> jobs = new ArrayList<>();
    for (String name : names(folder.outbox())) {
      if (name.endsWith(".json")) {
        try {
          jobs.add(Json.read(Files.readString(folder.outbox().resolve(name)), Job.class));
        } catch (NoSuchFileException e) {
          // sent meanwhile: the queue has it
        } catch (IOException | RuntimeException e) {
          anomalies.add(new Anomaly(Kind.UNREADABLE_OUTBOX_ENTRY, ".outbox/" + name));
        }
      } else if (name.endsWith(".bad")) {
        anomalies.add(new Anomaly(Kind.UNREADABLE_OUTBOX_ENTRY, ".outbox/" + name));
      }
    }
    return jobs;
  }

  private static Optional<String> unreadable(Path clip) {
    try (ClipReader reader = ClipReader.open(clip, 1)) {
      return reader.next() ? Optional.empty() : Optional.of("there is no picture in it");
    } catch (NoSuchFileException e) {
      return Optional.empty(); // deleted meanwhile
    } catch (ClipUnreadableException | IOException e) {
      return Optional.of(e.getMessage());
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .sorted()
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /** What the log says, by file name and by job. */
  private record Lines(Set<String> analysed, Set<String> failed, Set<String> jobs) {
    static Lines read(Path log, List<Anomaly> anomalies) {
      Lines lines = new Lines(new HashSet<>(), new HashSet<>(), new HashSet<>());
      try (Stream<LogEntry> entries = new DetectionLog(log).entries()) {
        entries.forEach(entry -> lines.add(entry, anomalies));
      }
      return lines;
    }

    private void add(LogEntry entry, List<Anomaly> anomalies) {
      if (entry.line().isEmpty()) {
        anomalies.add(new Anomaly(Kind.TORN_LINE, entry.place()));
        return;
      }
      DetectionLine line = entry.line().get();
      (line.ok() ? analysed : failed).add(line.filename());
      if (line.job() != null && !jobs.add(line.job())) {
        anomalies.add(new Anomaly(Kind.TWO_LINES, entry.place() + ", job " + line.job()));
      }
    }
  }

  /** Prints the counts and the anomalies for people. */
  public void print(PrintWriter out) {
    out.printf("%6d clips published and still there%n", published());
    out.printf("%6d   analysed%n", analysed());
    out.printf("%6d   failed, with the reason in the log%n", failed());
    out.printf("%6d   waiting or in work%n", waiting());
    out.printf("%6d   unaccounted%n", unaccounted());
    out.printf("%6d clips that were deleted to keep the limits%n", deleted());
    out.printf("%6d clips in the log that were removed otherwise%n", removed());
    out.printf("%6d other videos in the folder%n", others());
    for (Anomaly anomaly : anomalies()) {
      out.printf(
          "%s: %s. Mend: %s%n", anomaly.kind().text(), anomaly.what(), anomaly.kind().mend());
    }
    out.println("unaccounted = " + unaccounted());
  }
}
