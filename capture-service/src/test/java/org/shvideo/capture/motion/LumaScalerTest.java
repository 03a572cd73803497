package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_get_pix_fmt;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LumaScalerTest {
  private static final int WIDTH = 100;
  private static final int HEIGHT = 60;

  @ParameterizedTest(name = "{0}: a sample of {1} is scaled to 200")
  @CsvSource({
    "gray, 200",
    "yuv420p, 200",
    "yuvj422p, 200",
    "nv12, 200",
    "yuv420p10le, 800",
    "yuv422p12le, 3200",
    "p010le, 51200", // its ten bits are the upper ones
    "gray16le, 51200",
  })
  void everyBitDepthGivesTheSamePicture(String format, int bright) {
    AVFrame frame = frame(format);
    int bytes = bright > 255 ? 2 : 1;
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int sample = x < WIDTH / 2 ? 0 : bright; // the right half is bright
        long at = (long) y * frame.linesize(0) + (long) x * bytes;
        frame.data(0).put(at, (byte) sample);
        if (bytes == 2) {
          frame.data(0).put(at + 1, (byte) (sample >> 8));
        }
      }
    }

    assertThat(LumaScaler.isReadable(frame)).isTrue();
    try (LumaScaler scaler = new LumaScaler(20, 12)) {
      Mat picture = scaler.scale(frame);
      assertThat(picture.cols()).isEqualTo(20);
      assertThat(picture.rows()).isEqualTo(12);
      for (int y = 0; y < 12; y++) {
        assertThat(picture.ptr(y, 9).get()).isZero();
        assertThat(picture.ptr(y, 10).get()).isEqualTo((byte) 200);
      }
    }
    av_frame_free(frame);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pal8", "rgb24", "yuyv422", "yuv420p10be", "monow", "grayf32le"})
  void formatsWithoutLumaPlaneAreNotReadable(String format) {
    AVFrame frame = frame(format);
    assertThat(LumaScaler.isReadable(frame)).isFalse();
    av_frame_free(frame);
  }

  private static AVFrame frame(String format) {
    AVFrame frame = av_frame_alloc();
    frame.width(WIDTH).height(HEIGHT).format(av_get_pix_fmt(format));
    assertThat(av_frame_get_buffer(frame, 0)).isZero();
    return frame;
  }
}
