package org.shvideo.worker.analysis;

import java.util.List;
import org.shvideo.worker.clip.ClipFrame;
import org.shvideo.worker.result.Snapshot;
import org.shvideo.worker.yolo.Detection;

/** Owns the clip's best frame so far, for the snapshot. Not thread-safe. */
final class BestFrame implements AutoCloseable {
  private ClipFrame frame;
  private List<Detection> detections = List.of();

  /** Takes over a frame: keeps it when it is the best so far, and closes it otherwise. */
  void offer(ClipFrame candidate, List<Detection> found) {
    if (Snapshot.score(found) > Snapshot.score(detections)) {
      close();
      frame = candidate;
      detections = found;
    } else {
      candidate.close();
    }
  }

  /** The best frame, borrowed; null when nothing was detected. */
  ClipFrame frame() {
    return frame;
  }

  List<Detection> detections() {
    return detections;
  }

  @Override
  public void close() {
    if (frame != null) {
      frame.close();
      frame = null;
    }
  }
}
