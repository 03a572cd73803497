package org.shvideo.camera.rtsp;

import org.shvideo.camera.media.AccessUnit;
import org.shvideo.camera.media.EncodedVideo;

/** Schedules the units of a video that repeats endlessly, from time 0. Not thread-safe. */
final class VideoLoop {

  /** A unit, when it is due to be sent, and when it is presented. */
  record Scheduled(AccessUnit unit, long dueNanos, long ptsNanos) {}

  private EncodedVideo video;
  private long loopNanos;
  private int index;

  VideoLoop(EncodedVideo video) {
    this.video = video;
  }

  /** Skips everything before the first keyframe that is due at this time or later. */
  void skipTo(long nanos) {
    long length = video.length().toNanos();
    loopNanos = nanos / length * length;
    Scheduled found = next();
    while (found.dueNanos() < nanos || !found.unit().keyframe()) {
      found = next();
    }
    index--;
  }

  Scheduled next() {
    if (index == video.units().size()) {
      loopNanos += video.length().toNanos();
      index = 0;
    }
    AccessUnit unit = video.units().get(index++);
    return new Scheduled(
        unit, loopNanos + unit.dtsMicros() * 1000, loopNanos + unit.ptsMicros() * 1000);
  }

  /** Continues with another video, whose first unit replaces the one given. */
  Scheduled switchTo(EncodedVideo other, Scheduled replaced) {
    video = other;
    loopNanos = replaced.dueNanos - other.units().get(0).dtsMicros() * 1000;
    index = 0;
    return next();
  }
}
