package org.shvideo.lab.powercut;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.shvideo.cli.pipeline.UserException;

/** A file system that is tried, and how it is made and mounted. Needs root. */
enum FileSystemKind {
  EXT4("ext4", 128, ""),
  EXT4_WRITEBACK("ext4", 128, ",data=writeback"),
  // Another mount namespace may hold the last disk for a while, which has the same id.
  XFS("xfs", 320, ",nouuid"),
  BTRFS("btrfs", 256, "");

  private final String type;
  private final long bytes;
  private final String options;

  FileSystemKind(String type, long mebibytes, String options) {
    this.type = type;
    this.bytes = mebibytes << 20;
    this.options = options;
  }

  /** The name on the command line. */
  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Makes an empty file system in a new file. */
  void make(Path file) throws IOException, InterruptedException {
    try (var image = new RandomAccessFile(file.toFile(), "rw")) {
      image.setLength(bytes);
    }
    run("mkfs." + type, "-q", file.toString());
  }

  /** Mounts a file; the file system repairs itself by its journal. */
  void mount(Path file, Path folder) throws IOException, InterruptedException {
    run("mount", "-t", type, "-o", "loop" + options, file.toString(), folder.toString());
  }

  static void unmount(Path folder) throws IOException, InterruptedException {
    run("umount", folder.toString());
  }

  /** Runs a program to its end, which must be good. */
  static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new UserException("%s: %s".formatted(String.join(" ", command), output));
    }
  }
}
