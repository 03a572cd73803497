package org.shvideo.camera.rtsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.camera.Authentication;
import org.shvideo.camera.FfmpegClient;
import org.shvideo.camera.FfmpegClient.Received;
import org.shvideo.camera.TestFile;
import org.shvideo.camera.TestVideo;
import org.shvideo.camera.media.AccessUnit;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.media.VideoFile;
import org.shvideo.camera.rtsp.RawRtspClient.Frame;

@Tag("camera")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RtspCameraTest {
  private static final EncodedVideo VIDEO = TestVideo.of(320, 240, 25, 25, 10);

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "udp"})
  void sendsEveryNalUnitUnchanged(String transport) throws Exception {
    try (RtspCamera camera = RtspCamera.serving(VIDEO).start();
        FfmpegClient client = new FfmpegClient(camera.url(), Map.of("rtsp_transport", transport))) {
      assertThat(client.width()).isEqualTo(320);
      assertThat(client.height()).isEqualTo(240);
      assertThat(client.frameRate()).isEqualTo(25, within(0.01));

      List<Received> received = client.read(60);

      assertUnits(received, VIDEO);
      for (int i = 1; i < received.size(); i++) {
        assertThat(received.get(i).pts()).isEqualTo(i * 3600L);
      }
    }
  }

  @Test
  void sendsInRealTime() throws Exception {
    try (RtspCamera camera = RtspCamera.serving(VIDEO).start();
        RawRtspClient client = new RawRtspClient(camera)) {
      client.play();
      long begin = System.nanoTime();
      readUnits(client, 41);
      Duration took = Duration.ofNanos(System.nanoTime() - begin);

      assertThat(took).isBetween(Duration.ofMillis(1500), Duration.ofMillis(2500));
    }
  }

  @Test
  void keepsPresentationTimesOfBFramesInEveryLoop(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("b-frames.mp4");
    try (InputStream in = TestFile.class.getResourceAsStream("b-frames.mp4")) {
      Files.copy(in, file);
    }
    EncodedVideo video = VideoFile.read(file);
    try (RtspCamera camera = RtspCamera.serving(video).start();
        FfmpegClient client = new FfmpegClient(camera.url())) {
      List<Received> received = client.read(50);

      assertUnits(received, video);
      long first = video.units().get(0).ptsMicros();
      for (int i = 1; i < received.size(); i++) {
        int loop = i / video.units().size();
        AccessUnit unit = video.units().get(i % video.units().size());
        long micros = loop * 1_600_000L + unit.ptsMicros() - first;
        assertThat(received.get(i).pts()).as("unit %d", i).isEqualTo(Math.round(micros * 0.09));
      }
      assertThat(new TreeSet<>(received.stream().skip(1).map(Received::pts).toList())).hasSize(49);
    }
  }

  @ParameterizedTest
  @EnumSource
  void requiresCredentials(Authentication.Scheme scheme) throws Exception {
    try (RtspCamera camera =
        RtspCamera.serving(VIDEO).credentials("us er", "p@ss:/?%ü").scheme(scheme).start()) {
      assertThat(camera.url()).contains("us%20er:p%40ss%3A%2F%3F%25%C3%BC@127.0.0.1");
      try (FfmpegClient client = new FfmpegClient(camera.url())) {
        assertThat(client.read(3)).hasSize(3);
      }
      assertRefused(camera.address());
      assertRefused(camera.address().replace("//", "//us%20er:wrong@"));
      assertRefused(camera.address().replace("//", "//other:p%40ss%3A%2F%3F%25%C3%BC@"));
    }
  }

  private static void assertRefused(String url) {
    assertThatThrownBy(() -> new FfmpegClient(url)).hasMessageContaining("401 Unauthorized");
  }

  @Test
  void everyClientStartsAtTheBeginning() throws Exception {
    try (RtspCamera camera = RtspCamera.serving(VIDEO).start();
        FfmpegClient one = new FfmpegClient(camera.url())) {
      assertThat(one.read(5)).hasSize(5);
      try (FfmpegClient two = new FfmpegClient(camera.url())) {
        assertThat(camera.playing()).isEqualTo(2);
        assertUnits(two.read(12), VIDEO);
      }
      assertThat(one.read(12)).hasSize(12);
      assertThat(camera.totalConnections()).isEqualTo(2);
      await("second client disconnected").until(() -> camera.connections() == 1);
    }
  }

  @Test
  void liveCameraStartsClientsAtTheNextKeyframe() throws Exception {
    try (RtspCamera camera = RtspCamera.serving(VIDEO).live().start();
        RawRtspClient one = new RawRtspClient(camera)) {
      one.play();
      readUnits(one, 4);
      try (RawRtspClient two = new RawRtspClient(camera)) {
        two.play();
        Frame first = two.rtp();
        assertThat(first.nalType()).isEqualTo(7);
        readUnits(two, 1);
        Frame keyframe;
        do {
          keyframe = two.rtp();
        } while (keyframe.nalType() != 7);
        long apart = (keyframe.timestamp() - first.timestamp()) & 0xffffffffL;
        // Keyframes are the units 0, 10 and 20 of 25.
        assertThat(apart / 3600).isIn(5L, 10L);
      }
    }
  }

  @Test
  void slowClientDoesNotDelayOthers() throws Exception {
    EncodedVideo large = TestVideo.of(1280, 720, 25, 10, 1);
    try (RtspCamera camera = RtspCamera.serving(large).start();
        RawRtspClient slow = new RawRtspClient(camera);
        RawRtspClient fast = new RawRtspClient(camera)) {
      slow.socket().setReceiveBufferSize(4096);
      slow.play();
      fast.play();
      long begin = System.nanoTime();
      readUnits(fast, 26);

      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(3));
    }
  }

  @Test
  void closeReleasesPortConnectionsAndThreads() throws Exception {
    RtspCamera camera = RtspCamera.serving(VIDEO).start();
    RawRtspClient idle = new RawRtspClient(camera);
    FfmpegClient playing = new FfmpegClient(camera.url());

    camera.close();

    assertThat(camera.connections()).isZero();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("rtsp-camera-" + camera.port()));
    assertThatThrownBy(() -> new RawRtspClient(camera)).isInstanceOf(IOException.class);
    playing.close();
    idle.close();
  }

  @Test
  void reportsAPortInUse() throws Exception {
    try (RtspCamera camera = RtspCamera.serving(VIDEO).start()) {
      assertThatThrownBy(() -> RtspCamera.serving(VIDEO).port(camera.port()).start())
          .hasMessageContaining("cannot listen at 127.0.0.1:" + camera.port());
    }
  }

  private static void readUnits(RawRtspClient client, int count) throws IOException {
    for (int units = 0; units < count; ) {
      if (client.rtp().marked()) {
        units++;
      }
    }
  }

  private static void assertUnits(List<Received> received, EncodedVideo video) {
    int length = video.units().size();
    for (int i = 0; i < received.size(); i++) {
      AccessUnit unit = video.units().get(i % length);
      assertThat(TestVideo.split(received.get(i).data()))
          .as("unit %d", i)
          .isEqualTo(unit.nalUnits().stream().map(ByteBuffer::wrap).toList());
      assertThat(received.get(i).keyframe()).isEqualTo(unit.keyframe());
    }
  }
}
