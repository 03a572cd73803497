package org.shvideo.camera.rtsp;

import org.shvideo.camera.media.AccessUnit;
import org.shvideo.camera.media.EncodedVideo;

/** One video after the other, each looped, on one line of time from 0. Not thread-safe. */
final class Timeline {

  /**
   * A unit's place.
   *
   * @param dueNanos when it is to be sent
   * @param shownNanos its presentation time
   */
  record Moment(AccessUnit unit, long dueNanos, long shownNanos) {}

  private EncodedVideo video;
  private long loopNanos;
  private int index;

  Timeline(EncodedVideo video) {
    this.video = video;
  }

  /** Leaves out all before the first keyframe that is due at this time or later. */
  void skipTo(long nanos) {
    long length = video.length().toNanos();
    loopNanos = nanos / length * length;
    Moment found = next();
    while (found.dueNanos() < nanos || !found.unit().keyframe()) {
      found = next();
    }
    index--;
  }

  Moment next() {
    if (index == video.units().size()) {
      loopNanos += video.length().toNanos();
      index = 0;
    }
    AccessUnit unit = video.units().get(index++);
    return new Moment(
        unit, loopNanos + unit.dtsMicros() * 1000, loopNanos + unit.ptsMicros() * 1000);
  }

  /** The other video's first unit takes the place of the unit given, which is not sent. */
  Moment switchTo(EncodedVideo other, Moment instead) {
    video = other;
    loopNanos = instead.dueNanos - other.units().get(0).dtsMicros() * 1000;
    index = 0;
    return next();
  }
}
