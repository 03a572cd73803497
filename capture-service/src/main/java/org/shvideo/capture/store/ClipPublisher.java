package org.shvideo.capture.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.shvideo.capture.store.ClipListener.Step;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes clips in steps: the file is forced to disk, its job is written to the outbox, and the
 * file gets its final name; each step is on disk before the next begins. So a clip with its final
 * name is complete and has its job, and a crash leaves one of these: a pending clip without an
 * outbox entry, which is salvaged; a pending clip with an entry, which gets its name; an entry
 * alone, whose job is sent. Thread-safe.
 */
record ClipPublisher(
    VideoFolder folder, Outbox outbox, List<ClipListener> listeners, Set<String> forced) {
  private static final Logger LOG = LoggerFactory.getLogger(ClipPublisher.class);

  /**
   * @param listeners may be added to
   * @param forced the pending clips whose data is on disk
   */
  ClipPublisher {}

  /**
   * Takes all steps for a complete clip. If it cannot be forced to disk, it must be copied.
   *
   * @param name the clip is to get, with a number where it is taken
   */
  Job publish(PendingClip clip, String name) throws IOException {
    FileOperations.sync(clip.file());
    forced.add(clip.name());
    done(Step.SYNCED, clip.name());
    Job job = new Job(UUID.randomUUID().toString(), name, clip.camera(), clip.recordedAt());
    outbox.put(clip.name(), job);
    done(Step.JOB_WRITTEN, clip.name());
    return giveName(clip.name(), job);
  }

  /**
   * Gives a complete clip of continuous recording its name, in one step, since it has no job. If it
   * cannot be forced to disk, it must be copied.
   *
   * @return its path in the folder
   */
  String publishContinuous(PendingClip clip) throws IOException {
    FileOperations.sync(clip.file());
    forced.add(clip.name());
    FileOperations.createFolders(folder.continuous());
    String name = clip.name();
    for (int number = 2; Files.exists(folder.root().resolve(name)); number++) {
      name = ClipName.numbered(clip.name(), number);
    }
    Files.move(clip.file(), folder.root().resolve(name)); // only this service writes there
    FileOperations.sync(folder.continuous());
    FileOperations.sync(clip.file().getParent());
    forced.remove(clip.name());
    for (ClipListener listener : listeners) {
      listener.recordedContinuously(name);
    }
    return name;
  }

  /** The last steps, for a clip with an outbox entry; may be repeated after a failure. */
  Job giveName(String pendingName, Job job) throws IOException {
    Path file = folder.recording().resolve(pendingName);
    Job named = job;
    boolean sameTime = ClipName.recordedAt(pendingName).equals(ClipName.recordedAt(job.filename()));
    String first = sameTime ? pendingName : job.filename();
    for (int number = 2; !link(file, folder.root().resolve(named.filename())); number++) {
      // Another file has taken the name meanwhile.
      named = new Job(job.id(), ClipName.numbered(first, number), job.camera(), job.recordedAt());
      outbox.put(pendingName, named);
    }
    Path clip = folder.root().resolve(named.filename());
    done(Step.NAMED, named.filename());
    FileOperations.sync(folder.root());
    done(Step.NAME_SYNCED, named.filename());
    Files.deleteIfExists(file);
    forced.remove(pendingName);
    done(Step.PUBLISHED, named.filename());
    outbox.wake();
    for (ClipListener listener : listeners) {
      listener.published(clip, named);
    }
    return named;
  }

  private void done(Step step, String clip) {
    LOG.debug("Clip {}: {}", clip, step);
    listeners.forEach(listener -> listener.step(step, clip));
  }

  /**
   * Gives the file a second name, the only way to name it that never replaces another file.
   *
   * @return false if another file has the name
   */
  private static boolean link(Path file, Path name) throws IOException {
    try {
      Files.createLink(name, file);
      return true;
    } catch (FileAlreadyExistsException e) {
      return Files.isSameFile(file, name);
    } catch (UnsupportedOperationException | FileSystemException e) {
      // No hard links on this file system (FAT, some network shares). Check and move are two steps
      // then, but nothing else creates such names.
      try {
        Files.move(file, name);
        return true;
      } catch (FileAlreadyExistsException taken) {
        return false;
      }
    }
  }
}
