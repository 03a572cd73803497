package org.shvideo.capture.store;

import java.nio.file.Path;
import java.time.OffsetDateTime;
import org.shvideo.tasks.job.Job;

/**
 * Is told what becomes of clips. Called by the threads of cameras, store and outbox: must return
 * soon and not throw.
 */
public interface ClipListener {
  /** Listens to nothing. */
  ClipListener NONE = new ClipListener() {};

  /** Motion began, or goes on beyond a clip's end, and a clip is being recorded. */
  default void opened(String camera, OffsetDateTime recordedAt) {}

  /** The clip has its final name and its job waits in the outbox. */
  default void published(Path clip, Job job) {}

  /** Redis has the job. */
  default void queued(Job job) {}
}
