package org.shvideo.lab.bench;

import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR24;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BICUBIC;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;
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
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
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
import org.shvideo.tasks.settings.Settings;

/**
 * Looks at one camera as the prototype does, until its stream ends: every frame is decoded, on as
 * many threads as FFmpeg likes, converted to BGR at full resolution, as OpenCV's {@code
 * VideoCapture} does, and given to {@code MOG2} without shadows (OpenCV's defaults otherwise: 500
 * frames of history, threshold 16); the mask is eroded and dilated twice, and each outer contour of
 * 5000 px² is framed. Its recording, which encodes each frame anew, is left out.
 *
 * <p>Prints a dot for each frame, so that whoever measures it can count them.
 */
public final class PrototypeMotion implements AutoCloseable {
  private static final int HISTORY = 500;
  private static final double THRESHOLD = 16;
  private static final double MIN_AREA = 5000;
  private static final int ITERATIONS = 2;

  private final AVCodecContext decoder;
  private final AVFrame frame = av_frame_alloc();
  private final SwsContext conversion;
  private final Mat picture;
  private final PointerPointer<Pointer> pictureData = new PointerPointer<>(1);
  private final IntPointer pictureStride = new IntPointer(1);
  private final BackgroundSubtractorMOG2 background =
      createBackgroundSubtractorMOG2(HISTORY, THRESHOLD, false);
  private final Mat mask = new Mat();
  private final Mat square = new Mat();
  private final Point middle = new Point(-1, -1);
  private final Scalar border = morphologyDefaultBorderValue();
  private final MatVector contours = new MatVector();
  private final Scalar green = new Scalar(0, 255, 0, 0);

  private PrototypeMotion(StreamInfo info) {
    AVCodec codec = avcodec_find_decoder(info.parameters().codec_id());
    decoder = avcodec_alloc_context3(codec);
    check(avcodec_parameters_to_context(decoder, info.parameters()));
    decoder.thread_count(0);
    check(avcodec_open2(decoder, codec, (PointerPointer<?>) null));
    int width = info.width();
    int height = info.height();
    int format = info.parameters().format();
    conversion =
        sws_getContext(
            width,
            height,
            format,
            width,
            height,
            AV_PIX_FMT_BGR24,
            SWS_BICUBIC,
            null,
            null,
            (DoublePointer) null);
    picture = new Mat(height, width, CV_8UC3);
    pictureData.put(0, picture.data());
    pictureStride.put(0, Math.toIntExact(picture.step()));
  }

  /** Looks at the camera that the environment names. */
  public static void main(String[] arguments) throws StreamException {
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

  private void accept(Packet packet, PrintStream told) {
    check(avcodec_send_packet(decoder, packet.data()));
    while (avcodec_receive_frame(decoder, frame) >= 0) {
      look();
      told.print('.');
      told.flush();
    }
  }

  private void look() {
    sws_scale(
        conversion, frame.data(), frame.linesize(), 0, frame.height(), pictureData, pictureStride);
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

  private static void check(int status) {
    if (status < 0) {
      throw new IllegalStateException("FFmpeg error " + status);
    }
  }

  @Override
  public void close() {
    List.of(picture, pictureData, pictureStride, mask, square, middle, border, contours, green)
        .forEach(Pointer::close);
    background.close();
    sws_freeContext(conversion);
    av_frame_free(frame);
    avcodec_free_context(decoder);
  }
}
