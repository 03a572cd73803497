package org.shvideo.capture.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.capture.container.FrameRate;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.testing.Footage;
import org.shvideo.capture.testing.RecordedClip;
import org.shvideo.capture.testing.Samples;

class EncodeClipWriterTest {
  @TempDir Path folder;

  @Test
  void encodesHevcAtTheCamerasRate() throws IOException {
    try (Footage footage = Footage.of(Samples.file("hevc.mp4"))) {
      RecordedClip clip = encoded(footage, -1);

      assertThat(footage.info().codec()).isEqualTo("hevc");
      assertThat(clip.codec()).isEqualTo("mpeg4");
      assertThat(clip.tag()).isEqualTo("XVID");
      assertThat(clip.frameRate()).isEqualTo(12);
      assertThat(clip.seconds()).isCloseTo(5, within(0.001));
      assertThat(clip.decoded()).isEqualTo(60);
      assertThat(IntStream.range(0, 60).filter(i -> clip.keyframes().get(i)))
          .as("keyframes every two seconds")
          .containsExactly(0, 24, 48);
    }
  }

  @Test
  void encodesFullRangeMjpeg() throws IOException {
    try (Footage footage = Footage.mjpeg(10, 30)) {
      RecordedClip clip = encoded(footage, -1);

      assertThat(clip.codec()).isEqualTo("mpeg4");
      assertThat(clip.decoded()).isEqualTo(30);
      assertThat(clip.seconds()).isCloseTo(3, within(0.001));
    }
  }

  @Test
  void skipsUndecodablePackets() throws IOException {
    try (Footage footage = Footage.mjpeg(10, 30)) {
      RecordedClip clip = encoded(footage, 7);

      assertThat(clip.decoded()).isEqualTo(29);
      assertThat(clip.slots())
          .isEqualTo(LongStream.range(0, 30).filter(i -> i != 7).boxed().toList());
      assertThat(clip.seconds()).isCloseTo(3, within(0.001));
    }
  }

  private RecordedClip encoded(Footage footage, int damaged) throws IOException {
    Path file = folder.resolve("clip.avi");
    FrameRate rate = FrameRate.of(footage.info().frameRate());
    try (EncodeClipWriter writer = new EncodeClipWriter(file, footage.info(), rate, Map.of())) {
      for (int i = 0; i < footage.size(); i++) {
        try (Packet packet = footage.packet(i)) {
          if (i == damaged) {
            BytePointer data = packet.data().data();
            BytePointer.memset(data, 0, packet.size());
          }
          writer.write(packet);
        }
      }
    }
    return RecordedClip.read(file);
  }
}
