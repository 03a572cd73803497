package org.shvideo.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.shvideo.camera.media.AccessUnit;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.scene.Scene;
import org.shvideo.camera.scene.SceneVideo;

/**
 * Clips of the drawn scene as an IP camera would send it, as bare H.264: busy, while the sign rolls
 * by, and quiet, when nothing but the sensor's noise changes.
 */
final class SceneClip {
  private static final byte[] START_CODE = {0, 0, 0, 1};

  private final EncodedVideo video;
  private final int framesPerSecond;

  private SceneClip(EncodedVideo video, int framesPerSecond) {
    this.video = video;
    this.framesPerSecond = framesPerSecond;
  }

  /** Draws and encodes the scene, which takes a while. */
  static SceneClip draw(Scene scene) throws IOException {
    return new SceneClip(SceneVideo.encode(scene), scene.framesPerSecond());
  }

  /** One loop of the scene, to be served by a test camera. */
  EncodedVideo video() {
    return video;
  }

  /** Writes frames that show the sign on its way, over and over. */
  void writeBusy(Path file, int seconds) throws IOException {
    write(file, fromKeyframes(Scene.ENTERS.toSeconds(), Scene.LEAVES.toSeconds()), seconds);
  }

  /** Writes frames that show the empty street, over and over. */
  void writeQuiet(Path file, int seconds) throws IOException {
    write(file, fromKeyframes(Scene.LEAVES.toSeconds() + 1, Scene.LENGTH.toSeconds()), seconds);
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
