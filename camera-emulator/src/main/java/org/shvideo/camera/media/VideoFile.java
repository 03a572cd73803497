package org.shvideo.camera.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** Reads a video file of this machine into memory, without natives; sound is left out. */
public final class VideoFile {
  private static final Set<String> MP4_BOXES =
      Set.of("ftyp", "moov", "mdat", "free", "skip", "wide");
  private static final long MOST_BYTES = 1L << 30;

  private VideoFile() {}

  /** Reads H.264 at the rate that the file tells, 25 frames a second if it tells none. */
  public static EncodedVideo read(Path file) throws IOException {
    return read(file, 0);
  }

  /**
   * Reads H.264 from MP4, MOV, AVI or the raw stream (Annex B).
   *
   * @param frameRate of a raw stream, in frames a second; 0 for what it says itself, or 25
   * @throws IOException with what is wrong and what to do, when it cannot be served
   */
  public static EncodedVideo read(Path file, double frameRate) throws IOException {
    byte[] head = head(file);
    try {
      if (head.length >= 8
          && MP4_BOXES.contains(new String(head, 4, 4, StandardCharsets.ISO_8859_1))) {
        return Mp4File.read(file);
      } else if (AviFile.begins(head)) {
        return AviFile.h264(bytes(file));
      } else if (AnnexB.begins(head)) {
        return RawStream.read(bytes(file), frameRate);
      }
      throw new IOException("is neither MP4, MOV, AVI nor a raw H.264 stream");
    } catch (IOException | IllegalArgumentException e) {
      throw refused(file, e, "-c:v libx264 FILE.mp4");
    }
  }

  /**
   * Reads the pictures of an AVI file with MJPEG.
   *
   * @throws IOException with what is wrong and what to do, when it cannot be served
   */
  public static JpegVideo readPictures(Path file) throws IOException {
    byte[] head = head(file);
    try {
      if (AviFile.begins(head)) {
        return AviFile.jpeg(bytes(file));
      }
      throw new IOException("is no AVI");
    } catch (IOException | IllegalArgumentException e) {
      throw refused(file, e, "-c:v mjpeg FILE.avi");
    }
  }

  private static IOException refused(Path file, Exception cause, String conversion) {
    return new IOException(
        file
            + " cannot be served: it "
            + cause.getMessage()
            + "; convert it, for instance: ffmpeg -i "
            + file.getFileName()
            + " -an "
            + conversion,
        cause);
  }

  private static byte[] head(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("no such file: " + file);
    }
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(16);
    }
  }

  private static byte[] bytes(Path file) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw new IOException("is larger than 1 GiB, which is to be held in memory");
    }
    return Files.readAllBytes(file);
  }
}
