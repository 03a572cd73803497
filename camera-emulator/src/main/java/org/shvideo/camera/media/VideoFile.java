package org.shvideo.camera.media;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Reads a video file of this machine into memory, without natives. */
public final class VideoFile {
  private static final String ADVICE =
      "; convert it: ffmpeg -i FILE -an -c:v libx264 -bf 0 -g 50 FILE.mp4";

  private VideoFile() {}

  /**
   * Reads the H.264 video of an MP4 or MOV file; sound is left out.
   *
   * @throws IOException with what is wrong and what to do, when it cannot be served
   */
  public static EncodedVideo read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("no such file: " + file);
    }
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    try {
      if (name.endsWith(".mp4") || name.endsWith(".mov") || name.endsWith(".m4v")) {
        return Mp4File.read(file);
      }
      throw new IOException("only MP4 and MOV can be served");
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage() + ADVICE, e);
    }
  }
}
