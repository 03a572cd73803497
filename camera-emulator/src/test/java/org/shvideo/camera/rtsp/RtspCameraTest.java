package org.shvideo.camera.rtsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.shvideo.camera.FfmpegClient;
import org.shvideo.camera.FfmpegClient.Received;
import org.shvideo.camera.TestVideo;
import org.shvideo.camera.media.EncodedVideo;

class RtspCameraTest {
  private static final EncodedVideo VIDEO = TestVideo.of(320, 240, 25, 25, 10);

  @Test
  void sendsEveryNalUnitBitForBitOverSeveralLoops() throws Exception {
    try (RtspCamera camera = RtspCamera.serving(VIDEO).start();
        FfmpegClient client = new FfmpegClient(camera.url())) {
      assertThat(client.width()).isEqualTo(320);
      assertThat(client.height()).isEqualTo(240);
      assertThat(client.frameRate()).isEqualTo(25, within(0.01));

      List<Received> received = client.read(60);

      assertThat(received).hasSize(60);
      for (int i = 0; i < received.size(); i++) {
        assertThat(TestVideo.split(received.get(i).data()))
            .isEqualTo(
                VIDEO.units().get(i % 25).nalUnits().stream().map(ByteBuffer::wrap).toList());
        assertThat(received.get(i).keyframe()).isEqualTo(VIDEO.units().get(i % 25).keyframe());
        // FFmpeg never stamps the first packet.
        if (i > 0) {
          assertThat(received.get(i).pts()).isEqualTo(i * 3600L);
        }
      }
      double seconds = (received.get(59).arrivalNanos() - received.get(30).arrivalNanos()) / 1e9;
      assertThat(seconds).isEqualTo(29 / 25.0, within(0.1));
    }
  }
}
