package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.camera.Fault;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.media.VideoFile;
import org.shvideo.camera.rtsp.RtspCamera;

/** A connection that fails, at any stage, leaves nothing behind, however often it is tried. */
@Tag("camera")
class ReconnectStormTest {
  private static final int ROUNDS = 20;
  private static final StreamSettings SETTINGS =
      new StreamSettings(StreamSettings.Transport.TCP, Duration.ofSeconds(5));

  @TempDir Path folder;

  @Test
  void failedConnectionsLeakNothing() throws Exception {
    EncodedVideo video =
        VideoFile.read(TestVideo.of("libopenh264", 50, 50).write(folder.resolve("camera.mp4")));
    try (ScriptedServer atOnce = new ScriptedServer((request, out) -> false);
        ScriptedServer failing = ScriptedServer.rtsp("503 Service Unavailable");
        RtspCamera dropping = RtspCamera.serving(video).faults(new Fault.Disconnect(3)).start()) {
      Runnable round =
          () -> {
            fail(atOnce.url("rtsp", "/live"));
            fail(atOnce.url("http", "/live"));
            fail(failing.url("rtsp", "/live"));
            fail(dropping.url());
          };
      for (int i = 0; i < ROUNDS; i++) {
        round.run();
      }
      int threads = Thread.activeCount();
      long files = openFiles();
      long memory = residentBytes();
      for (int i = 0; i < ROUNDS; i++) {
        round.run();
      }

      // The servers' own threads and sockets take a moment to end.
      assertThat(Thread.activeCount()).isLessThan(threads + ROUNDS / 2);
      assertThat(openFiles()).isLessThan(files + ROUNDS / 2);
      assertThat(residentBytes() - memory).isLessThan(ROUNDS * 4L * 150_000);
    }
  }

  private static void fail(String url) {
    try (CameraStream stream =
        CameraStream.open(CameraUrl.parse(url), SETTINGS, new CountDownLatch(1))) {
      for (Packet packet = stream.read(); packet != null; packet = stream.read()) {
        packet.close();
      }
    } catch (StreamException expected) {
      return;
    }
    throw new AssertionError("it should have failed");
  }

  private static long openFiles() throws IOException {
    Path own = Path.of("/proc/self/fd");
    Assumptions.assumeTrue(Files.isDirectory(own), "only Linux tells what is open");
    try (Stream<Path> files = Files.list(own)) {
      return files.count();
    }
  }

  private static long residentBytes() throws IOException {
    Optional<String> line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(each -> each.startsWith("VmRSS:"))
            .findFirst();
    return Long.parseLong(line.orElseThrow().replaceAll("\\D", "")) << 10;
  }
}
