package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.shvideo.capture.motion.DrawnStream.Coding;
import org.shvideo.capture.stream.CameraStream;
import org.shvideo.capture.stream.CameraUrl;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamException;
import org.shvideo.capture.stream.StreamSettings;
import org.shvideo.tasks.TestFiles;
import org.shvideo.tasks.settings.Settings;

/** Re-encoded real footage, after a still scene through which a person walks four times. */
@Tag("footage")
@Tag("video")
class RestingFootageTest {
  private static final Settings NONE = Settings.of(Map.of());
  private static final double[] WALKS = {20.3, 32.5, 44.7, 56.9};
  private static final int FOOTAGE_BEGINS = 66;
  private static final int SECONDS = FOOTAGE_BEGINS + 30;

  /** About the rate of the footage. */
  private static final int FPS = 12;

  @Test
  void findsTheSameMotionAsInAllFrames() throws StreamException {
    assertFindsTheSameMotion(Coding.MPEG4_CONSTANT_QUALITY, true);
    assertFindsTheSameMotion(Coding.H264, false);
  }

  private static void assertFindsTheSameMotion(Coding coding, boolean rests)
      throws StreamException {
    try (Footage footage = new Footage("car-detection.mp4");
        DrawnStream stream = new DrawnStream(coding, footage.scene(), FPS)) {
      List<Packet> packets = new ArrayList<>();
      while (packets.size() < SECONDS * FPS) {
        packets.add(stream.next());
      }
      MotionSettings settings = MotionSettings.from(NONE);

      MotionScan all = scan(stream, settings.exhaustive(), packets);
      MotionScan found = scan(stream, settings, packets);

      assertThat(all.restingShare()).isZero();
      assertThat(found.restingShare() > 0).isEqualTo(rests);
      assertThat(all.events()).hasSizeGreaterThanOrEqualTo(WALKS.length + 3);
      assertThat(all.events())
          .allSatisfy(
              event ->
                  assertThat(found.events())
                      .anySatisfy(
                          same -> {
                            assertThat(same.begin()).isBetween(event.begin(), event.begin() + 0.3);
                            assertThat(same.detected() - event.begin()).isLessThan(3);
                          }));
      packets.forEach(Packet::close);
    }
  }

  private static MotionScan scan(
      DrawnStream stream, MotionSettings settings, List<Packet> packets) {
    try (StreamMotionDetector detector =
        new StreamMotionDetector("camera", stream.info(), settings)) {
      return DetectedMotion.of(detector, packets);
    }
  }

  /** Paints the first frame until the footage begins, then one frame after the other. */
  private static final class Footage implements AutoCloseable {
    private final CameraStream stream;
    private final SparseDecoder decoder;
    private final BufferedImage image;

    Footage(String name) throws StreamException {
      Path file = TestFiles.footage(name);
      stream =
          CameraStream.open(
              CameraUrl.parse(file.toString()), StreamSettings.from(NONE), new CountDownLatch(1));
      int width = stream.info().width();
      decoder = new SparseDecoder("file", stream.info(), FPS * 2, width);
      image = new BufferedImage(width, stream.info().height(), BufferedImage.TYPE_BYTE_GRAY);
      advance();
    }

    Scene scene() {
      return Scene.of(image.getWidth(), image.getHeight(), this::paint).noisy(2);
    }

    private void paint(Graphics2D picture, double seconds) {
      if (seconds >= FOOTAGE_BEGINS) {
        advance();
      }
      picture.drawImage(image, 0, 0, null);
      Arrays.stream(WALKS)
          .filter(walk -> seconds >= walk && seconds < walk + 2)
          .forEach(walk -> Scene.box(picture, 50 + 150 * (seconds - walk), 120, 80, 160, 200));
    }

    /** At the end, the last frame remains. */
    private void advance() {
      try {
        AVFrame frame = decoder.next();
        while (frame == null) {
          try (Packet packet = stream.readUnpaced()) {
            if (packet == null) {
              return;
            }
            decoder.send(packet);
          }
          frame = decoder.next();
        }
        byte[] pixels = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
        BytePointer luma = frame.data(0);
        for (int y = 0; y < image.getHeight(); y++) {
          luma.position((long) y * frame.linesize(0))
              .get(pixels, y * image.getWidth(), image.getWidth());
        }
      } catch (StreamException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void close() {
      decoder.close();
      stream.close();
    }
  }
}
