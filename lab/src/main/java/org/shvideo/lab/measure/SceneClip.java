package org.shvideo.lab.measure;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.shvideo.camera.media.AccessUnit;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.scene.Scene;
import org.shvideo.camera.scene.SceneVideo;

/**
 * The drawn scene as an IP camera would send it, cut and joined at keyframes: busy, while the sign
 * rolls by, and quiet, when nothing but the sensor's noise changes. As clips (bare H.264) and as
 * videos for a test camera.
 */
public final class SceneClip {
  private static final byte[] START_CODE = {0, 0, 0, 1};

  // Of a video that begins with motions, in seconds. The first one comes when what is usual on a
  // camera is known, and after the last one there is time for it to be over in all respects.
  private static final int FIRST_MOTION = 16;
  private static final int MOTION = 4;
  private static final int BETWEEN_MOTIONS = 6;
  private static final int AFTER_MOTIONS = 10;

  private final EncodedVideo video;
  private final int framesPerSecond;

  private SceneClip(EncodedVideo video, int framesPerSecond) {
    this.video = video;
    this.framesPerSecond = framesPerSecond;
  }

  /** Draws and encodes the scene, which takes a while. */
  public static SceneClip draw(Scene scene) throws IOException {
    return new SceneClip(SceneVideo.encode(scene), scene.framesPerSecond());
  }

  /** One loop of the scene, to be served by a test camera. */
  public EncodedVideo video() {
    return video;
  }

  /** Writes frames that show the sign on its way, over and over. */
  public void writeBusy(Path file, int seconds) throws IOException {
    write(file, busyUnits(), seconds);
  }

  /** Writes frames that show the empty street, over and over. */
  public void writeQuiet(Path file, int seconds) throws IOException {
    write(file, quietUnits(), seconds);
  }

  /** The sign on its way, over and over. */
  public EncodedVideo busy() {
    return joined(busyUnits());
  }

  /**
   * The empty street, after several motions some seconds apart: a camera's first minute, in which
   * it is learnt what its packets tell.
   *
   * @param motionSeconds after which there is no more motion; below half a minute there is none
   */
  public EncodedVideo quietAfterMotions(int motionSeconds, int quietSeconds) {
    List<AccessUnit> units = new ArrayList<>();
    for (int begin = FIRST_MOTION;
        begin + MOTION + AFTER_MOTIONS <= motionSeconds;
        begin += MOTION + BETWEEN_MOTIONS) {
      extend(units, quietUnits(), begin);
      extend(units, suddenUnits(), begin + MOTION);
    }
    extend(units, quietUnits(), motionSeconds + quietSeconds);
    return joined(units);
  }

  /** Bits a second of the empty street, in thousands. */
  public long quietKilobits() {
    return kilobits(quietUnits());
  }

  /** Bits a second of the sign on its way, in thousands. */
  public long busyKilobits() {
    return kilobits(busyUnits());
  }

  private long kilobits(List<AccessUnit> units) {
    long bytes =
        units.stream().flatMap(unit -> unit.nalUnits().stream()).mapToLong(nal -> nal.length).sum();
    return bytes * 8 * framesPerSecond / units.size() / 1000;
  }

  private void extend(List<AccessUnit> units, List<AccessUnit> by, int toSeconds) {
    for (int next = 0; units.size() < toSeconds * framesPerSecond; next++) {
      units.add(by.get(next % by.size()));
    }
  }

  private EncodedVideo joined(List<AccessUnit> units) {
    List<AccessUnit> timed = new ArrayList<>();
    for (AccessUnit unit : units) {
      long micros = timed.size() * 1_000_000L / framesPerSecond;
      timed.add(new AccessUnit(unit.nalUnits(), unit.keyframe(), micros, micros));
    }
    Duration length = Duration.ofNanos(units.size() * 1_000_000_000L / framesPerSecond);
    return new EncodedVideo(video.width(), video.height(), video.parameterSets(), timed, length);
  }

  private List<AccessUnit> busyUnits() {
    return fromKeyframes(Scene.ENTERS.toSeconds(), Scene.LEAVES.toSeconds());
  }

  /** With the whole sign in the picture, at once: what appears is told of by large packets. */
  private List<AccessUnit> suddenUnits() {
    return fromKeyframes(Scene.ENTERS.toSeconds() + 2, Scene.LEAVES.toSeconds());
  }

  private List<AccessUnit> quietUnits() {
    return fromKeyframes(Scene.LEAVES.toSeconds() + 1, Scene.LENGTH.toSeconds());
  }

  /** From the first keyframe in that time to its end. */
  private List<AccessUnit> fromKeyframes(long fromSeconds, long toSeconds) {
    int from = Math.toIntExact(fromSeconds * framesPerSecond);
    while (!video.units().get(from).keyframe()) {
      from++;
    }
    return video.units().subList(from, Math.toIntExact(toSeconds * framesPerSecond));
  }

  private void write(Path file, List<AccessUnit> units, int seconds) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (int frame = 0; frame < seconds * framesPerSecond; frame++) {
        AccessUnit unit = units.get(frame % units.size());
        for (byte[] nalUnit : unit.nalUnits()) {
          out.write(START_CODE);
          out.write(nalUnit);
        }
      }
    }
  }
}
