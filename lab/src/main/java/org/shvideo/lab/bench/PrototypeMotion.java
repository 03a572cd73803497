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

import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_video.BackgroundSubtractorMOG2;
import org.shvideo.capture.CaptureSettings;
import org.shvideo.capture.stream.CameraStream;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamException;
import org.shvideo.capture.stream.StreamInfo;
import org.shvideo.ffmpeg.Decoder;
import org.shvideo.ffmpeg.FFmpegException;
import org.shvideo.ffmpeg.Scaler;
import org.shvideo.tasks.settings.Settings;

/**
 * Analyses one camera as the prototype does, until its stream ends: every frame is decoded, on as
 * many threads as FFmpeg chooses, converted to BGR at full resolution, as OpenCV's {@code
 * VideoCapture} does, and given to {@code MOG2} without shadows (OpenCV's defaults otherwise: 500
 * frames of history, threshold 16); the mask is eroded and dilated twice, and each outer contour of
 * 5000 px² is framed. The prototype's recording, which encodes each frame again, is left out.
 *
 * <p>Prints a dot for each frame, so that the benchmark can count them.
 */
public final class PrototypeMotion implements AutoCloseable {
  private static final int HISTORY = 500;
  private static final double THRESHOLD = 16;
  private static final double MIN_AREA = 5000;
  private static final int ITERATIONS = 2;

  private final Decoder decoder;
  private final Scaler toBgr = new Scaler(AV_PIX_FMT_BGR24, SWS_BICUBIC);
  private final Mat picture;
  private final BackgroundSubtractorMOG2 background =
      createBackgroundSubtractorMOG2(HISTORY, THRESHOLD, false);
  private final Mat mask = new Mat();
  private final Mat square = new Mat();
  private final Point middle = new Point(-1, -1);
  private final Scalar border = morphologyDefaultBorderValue();
  private final MatVector contours = new MatVector();
  private final Scalar green = new Scalar(0, 255, 0, 0);

  private PrototypeMotion(StreamInfo info) throws FFmpegException {
    decoder = new Decoder(info.parameters(), context -> context.thread_count(0));
    picture = new Mat(info.height(), info.width(), CV_8UC3);
  }

  /** Analyses the camera that the environment names. */
  public static void main(String[] arguments) throws StreamException, FFmpegException {
    Settings environment = Settings.ofProcess();
    CaptureSettings settings = CaptureSettings.from(environment);
    environment.check();
    try (CameraStream stream =
            CameraStream.open(
                settings.cameras().get(0).url(), settings.stream(), new CountDownLatch(1));
        PrototypeMotion motion = new PrototypeMotion(stream.info())) {
      for (Packet packet = stream.read(); packet != null; packet = stream.read()) {
        try (Packet taken = packet) {
          motion.accept(taken, System.out);
        }
      }
    }
  }

  private void accept(Packet packet, PrintStream out) {
    if (!decoder.send(packet.data())) {
      throw new IllegalStateException("a packet could not be decoded");
    }
    while (decoder.receive() == Decoder.Received.FRAME) {
      detect();
      out.print('.');
      out.flush();
    }
  }

  private void detect() {
    toBgr.scale(
        decoder.frame(), picture.cols(), picture.rows(), picture.data(), (int) picture.step());
    background.apply(picture, mask);
    erode(mask, mask, square, middle, ITERATIONS, BORDER_CONSTANT, border);
    dilate(mask, mask, square, middle, ITERATIONS, BORDER_CONSTANT, border);
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
    List.of(picture, mask, square, middle, border, contours, green).forEach(Pointer::close);
    background.close();
    toBgr.close();
    decoder.close();
  }
}
