package org.shvideo.capture.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/**
 * Keeps a second capture service out of a folder, which would otherwise recover the clips in
 * progress of the first. The operating system releases the lock when the process ends.
 */
final class FolderLock implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final Object identity;
  private final boolean isNew;

  /**
   * Takes the lock.
   *
   * @throws IOException if it is taken; the message says by whom and what to do
   */
  FolderLock(Path file) throws IOException {
    this.file = file;
    isNew = Files.notExists(file);
    channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      taken = channel.tryLock() != null;
      if (!taken) {
        throw inUse(file, "process " + Files.readString(file).strip());
      }
      identity = identity(file);
      channel.truncate(0);
      String process = Long.toString(ProcessHandle.current().pid());
      channel.write(ByteBuffer.wrap(process.getBytes(StandardCharsets.UTF_8)));
    } catch (OverlappingFileLockException e) {
      throw inUse(file, "this process");
    } finally {
      if (!taken) {
        channel.close();
      }
    }
  }

  /** Whether there was no lock's file before. */
  boolean isNew() {
    return isNew;
  }

  /** Whether it keeps others out: its file is still there, and is the one that was locked. */
  boolean isEffective() throws IOException {
    try {
      return Objects.equals(identity, identity(file));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static Object identity(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /** Whether this or another process has the lock. */
  static boolean isHeld(Path file) throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock == null;
    } catch (OverlappingFileLockException e) {
      return true;
    }
  }

  private static IOException inUse(Path file, String by) {
    return new IOException(
        "another capture service (%s) is recording into %s; stop it or set another VIDEO_DIR"
            .formatted(by, file.getParent()));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
