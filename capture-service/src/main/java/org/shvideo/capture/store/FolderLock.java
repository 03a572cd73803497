package org.shvideo.capture.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second capture service out of a folder, which would otherwise recover the clips in
 * progress of the first. The operating system releases the lock when the process ends.
 */
final class FolderLock implements AutoCloseable {
  private final FileChannel channel;

  /**
   * Takes the lock.
   *
   * @throws IOException if it is taken; the message says by whom and what to do
   */
  FolderLock(Path file) throws IOException {
    channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      taken = channel.tryLock() != null;
      if (!taken) {
        throw inUse(file, "process " + Files.readString(file).strip());
      }
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
