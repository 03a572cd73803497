package org.shvideo.lab.powercut;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.shvideo.cli.pipeline.UserException;

/** A file system that is tried, and how it is made and mounted. Needs root. */
enum FileSystemKind {
  EXT4("ext4", 128, "", "mkfs.ext4", "-q"),
  EXT4_WRITEBACK("ext4", 128, ",data=writeback", "mkfs.ext4", "-q"),
  XFS("xfs", 320, "", "mkfs.xfs", "-q"),
  BTRFS("btrfs", 256, "", "mkfs.btrfs", "-q");

  private final String type;
  private final long bytes;
  private final String options;
  private final List<String> make;

  FileSystemKind(String type, long mebibytes, String options, String... make) {
    this.type = type;
    this.bytes = mebibytes << 20;
    this.options = options;
    this.make = List.of(make);
  }

  /** The name on the command line. */
  String text() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  /** Makes an empty file system in a new file. */
  void make(Path file) throws IOException, InterruptedException {
    try (var image = new java.io.RandomAccessFile(file.toFile(), "rw")) {
      image.setLength(bytes);
    }
    List<String> command = new ArrayList<>(make);
    command.add(file.toString());
    run(command.toArray(String[]::new));
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
    String output = new String(process.getInputStream().readAllBytes()).strip();
    if (process.waitFor() != 0) {
      throw new UserException("%s: %s".formatted(String.join(" ", command), output));
    }
  }
}
