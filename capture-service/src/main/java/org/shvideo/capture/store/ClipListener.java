package org.shvideo.capture.store;

import java.nio.file.Path;
import java.time.OffsetDateTime;
import org.shvideo.tasks.job.Job;

/**
 * Receives the events of clips, on the threads of cameras, store and outbox. Must return soon and
 * not throw.
 */
public interface ClipListener {
  /** Ignores all events. */
  ClipListener NONE = new ClipListener() {};

  /** A step of publication, on disk before the next one begins. */
  enum Step {
    /** The clip's data is on disk. */
    SYNCED,
    /** Its job is in the outbox. */
    JOB_WRITTEN,
    /** It has its final name. */
    NAMED,
    /** The final name is on disk; the job can be sent once this event has been handled. */
    NAME_SYNCED,
    /** The temporary name is gone. */
    PUBLISHED
  }

  /** Recording of a clip began, because motion began or continues beyond the end of a clip. */
  default void opened(String camera, OffsetDateTime recordedAt) {}

  /** A step of the publication of the clip with this file name, so far, is done. */
  default void step(Step step, String clip) {}

  /** The clip has its final name, and its job is in the outbox. */
  default void published(Path clip, Job job) {}

  /** A clip of continuous recording, by its path in the folder, has its final name. */
  default void recordedContinuously(String clip) {}

  /** Redis has the job. */
  default void queued(Job job) {}
}
