package org.shvideo.lab.chaos;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.random.RandomGenerator;

/** What a power cut does to the end of a file that was written and not yet forced to disk. */
final class PowerCut {
  private static final int BLOCK = 4096;

  private PowerCut() {}

  /**
   * Damages the file beyond the size that is on disk: the rest is missing, or is NULs, or some of
   * its blocks reached the disk before others, which are NULs.
   *
   * @return the bytes that were lost
   */
  static long damage(Path file, long sizeOnDisk, RandomGenerator random) throws IOException {
    if (!Files.exists(file)) {
      return 0;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      long size = channel.size();
      if (size <= sizeOnDisk) {
        return 0;
      }
      int how = random.nextInt(3);
      if (how == 0) {
        channel.truncate(sizeOnDisk);
        return size - sizeOnDisk;
      }
      long lost = 0;
      for (long start = sizeOnDisk; start < size; start = (start / BLOCK + 1) * BLOCK) {
        long end = Math.min(size, (start / BLOCK + 1) * BLOCK);
        if (how == 1 || random.nextBoolean()) {
          channel.write(ByteBuffer.allocate((int) (end - start)), start);
          lost += end - start;
        }
      }
      return lost;
    }
  }
}
