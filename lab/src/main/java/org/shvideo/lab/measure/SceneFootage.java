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
 * Footage of the drawn scene as an IP camera would send it, cut and joined at keyframes: busy,
 * while the sign passes, and quiet, when only the noise of the sensor changes. As files (raw H.264)
 * and as videos for a test camera. Immutable.
 *
 * @param video the whole scene once
 */
public record SceneFootage(EncodedVideo video, int framesPerSecond) {
  private static final byte[] START_CODE = {0, 0, 0, 1};

  // Timing of the motions at the start of a video, in seconds. The first comes when capture has
  // learned the normal packet sizes; after the last there is time for its recording to end.
  private static final int FIRST_MOTION = 16;
  private static final int MOTION_LENGTH = 4;
  private static final int MOTION_GAP = 6;
  private static final int REST_AFTER_MOTIONS = 10;

  /** Draws and encodes the scene, which takes some seconds. */
  public static SceneFootage draw(Scene scene) throws IOException {
    return new SceneFootage(SceneVideo.encode(scene), scene.framesPerSecond());
  }

  /** The part in which the sign moves. */
  public List<AccessUnit> busy() {
    return fromKeyframes(Scene.ENTERS.toSeconds(), Scene.LEAVES.toSeconds());
  }

  /** The empty street. */
  public List<AccessUnit> quiet() {
    return fromKeyframes(Scene.LEAVES.toSeconds() + 1, Scene.LENGTH.toSeconds());
  }

  /**
   * A video of the empty street that begins with several motions, from which capture learns the
   * packet sizes of the camera.
   *
   * @param motionSeconds when the motions are over; below 30 there are none
   * @param quietSeconds length of the rest
   */
  public EncodedVideo quietAfterMotions(int motionSeconds, int quietSeconds) {
    List<AccessUnit> units = new ArrayList<>();
    for (int begin = FIRST_MOTION;
        begin + MOTION_LENGTH + REST_AFTER_MOTIONS <= motionSeconds;
        begin += MOTION_LENGTH + MOTION_GAP) {
      extend(units, quiet(), begin);
      extend(units, suddenUnits(), begin + MOTION_LENGTH);
    }
    extend(units, quiet(), motionSeconds + quietSeconds);
    return joined(units);
  }

  /** Bit rate of a part in kbit/s. */
  public long kilobits(List<AccessUnit> units) {
    long bytes =
        units.stream().flatMap(unit -> unit.nalUnits().stream()).mapToLong(nal -> nal.length).sum();
    return bytes * 8 * framesPerSecond / units.size() / 1000;
  }

  private void extend(List<AccessUnit> units, List<AccessUnit> loop, int toSeconds) {
    for (int next = 0; units.size() < toSeconds * framesPerSecond; next++) {
      units.add(loop.get(next % loop.size()));
    }
  }

  /** A part as a video. */
  public EncodedVideo joined(List<AccessUnit> units) {
    List<AccessUnit> retimed = new ArrayList<>();
    for (AccessUnit unit : units) {
      long micros = retimed.size() * 1_000_000L / framesPerSecond;
      retimed.add(new AccessUnit(unit.nalUnits(), unit.keyframe(), micros, micros));
    }
    Duration length = Duration.ofNanos(units.size() * 1_000_000_000L / framesPerSecond);
    return new EncodedVideo(video.width(), video.height(), video.parameterSets(), retimed, length);
  }

  /** The whole sign appears at once, which makes large packets. */
  private List<AccessUnit> suddenUnits() {
    return fromKeyframes(Scene.ENTERS.toSeconds() + 2, Scene.LEAVES.toSeconds());
  }

  /** The part of the scene between two times, from the first keyframe on. */
  private List<AccessUnit> fromKeyframes(long fromSeconds, long toSeconds) {
    int from = Math.toIntExact(fromSeconds * framesPerSecond);
    while (!video.units().get(from).keyframe()) {
      from++;
    }
    return video.units().subList(from, Math.toIntExact(toSeconds * framesPerSecond));
  }

  /** Writes a file of a part, in a loop. */
  public void write(Path file, List<AccessUnit> loop, int seconds) throws IOException {
    List<AccessUnit> units = new ArrayList<>();
    extend(units, loop, seconds);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (AccessUnit unit : units) {
        for (byte[] nalUnit : unit.nalUnits()) {
          out.write(START_CODE);
          out.write(nalUnit);
        }
      }
    }
  }
}
