package org.shvideo.capture.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Consumer;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps by which a recording becomes a clip: it is forced to disk, its outbox entry is written
 * with the job's id inside, and it is given its final name; each step is on disk before the next
 * begins. So a clip that has its final name is complete and has its job, and after a crash at any
 * point one of these is found: a recording without an entry, which is salvaged; a recording with
 * its entry, which is given its name; an entry alone, whose job is sent. Thread-safe.
 */
public final class Publication {
  private static final Logger LOG = LoggerFactory.getLogger(Publication.class);

  private final VideoFolder folder;
  private final Outbox outbox;
  private final ClipListener listener;
  private final Consumer<String> told;

  /**
   * @param told hears a clip's name before its job can be sent
   */
  Publication(VideoFolder folder, Outbox outbox, ClipListener listener, Consumer<String> told) {
    this.folder = folder;
    this.outbox = outbox;
    this.listener = listener;
    this.told = told;
  }

  /** Takes all steps for a recording that was completed. */
  Job publish(Recording recording) throws IOException {
    FileOperations.sync(recording.file());
    LOG.debug("Recording {} is on disk", recording.name());
    Job job =
        new Job(
            UUID.randomUUID().toString(),
            recording.name(),
            recording.camera(),
            recording.recordedAt());
    outbox.put(recording.name(), job);
    LOG.debug("Recording {} has its outbox entry", recording.name());
    return giveName(recording.name(), job);
  }

  /** The last steps, for a recording that has its entry; may be repeated after a failure. */
  Job giveName(String recording, Job job) throws IOException {
    Path file = folder.recording().resolve(recording);
    Job named = job;
    for (int number = 2; !link(file, folder.root().resolve(named.filename())); number++) {
      // Something else took the name meanwhile.
      named =
          new Job(job.id(), ClipName.numbered(recording, number), job.camera(), job.recordedAt());
      outbox.put(recording, named);
    }
    LOG.debug("Clip {} has its name", named.filename());
    FileOperations.sync(folder.root());
    LOG.debug("Clip {} has its name on disk", named.filename());
    told.accept(named.filename());
    Files.deleteIfExists(file);
    LOG.debug("Clip {} is published", named.filename());
    outbox.announce();
    listener.published(folder.root().resolve(named.filename()), named);
    return named;
  }

  /**
   * Gives the file a second name, which is the only way to a name that never replaces what has it
   * already. Returns false when something else has it.
   */
  private static boolean link(Path file, Path name) throws IOException {
    try {
      Files.createLink(name, file);
      return true;
    } catch (FileAlreadyExistsException e) {
      return Files.isSameFile(file, name);
    } catch (UnsupportedOperationException | FileSystemException e) {
      // No links on this file system (FAT, some network shares). The check and the move are two
      // steps then, but nothing else makes such names.
      try {
        Files.move(file, name);
        return true;
      } catch (FileAlreadyExistsException taken) {
        return false;
      }
    }
  }
}
