package org.shvideo.tasks.video;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.settings.Setting;

/**
 * The layout of the folder that capture and workers share. Published clips and their snapshots lie
 * in it directly, what capture is still writing under {@code .recording}, jobs that Redis does not
 * have yet under {@code .outbox}.
 */
public record VideoFolder(Path root) {
  public static final Setting<Path> SETTING =
      Setting.path("VIDEO_DIR", "video", "Folder that capture and workers share.");

  public VideoFolder {
    root = root.toAbsolutePath().normalize();
  }

  public Path recording() {
    return root.resolve(".recording");
  }

  public Path outbox() {
    return root.resolve(".outbox");
  }

  public Path log() {
    return root.resolve(DetectionLog.FILE_NAME);
  }

  /**
   * The published clip of that name.
   *
   * @throws ClipNameException when the name does not name a regular file inside this folder: it is
   *     empty, absolute, climbs out with {@code ..} or through a link, or there is no such file
   */
  public Path clip(String filename) throws ClipNameException {
    if (filename == null || filename.isBlank()) {
      throw new ClipNameException("the job names no file");
    }
    Path path;
    try {
      path = Path.of(filename);
    } catch (InvalidPathException e) {
      throw new ClipNameException("not a file name: \"" + filename + "\"");
    }
    Path inside = root.resolve(path).normalize();
    if (path.isAbsolute() || !inside.startsWith(root) || inside.equals(root)) {
      throw new ClipNameException("\"" + filename + "\" is outside the video folder");
    }
    try {
      if (!Files.exists(inside)) {
        throw new ClipNameException("File " + filename + " not found in the video folder");
      }
      if (!inside.toRealPath().startsWith(root.toRealPath())) {
        throw new ClipNameException("\"" + filename + "\" leads outside the video folder");
      }
      if (!Files.isRegularFile(inside)) {
        throw new ClipNameException("\"" + filename + "\" is not a file");
      }
    } catch (IOException e) {
      throw new ClipNameException("File " + filename + " cannot be reached: " + e.getMessage());
    }
    return inside;
  }
}
