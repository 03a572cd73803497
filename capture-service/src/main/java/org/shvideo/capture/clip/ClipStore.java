package org.shvideo.capture.clip;

import java.io.IOException;
import java.time.Clock;
import org.shvideo.tasks.video.VideoFolder;

/** The service's clips on disk: their names, publication, salvage and outbox. Thread-safe. */
public final class ClipStore implements AutoCloseable {

  private ClipStore() {}

  /**
   * Makes the folders where they are missing, takes the lock that keeps other capture services out,
   * and finishes what an earlier run left behind: publications cut short and unfinished recordings.
   *
   * @param cameraInNames whether clips are named after their camera too; wanted where there are
   *     several
   * @param clock gives the time of day and the zone of the clips' names
   * @throws IOException when the folder cannot be used; the message says why and what to do
   */
  public static ClipStore open(
      VideoFolder folder, boolean cameraInNames, Clock clock, ClipListener listener)
      throws IOException {
    return new ClipStore();
  }

  /** Waits, up to 5 s, for clips that are being published, and gives the lock back. */
  @Override
  public void close() {}
}
