package org.shvideo.lab.powercut;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What a disk may contain after a power cut: all writes before the last flush, and of those after
 * it any, in part. Moments are lengths of the record. Not thread-safe.
 */
final class DiskImages implements AutoCloseable {
  private static final int SECTOR = 512;
  private static final int PAGE = 4096;

  /** A write, or a flush, whose offset is negative; with where its data is and where it ends. */
  private record Entry(long offset, int length, long data) {
    long end() {
      return data + length;
    }

    boolean isFlush() {
      return offset < 0;
    }
  }

  private final List<Entry> entries = new ArrayList<>();
  private final FileChannel log;
  private final Path durable;
  private int applied;

  /**
   * Reads the record.
   *
   * @param durable the file system before the first write; it is advanced with each image
   */
  DiskImages(Path log, Path durable) throws IOException {
    this.durable = durable;
    this.log = FileChannel.open(log, StandardOpenOption.READ);
    try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(log)))) {
      for (long position = 0; position < Files.size(log); ) {
        long offset = Long.reverseBytes(in.readLong());
        int length = Math.toIntExact(Long.reverseBytes(in.readLong()));
        in.skipNBytes(length);
        entries.add(new Entry(offset, length, position + 16));
        position += 16 + length;
      }
    }
  }

  /** The moment after the given one by which so many more requests were recorded. */
  long after(long moment, int requests) {
    int index = 0;
    while (index < entries.size() && entries.get(index).end() <= moment) {
      index++;
    }
    return entries.get(Math.min(index + requests, entries.size()) - 1).end();
  }

  /**
   * Makes an image of a power cut.
   *
   * @param moment not before those of earlier calls
   */
  void cut(long moment, Random random, Path image) throws IOException, InterruptedException {
    int end = 0;
    int flushed = 0;
    for (; end < entries.size() && entries.get(end).end() <= moment; end++) {
      flushed = entries.get(end).isFlush() ? end : flushed;
    }
    try (FileChannel disk = FileChannel.open(durable, StandardOpenOption.WRITE)) {
      for (; applied < flushed; applied++) {
        write(entries.get(applied), disk, 0, entries.get(applied).length());
      }
    }
    FileSystemKind.run("cp", "--sparse=always", durable.toString(), image.toString());
    double kept = random.nextInt(5) / 4.0;
    double torn = random.nextInt(3) / 4.0;
    try (FileChannel disk = FileChannel.open(image, StandardOpenOption.WRITE)) {
      for (Entry entry : entries.subList(flushed, end)) {
        if (random.nextDouble() < kept) {
          if (random.nextDouble() < torn) {
            tear(entry, disk, random);
          } else {
            write(entry, disk, 0, entry.length());
          }
        }
      }
    }
  }

  /** Writes some sectors or pages of an entry. */
  private void tear(Entry entry, FileChannel disk, Random random) throws IOException {
    int unit = random.nextBoolean() ? SECTOR : PAGE;
    for (int from = 0; from < entry.length(); from += unit) {
      if (random.nextBoolean()) {
        write(entry, disk, from, Math.min(unit, entry.length() - from));
      }
    }
  }

  private void write(Entry entry, FileChannel disk, int from, int length) throws IOException {
    if (entry.isFlush()) {
      return;
    }
    ByteBuffer data = ByteBuffer.allocate(length);
    while (data.hasRemaining() && log.read(data, entry.data() + from + data.position()) >= 0) {}
    data.flip();
    while (data.hasRemaining()) {
      disk.write(data, entry.offset() + from + data.position());
    }
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
