package org.shvideo.tasks.video;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.shvideo.tasks.log.DeletionLog;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.settings.Setting;

/**
 * The layout of the folder that capture and workers share. Published clips and their snapshots lie
 * in it directly, what capture is still writing under {@code .recording}, jobs that Redis does not
 * have yet under {@code .outbox}.
 */
public record VideoFolder(Path root) {
  public static final Setting<Path> SETTING =
      Setting.path("VIDEO_DIR", "video", "Folder shared by capture and workers.");

  /** The folder, here and under {@link #recording}, of clips in which nothing moves. */
  public static final String CONTINUOUS = "continuous";

  /** The folder into which others put videos, and under {@link #recording} what was taken of it. */
  public static final String INBOX = "inbox";

  private static final int MAX_SHOWN = 200;
  private static final Set<String> VIDEO_EXTENSIONS =
      Set.of("avi", "mp4", "mkv", "mov", "webm", "ts", "m4v", "mpg", "mpeg");

  public VideoFolder {
    root = root.toAbsolutePath().normalize();
  }

  public Path recording() {
    return root.resolve(".recording");
  }

  public Path outbox() {
    return root.resolve(".outbox");
  }

  /** Clips of continuous recording, which are in no motion's clip and are not analysed. */
  public Path continuous() {
    return root.resolve(CONTINUOUS);
  }

  /** Whether a clip, by its path in this folder, is of continuous recording. */
  public static boolean isContinuous(String name) {
    return name.startsWith(CONTINUOUS + "/");
  }

  /** Where others put files that are to become clips. */
  public Path inbox() {
    return root.resolve(INBOX);
  }

  public Path log() {
    return root.resolve(DetectionLog.FILE_NAME);
  }

  public Path deletionLog() {
    return root.resolve(DeletionLog.FILE_NAME);
  }

  /** Whether a file of that name is a video, a clip or another, by its extension in any case. */
  public static boolean isVideo(String name) {
    int dot = name.lastIndexOf('.');
    return dot >= 0 && VIDEO_EXTENSIONS.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT));
  }

  /**
   * The published clip of that name, which may lie in a sub-folder. Unicode has two forms of many
   * letters, composed and decomposed, and file systems and programs differ in which they write: the
   * name may have either, whichever the disk has.
   *
   * @throws ClipNameException when the name does not name a regular file inside this folder: it is
   *     empty, absolute, climbs out with {@code ..} or through a link, is not published (its path
   *     has a part that begins with a dot), or there is no such file
   */
  public Path clip(String filename) throws ClipNameException {
    if (filename == null || filename.isBlank()) {
      throw new ClipNameException("the job names no file");
    }
    Path path = path(filename);
    if (path.isAbsolute()) {
      throw new ClipNameException(
          shown(filename) + " is absolute: a job names a clip inside the video folder");
    }
    for (Path part : path) {
      if (part.toString().equals("..")) {
        throw new ClipNameException(
            shown(filename) + " climbs with ..: a job names a clip inside the video folder");
      }
      if (part.toString().startsWith(".") && part.toString().length() > 1) {
        throw new ClipNameException(shown(filename) + " is hidden, so not a published clip");
      }
    }
    Path inside = root.resolve(path).normalize();
    try {
      if (!Files.exists(inside)) {
        inside = inAnyForm(path.normalize());
      }
      if (!Files.exists(inside)) {
        throw new ClipNameException("File " + shown(filename) + " not found in the video folder");
      }
      if (!inside.toRealPath().startsWith(root.toRealPath())) {
        throw new ClipNameException(
            shown(filename) + " leads outside the video folder through a link");
      }
      if (!Files.isRegularFile(inside)) {
        throw new ClipNameException(shown(filename) + " is not a file");
      }
    } catch (IOException e) {
      throw new ClipNameException(shown(filename) + " cannot be reached: " + e.getMessage());
    }
    return inside;
  }

  /** The path in the Unicode forms that its parts have on disk, as far as it exists. */
  private Path inAnyForm(Path path) throws IOException {
    Path found = root;
    for (Path part : path) {
      Path exact = found.resolve(part);
      found = Files.exists(exact) ? exact : inAnyForm(found, part.toString()).orElse(exact);
    }
    return found;
  }

  private static Optional<Path> inAnyForm(Path folder, String name) throws IOException {
    if (name.chars().allMatch(c -> c < 128) || !Files.isDirectory(folder)) {
      return Optional.empty();
    }
    String composed = composed(name);
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> composed(entry.getFileName().toString()).equals(composed))
          .findFirst();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static String composed(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFC);
  }

  private static Path path(String filename) throws ClipNameException {
    try {
      return Path.of(filename);
    } catch (InvalidPathException e) {
      if (filename.indexOf('\0') < 0 && filename.chars().anyMatch(c -> c > 127)) {
        throw new ClipNameException(
            shown(filename) + " needs a UTF-8 locale, such as LC_ALL=C.UTF-8");
      }
      throw new ClipNameException(shown(filename) + " is not a file name");
    }
  }

  /** As it may stand in a message: any client can send a name that is long or full of controls. */
  private static String shown(String filename) {
    String start =
        filename.length() > MAX_SHOWN ? filename.substring(0, MAX_SHOWN) + "…" : filename;
    return '"' + start.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?") + '"';
  }
}
