package org.shvideo.capture.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MatroskaWriterTest {
  /** An EBML head of one byte, and a segment of two. */
  private static final byte[] COMPLETE = HexFormat.of().parseHex("1a45dfa38100" + "18538067820000");

  @TempDir Path folder;

  @Test
  void aClosedSegmentHasItsSize() throws IOException {
    assertThat(isComplete(COMPLETE)).isTrue();
  }

  @Test
  void whatIsCutOffOrDamagedIsNotComplete() throws IOException {
    for (int length = 0; length < COMPLETE.length; length++) {
      assertThat(isComplete(Arrays.copyOf(COMPLETE, length))).as("%d bytes", length).isFalse();
    }
    Random random = new Random(7);
    for (int i = 0; i < 2000; i++) {
      byte[] damaged = COMPLETE.clone();
      // Sizes, and the first byte of the segment's name.
      damaged[4] = (byte) (random.nextInt(16) << random.nextInt(5));
      damaged[5 + random.nextInt(2)] = (byte) (0x80 | random.nextInt(16));
      assertThat(isComplete(damaged)).as(HexFormat.of().formatHex(damaged)).isFalse();
    }
  }

  private boolean isComplete(byte[] content) throws IOException {
    return MatroskaWriter.isComplete(Files.write(folder.resolve("clip.mkv"), content));
  }
}
