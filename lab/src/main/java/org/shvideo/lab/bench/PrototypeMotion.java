package org.shvideo.lab.bench;

import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR24;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BICUBIC;
import static org.bytedeco.opencv.global.opencv_core.BORDER_CONSTANT;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgproc.CHAIN_APPROX_SIMPLE;
import static org.bytedeco.opencv.global.opencv_imgproc.RETR_EXTERNAL;
import static org.bytedeco.opencv.global.opencv_imgproc.boundingRect;
import static org.bytedeco.opencv.global.opencv_imgproc.contourArea;
import static org.bytedeco.opencv.global.opencv_imgproc.dilate;
import static org.bytedeco.opencv.global.opencv_imgproc.erode;
import static org.bytedeco.opencv.global.opencv_imgproc.findContours;
import static org.bytedeco.opencv.global.opencv_imgproc.morphologyDefaultBorderValue;
import static org.bytedeco.opencv.global.opencv_imgproc.rectangle;
import static org.bytedeco.opencv.global.opencv_video.createBackgroundSubtractorMOG2;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_video.BackgroundSubtractorMOG2;
import org.shvideo.ffmpeg.Decoder;
import org.shvideo.ffmpeg.Demuxer;
import org.shvideo.ffmpeg.Scaler;

/**
 * Motion detection as in the Python prototype, to compare with: each frame is decoded on as many
 * threads as FFmpeg chooses, converted to BGR at full resolution, as OpenCV's {@code VideoCapture}
 * does, and given to {@code MOG2} without shadows, with 500 frames of history and threshold 16; the
 * mask is eroded and dilated twice, and each outer contour of 5000 px² gets a box. The prototype's
 * network connection and recording are left out. Not thread-safe.
 */
final class PrototypeMotion implements AutoCloseable {
  private static final int HISTORY = 500;
  private static final double THRESHOLD = 16;
  private static final double MIN_AREA = 5000;
  private static final int ITERATIONS = 2;

  private final Scaler scaler = new Scaler(AV_PIX_FMT_BGR24, SWS_BICUBIC);
  private final BackgroundSubtractorMOG2 background =
      createBackgroundSubtractorMOG2(HISTORY, THRESHOLD, false);
  private final Mat buffer = new Mat();
  private final Mat mask = new Mat();
  private final Mat kernel = new Mat();
  private final Point center = new Point(-1, -1);
  private final Scalar border = morphologyDefaultBorderValue();
  private final MatVector contours = new MatVector();
  private final Scalar green = new Scalar(0, 255, 0, 0);

  /** Processes all frames of a file; the background is kept from earlier files. */
  void process(Path video) throws IOException {
    try (Demuxer demuxer = Demuxer.of(video, Map.of())) {
      demuxer.findStreams();
      try (Decoder decoder =
          new Decoder(demuxer.selectVideo().codecpar(), context -> context.thread_count(0))) {
        for (AVPacket packet = demuxer.read(); packet != null; packet = demuxer.read()) {
          if (decoder.send(packet)) {
            receiveFrames(decoder);
          }
        }
        decoder.drain();
        receiveFrames(decoder);
      }
    }
  }

  private void receiveFrames(Decoder decoder) {
    while (decoder.receive() == Decoder.Received.FRAME) {
      process(decoder.frame());
    }
  }

  private void process(AVFrame frame) {
    // FFmpeg may write beyond the last row.
    buffer.create(frame.height() + 1, frame.width(), CV_8UC3);
    try (Mat picture = buffer.rowRange(0, frame.height())) {
      scaler.scale(
          frame, frame.width(), frame.height(), picture.data(), Math.toIntExact(picture.step()));
      detectMotion(picture);
    }
  }

  private void detectMotion(Mat picture) {
    background.apply(picture, mask);
    erode(mask, mask, kernel, center, ITERATIONS, BORDER_CONSTANT, border);
    dilate(mask, mask, kernel, center, ITERATIONS, BORDER_CONSTANT, border);
    findContours(mask, contours, RETR_EXTERNAL, CHAIN_APPROX_SIMPLE);
    for (long i = 0; i < contours.size(); i++) {
      if (contourArea(contours.get(i)) >= MIN_AREA) {
        try (Rect box = boundingRect(contours.get(i))) {
          rectangle(picture, box, green);
        }
      }
    }
  }

  @Override
  public void close() {
    List.of(buffer, mask, kernel, center, border, contours, green).forEach(Pointer::close);
    background.close();
    scaler.close();
  }
}
