package org.shvideo.cli.pipeline;

import com.fasterxml.jackson.annotation.JsonValue;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.shvideo.capture.container.Container;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.log.DeletionLog;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.log.LogEntry;
import org.shvideo.tasks.log.LoggedClip;
import org.shvideo.tasks.queue.DeadLetter;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.clip.ClipReader;
import org.shvideo.worker.clip.ClipUnreadableException;

/**
 * The state of every published clip. Can be taken while capture and workers run: the stages are
 * read in the order in which a clip passes them (folder, outbox, queue, log), so that a clip which
 * moves on meanwhile is found at a later stage, and never at none.
 *
 * @param published clips in the folder that capture published, judging by their names
 * @param analysed how many of these have a line with their results
 * @param failed how many of these only have a line with the reason why they were not analysed
 * @param waiting how many of these have no line, but a job in the outbox or the queue
 * @param unaccounted how many of these have neither, or only lines of earlier files of the same
 *     names; and clips with a job that are gone
 * @param deleted clips that retention deleted, according to its log
 * @param removed clips that have a line and were deleted or moved by something else
 * @param continuous clips of continuous recording, which are not analysed
 * @param others videos in the folder with names that capture does not give
 * @param anomalies what needs attention
 */
public record ClipAudit(
    int published,
    int analysed,
    int failed,
    int waiting,
    int unaccounted,
    int deleted,
    int removed,
    int continuous,
    int others,
    List<Anomaly> anomalies) {

  /** What can be wrong, and what to do about it. */
  public enum Kind {
    CLIP_WITHOUT_JOB("clip without job", "--repair queues it"),
    JOB_WITHOUT_CLIP(
        "job without clip",
        "the clip is lost if nobody moved it; the worker will log it as failed"),
    DEAD_LETTER_WITHOUT_LINE(
        "dead letter without line", "--repair queues its clip again if it exists"),
    UNREADABLE_CLIP("unreadable clip", "inspect it, delete it if it is useless"),
    UNFINISHED_RECORDING(
        "unfinished recording", "--repair, or the next start of capture, recovers it"),
    UNSENT_JOB("unsent job", "--repair, or the next start of capture, sends it"),
    UNREADABLE_OUTBOX_ENTRY(
        "unreadable outbox entry", "inspect it; its clip is reported as a clip without job"),
    UNREADABLE_RECORDING("unreadable recording", "inspect it, delete it if it is useless"),
    DELETED_UNANALYSED(
        "clip deleted unanalysed",
        "this must never happen, please report it with deletions_log.jsonl; the clip is lost"),
    TORN_LINE(
        "torn line", "readers skip it; a clip that had only this line is reported without job"),
    TWO_LINES("two lines for one job", "readers may count the clip twice; remove one line by hand");

    private final String text;
    private final String fix;

    Kind(String text, String fix) {
      this.text = text;
      this.fix = fix;
    }

    @JsonValue
    public String text() {
      return text;
    }
  }

  /** One thing that is wrong: a file, a job or a line. */
  public record Anomaly(Kind kind, String what) {}

  public boolean clean() {
    return unaccounted == 0 && anomalies.isEmpty();
  }

  /**
   * Audits a folder.
   *
   * @param queue borrowed; null if the folder has none
   * @param capturing whether a capture service records into the folder now; unfinished recordings
   *     and unsent jobs are normal then
   */
  public static ClipAudit of(VideoFolder folder, JobQueue queue, boolean capturing)
      throws IOException {
    return new Auditor(folder).audit(queue, capturing);
  }

  /**
   * Queues each clip that has neither a line nor a job; jobs that Redis knows come back as they
   * were.
   *
   * @param queue borrowed
   * @param capturing as in {@link #of}
   * @return the new jobs
   */
  public static List<Job> queueLostClips(VideoFolder folder, JobQueue queue, boolean capturing)
      throws IOException {
    queue.mend();
    List<Job> jobs =
        of(folder, queue, capturing).anomalies.stream()
            .filter(anomaly -> anomaly.kind == Kind.CLIP_WITHOUT_JOB)
            .map(anomaly -> Job.forFile(anomaly.what))
            .toList();
    jobs.forEach(queue::enqueue);
    return jobs;
  }

  /** Prints the counts and the anomalies for people. */
  public void print(PrintWriter out) {
    out.printf("%6d clips published and still there%n", published);
    out.printf("%6d   analysed%n", analysed);
    out.printf("%6d   failed, see the log for the reason%n", failed);
    out.printf("%6d   queued or in progress%n", waiting);
    out.printf("%6d   unaccounted%n", unaccounted);
    out.printf("%6d clips deleted by retention%n", deleted);
    out.printf("%6d clips in the log that were removed otherwise%n", removed);
    out.printf("%6d clips of continuous recording, not to be analysed%n", continuous);
    out.printf("%6d other videos in the folder%n", others);
    for (Anomaly anomaly : anomalies) {
      out.printf("%s: %s. Fix: %s.%n", anomaly.kind.text, anomaly.what, anomaly.kind.fix);
    }
    out.println("unaccounted = " + unaccounted);
  }

  /** Gathers what the folder, the queue and the logs say of the clips. */
  private static final class Auditor {
    private final VideoFolder folder;
    private final List<Anomaly> anomalies = new ArrayList<>();
    private final Map<String, Long> clips = new TreeMap<>();
    // The clips of which the detection log tells, and all files and jobs that it names.
    private final Set<String> analysed = new HashSet<>();
    private final Set<String> failed = new HashSet<>();
    private final Set<String> asAnalysed = new HashSet<>();
    private final Set<String> loggedNames = new HashSet<>();
    private final Set<String> loggedJobs = new HashSet<>();

    Auditor(VideoFolder folder) {
      this.folder = folder;
    }

    ClipAudit audit(JobQueue queue, boolean capturing) throws IOException {
      int others = 0;
      for (var file : files(folder.root()).entrySet()) {
        if (ClipName.isClip(file.getKey())) {
          clips.put(file.getKey(), file.getValue());
        } else if (VideoFolder.isVideo(file.getKey())) {
          others++;
        }
      }
      List<Job> outbox = readOutbox();
      Map<String, Job> open = new LinkedHashMap<>(); // by id
      outbox.forEach(job -> open.put(job.id(), job));
      List<DeadLetter> dead = queue == null ? List.of() : queue.deadLetters(Integer.MAX_VALUE);
      Set<String> queued = new HashSet<>();
      if (queue != null) {
        queue.forEachOpenJob(
            status -> {
              open.put(status.job().id(), status.job());
              queued.add(status.job().id());
            });
      }
      try (Stream<LogEntry<LoggedClip>> entries = new DetectionLog(folder.log()).clips()) {
        entries.parallel().forEach(this::read);
      }

      Set<String> openNames =
          open.values().stream().map(Job::filename).collect(Collectors.toCollection(HashSet::new));
      int waiting = 0;
      int unaccounted = 0;
      for (String clip : clips.keySet()) {
        if (!analysed.contains(clip)) {
          if (openNames.contains(clip)) {
            waiting++;
          } else if (!failed.contains(clip)) {
            unaccounted++;
            report(Kind.CLIP_WITHOUT_JOB, clip);
          }
        }
        if (!failed.contains(clip) && !isAsAnalysed(clip)) {
          unreadable(folder.root().resolve(clip))
              .ifPresent(reason -> report(Kind.UNREADABLE_CLIP, clip + ": " + reason));
        }
      }
      if (!capturing) {
        outbox.stream()
            .filter(job -> !queued.contains(job.id()))
            .forEach(job -> reportUnlessLogged(Kind.UNSENT_JOB, job));
      }
      Set<String> names = files(folder.root()).keySet();
      Set<String> deleted = readDeletions(names);
      for (Job job : open.values()) {
        String name = job.filename();
        if (!exists(folder.recording(), name) && !exists(folder.root(), name)) {
          boolean reported = reportUnlessLogged(Kind.JOB_WITHOUT_CLIP, job);
          unaccounted += reported && ClipName.isClip(name) && !deleted.contains(name) ? 1 : 0;
        }
      }
      dead.forEach(letter -> reportUnlessLogged(Kind.DEAD_LETTER_WITHOUT_LINE, letter.job()));
      if (!capturing) {
        for (String name : files(folder.recording()).keySet()) {
          if (ClipName.hasExtension(name) && !openNames.contains(name)) {
            report(Kind.UNFINISHED_RECORDING, ".recording/" + name);
          }
        }
        Path unfinished = folder.recording().resolve(VideoFolder.CONTINUOUS);
        for (String name : files(unfinished).keySet()) {
          if (ClipName.hasExtension(name)) {
            report(Kind.UNFINISHED_RECORDING, folder.root().relativize(unfinished) + "/" + name);
          }
        }
      }
      for (String name : files(folder.recording().resolve("unreadable")).keySet()) {
        report(Kind.UNREADABLE_RECORDING, ".recording/unreadable/" + name);
      }
      int continuous = 0;
      for (String name : files(folder.continuous()).keySet()) {
        Path file = folder.continuous().resolve(name);
        if (ClipName.isClip(name)) {
          continuous++;
          if (!isWhole(file)) {
            report(Kind.UNREADABLE_CLIP, folder.root().relativize(file) + ": it was cut off");
          }
        }
      }
      int analysedClips = (int) clips.keySet().stream().filter(analysed::contains).count();
      int failedClips =
          (int)
              clips.keySet().stream()
                  .filter(clip -> !analysed.contains(clip) && !openNames.contains(clip))
                  .filter(failed::contains)
                  .count();
      loggedNames.removeAll(deleted);
      return new ClipAudit(
          clips.size(),
          analysedClips,
          failedClips,
          waiting,
          unaccounted,
          deleted.size(),
          (int)
              loggedNames.stream()
                  .filter(name -> !names.contains(name))
                  .filter(name -> name.indexOf('/') < 0 || !exists(folder.root(), name))
                  .count(),
          continuous,
          others,
          anomalies);
    }

    private static boolean exists(Path folder, String name) {
      try {
        return Files.exists(folder.resolve(name));
      } catch (InvalidPathException e) {
        return false; // any client may send any name
      }
    }

    private void report(Kind kind, String what) {
      anomalies.add(new Anomaly(kind, what));
    }

    private boolean reportUnlessLogged(Kind kind, Job job) {
      boolean unlogged = !loggedJobs.contains(job.id());
      if (unlogged) {
        report(kind, job.filename() + ", job " + job.id());
      }
      return unlogged;
    }

    private synchronized void read(LogEntry<LoggedClip> entry) {
      if (entry.line().isEmpty()) {
        report(Kind.TORN_LINE, entry.place());
        return;
      }
      LoggedClip line = entry.line().get();
      String name = line.filename();
      loggedNames.add(name);
      Long bytes = clips.get(name);
      if (bytes != null && line.matches(bytes)) {
        (line.ok() ? analysed : failed).add(name);
        if (line.ok() && line.bytes() != null) {
          asAnalysed.add(name);
        }
      }
      if (line.job() != null && !loggedJobs.add(line.job())) {
        report(Kind.TWO_LINES, entry.place() + ", job " + line.job());
      }
    }

    /** The clips that retention deleted and that do not exist. */
    private Set<String> readDeletions(Set<String> names) throws IOException {
      Set<String> deleted = new HashSet<>();
      new DeletionLog(folder.deletionLog())
          .read(
              deletion -> {
                String name = deletion.filename();
                // A deletion that names the job had a line, in a part of the log moved away since.
                if (!names.contains(name)
                    && deleted.add(name)
                    && deletion.job() == null
                    && !loggedNames.contains(name)) {
                  report(Kind.DELETED_UNANALYSED, name);
                }
              });
      return deleted;
    }

    /** The jobs that Redis does not have yet, or has only just received. */
    private List<Job> readOutbox() throws IOException {
      List<Job> jobs = new ArrayList<>();
      for (String name : files(folder.outbox()).keySet()) {
        if (name.endsWith(".json")) {
          try {
            jobs.add(Json.read(Files.readString(folder.outbox().resolve(name)), Job.class));
          } catch (NoSuchFileException e) {
            // sent meanwhile, so it is in the queue
          } catch (IOException | RuntimeException e) {
            report(Kind.UNREADABLE_OUTBOX_ENTRY, ".outbox/" + name);
          }
        } else if (name.endsWith(".bad")) {
          report(Kind.UNREADABLE_OUTBOX_ENTRY, ".outbox/" + name);
        }
      }
      return jobs;
    }

    /**
     * Whether a worker has read the clip and its file is still whole, which need not be decoded.
     */
    private boolean isAsAnalysed(String clip) throws IOException {
      Path file = folder.root().resolve(clip);
      return asAnalysed.contains(clip)
          || (analysed.contains(clip) && Container.ofFile(file).isComplete(file));
    }

    private static boolean isWhole(Path clip) throws IOException {
      try {
        return Container.ofFile(clip).isComplete(clip);
      } catch (NoSuchFileException e) {
        return true; // deleted meanwhile
      }
    }

    private static Optional<String> unreadable(Path clip) {
      try (ClipReader reader = ClipReader.open(clip, 1)) {
        return reader.next() ? Optional.empty() : Optional.of("it has no frames");
      } catch (NoSuchFileException e) {
        return Optional.empty(); // deleted meanwhile
      } catch (ClipUnreadableException | IOException e) {
        return Optional.of(e.getMessage());
      }
    }

    /** The files of a folder, by name, and their sizes. */
    private static Map<String, Long> files(Path folder) throws IOException {
      Map<String, Long> sizes = new TreeMap<>();
      Files.walkFileTree(
          folder,
          Set.of(FileVisitOption.FOLLOW_LINKS),
          1,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (attributes.isRegularFile()) {
                sizes.put(file.getFileName().toString(), attributes.size());
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException reason)
                throws IOException {
              if (reason instanceof NoSuchFileException) { // deleted meanwhile
                return FileVisitResult.CONTINUE;
              }
              throw reason;
            }
          });
      return sizes;
    }
  }
}
