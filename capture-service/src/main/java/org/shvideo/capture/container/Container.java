package org.shvideo.capture.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.shvideo.ffmpeg.Demuxer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kinds of file that clips are recorded into, best first. */
public enum Container {
  /** For H.264, MPEG-4 and MJPEG. */
  AVI(".avi"),
  /** For H.265, AV1, VP9 and most others. */
  MATROSKA(".mkv");

  private static final Logger LOG = LoggerFactory.getLogger(Container.class);

  /** Ends the name of a copy that is to replace a file; to be deleted if left behind. */
  public static final String TEMPORARY = ".salvage";

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

  /**
   * Writes a complete file of this kind anew, with other times. If that fails, as when the disk is
   * full, the file stays as it is.
   *
   * @param rate as of {@link #write}
   * @param packets how many the file has
   * @param ptsMicros when each is shown, by its number from 0
   * @param dtsMicros when each is decoded
   * @return whether the file was replaced
   */
  boolean rewrite(
      Path file,
      FrameRate rate,
      Map<String, String> metadata,
      long packets,
      IntToLongFunction ptsMicros,
      IntToLongFunction dtsMicros) {
    Path copy = file.resolveSibling(file.getFileName() + TEMPORARY);
    try (Demuxer input = Demuxer.of(file, Map.of("format_whitelist", format()))) {
      input.findStreams();
      AVStream video = input.selectVideo();
      if (video == null) {
        throw new IOException("no video in " + file);
      }
      try (ContainerWriter output = write(copy, video.codecpar(), rate, metadata)) {
        for (AVPacket packet = input.read(); packet != null; packet = input.read()) {
          int number = (int) output.written();
          output.write(packet, ptsMicros.applyAsLong(number), dtsMicros.applyAsLong(number));
        }
        if (output.written() < packets) {
          throw new IOException(file + " lost packets");
        }
      }
      Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (IOException e) {
      try {
        Files.deleteIfExists(copy);
      } catch (IOException left) {
        e.addSuppressed(left); // it is deleted at the next start
      }
      LOG.debug("Cannot correct the times of {}", file, e);
      return false;
    }
  }
}
