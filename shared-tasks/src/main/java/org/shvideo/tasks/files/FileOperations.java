package org.shvideo.tasks.files;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Durable writes and recursive deletion. Thread-safe. */
public final class FileOperations {
  private static final Logger LOG = LoggerFactory.getLogger(FileOperations.class);

  /** Of the files that {@link #replace} has not finished. */
  public static final String TEMPORARY_EXTENSION = ".tmp";

  private static final Set<PosixFilePermission> USER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private FileOperations() {}

  /**
   * Returns when the file's data is on disk. For a folder, when the names in it are: a file that
   * was created, renamed or deleted survives a power failure only after its folder was synced.
   *
   * <p>After a failure the data may never get to disk, even if a later call succeeds: Linux reports
   * such an error once. Then the file must be written anew. Works in an interrupted thread too.
   */
  public static void sync(Path fileOrFolder) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        interrupted |= Thread.interrupted(); // which would close the channel
        try (FileChannel channel = FileChannel.open(fileOrFolder, StandardOpenOption.READ)) {
          channel.force(true);
          return;
        } catch (ClosedByInterruptException e) {
          LOG.debug("Interrupted while {} was forced to disk", fileOrFolder);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Writes a file anew: whatever happens it is whole, with its old content or the new one, and with
   * the new one on disk once this returns. Needs the name with {@code .tmp} after it.
   */
  public static void replace(Path file, String content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + TEMPORARY_EXTENSION);
    Files.writeString(temporary, content);
    sync(temporary);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    sync(file.toAbsolutePath().getParent());
  }

  /** Creates a folder and those above it, as far as they are missing; their names are on disk. */
  public static void createFolders(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Path parent = folder.toAbsolutePath().getParent();
    if (parent != null) {
      createFolders(parent);
    }
    Files.createDirectories(folder);
    if (parent != null) {
      try {
        sync(parent);
      } catch (IOException e) {
        Files.deleteIfExists(folder); // so that the next attempt does not take it for durable
        throw e;
      }
    }
  }

  /**
   * As {@link #createFolders}, and only this user may see what is in the folder, also if it existed
   * before. Where the file system has no permissions, or the folder is another user's, that is up
   * to whoever set them up.
   */
  public static void createPrivateFolder(Path folder) throws IOException {
    createFolders(folder);
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
      if (permissions.retainAll(USER_ONLY)) { // the user's own stay as they are
        Files.setPosixFilePermissions(folder, permissions);
      }
    } catch (IOException | UnsupportedOperationException e) {
      LOG.debug("Cannot make {} private: {}", folder, e.toString());
    }
  }

  /** The file's size in bytes; 0 when it does not exist. */
  public static long size(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  /**
   * Appends the bytes and returns when they are on disk; creates the file if it does not exist,
   * whose name is on disk only after its folder was synced. If that fails, for example because the
   * disk is full, the file keeps its previous content. Works in an interrupted thread too: unlike a
   * channel, a stream is not closed by an interrupt.
   */
  public static void append(Path file, byte[] bytes) throws IOException {
    long previousSize = size(file);
    try (var out = new FileOutputStream(file.toFile(), true)) {
      out.write(bytes);
      out.getFD().sync();
    } catch (IOException e) {
      if (Files.exists(file)) {
        try (var out = new RandomAccessFile(file.toFile(), "rw")) {
          out.setLength(previousSize);
        } catch (IOException suppressed) {
          e.addSuppressed(suppressed);
        }
      }
      throw e;
    }
  }

  /** The file's SHA-256 as hexadecimal digits. */
  public static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  /** Deletes a file, or a folder with everything in it, if it exists. Does not follow links. */
  public static void deleteTree(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException e) {
      // nothing to delete
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
