package org.shvideo.capture.container;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;

/** The kinds of file that clips are recorded into, best first. */
public enum Container {
  /** For H.264, MPEG-4 and MJPEG. */
  AVI(".avi"),
  /** For H.265, AV1, VP9 and most others. */
  MATROSKA(".mkv");

  private final String extension;

  Container(String extension) {
    this.extension = extension;
  }

  /** The best that can hold the codec. */
  public static Optional<Container> holding(AVCodecParameters parameters) {
    return Stream.of(values()).filter(container -> container.supports(parameters)).findFirst();
  }

  /** By the extension of its name. */
  public static Container ofFile(Path file) {
    return file.toString().endsWith(MATROSKA.extension) ? MATROSKA : AVI;
  }

  /** With its dot. */
  public String extension() {
    return extension;
  }

  /** FFmpeg's name of the format. */
  public String format() {
    return this == AVI ? "avi" : "matroska";
  }

  private boolean supports(AVCodecParameters parameters) {
    return this == AVI ? AviWriter.supports(parameters) : MatroskaWriter.supports(parameters);
  }

  /** Whether a file of this kind was closed properly. */
  public boolean isComplete(Path file) throws IOException {
    return this == AVI ? AviWriter.isComplete(file) : MatroskaWriter.isComplete(file);
  }

  /**
   * Begins a file, overwriting an existing one.
   *
   * @param parameters copied
   * @param rate the expected one
   * @param metadata the file's tags, by FFmpeg's names
   * @throws IOException when the file cannot be written
   */
  public ContainerWriter write(
      Path file, AVCodecParameters parameters, FrameRate rate, Map<String, String> metadata)
      throws IOException {
    return this == AVI
        ? new AviWriter(file, parameters, rate, metadata)
        : new MatroskaWriter(file, parameters, rate, metadata);
  }
}
