package org.shvideo.lab.powercut;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.shvideo.cli.pipeline.Polling;
import org.shvideo.cli.pipeline.UserException;

/**
 * A mounted file system whose block device records each write and each flush in order. The device
 * is a file of {@code tools/powercut/recorder.c}, which is compiled here. Needs root, FUSE and loop
 * devices.
 */
final class RecordedDisk implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(10);

  private final Path fuse;
  private final Path log;
  private final Path folder;
  private final Process recorder;

  /**
   * Starts recording.
   *
   * @param image a new file system, which is written to
   * @param work an existing folder for the record and the mounts
   */
  RecordedDisk(FileSystemKind kind, Path image, Path work)
      throws IOException, InterruptedException {
    Path root = Path.of(System.getProperty("shvideo.root", "")).toAbsolutePath();
    Path program = work.resolve("recorder");
    FileSystemKind.run(
        "sh",
        "-c",
        "cc -O2 -o \"$1\" \"$2\" $(pkg-config --cflags --libs fuse3)",
        "sh",
        program.toString(),
        root.resolve("tools/powercut/recorder.c").toString());
    fuse = Files.createDirectories(work.resolve("fuse"));
    folder = Files.createDirectories(work.resolve("recorded"));
    log = work.resolve("writes");
    recorder =
        new ProcessBuilder(program.toString(), image.toString(), log.toString(), fuse.toString())
            .inheritIO()
            .start();
    Path disk = fuse.resolve("disk");
    if (!Polling.await(START_TIMEOUT, () -> Files.exists(disk) || !recorder.isAlive())
        || !recorder.isAlive()) {
      throw new UserException("Cannot start " + program + " with FUSE in " + fuse);
    }
    kind.mount(disk, folder);
  }

  /** The root of the mounted file system. */
  Path folder() {
    return folder;
  }

  /** The record. */
  Path log() {
    return log;
  }

  /** This moment: the length of the record, in which is what any program was told by now. */
  long now() {
    try {
      return Files.size(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      FileSystemKind.unmount(folder);
      FileSystemKind.unmount(fuse);
      recorder.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
