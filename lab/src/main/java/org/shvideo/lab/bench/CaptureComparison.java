package org.shvideo.lab.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.lab.measure.SceneFootage;
import org.shvideo.lab.measure.SceneOptions;

/**
 * Capture services that were measured at the same time.
 *
 * @param idle with one camera without motion
 * @param manyIdle with several such cameras
 * @param decoded with one such camera that is fully decoded
 * @param recorded with one camera with constant motion
 * @param subStream with one idle camera whose motion is detected in a small stream; may be empty
 */
record CaptureComparison(
    MeasuredCapture idle,
    MeasuredCapture manyIdle,
    MeasuredCapture decoded,
    MeasuredCapture recorded,
    Optional<MeasuredCapture> subStream,
    int cameras) {
  /** Time for starting and connecting everything. */
  private static final int MARGIN_SECONDS = 120;

  /**
   * Starts the services, waits until the idle cameras are at rest, and measures several times.
   *
   * @param small the small stream of a camera that has one
   */
  static CaptureComparison measure(
      Benchmark benchmark,
      SceneFootage footage,
      Optional<SceneFootage> small,
      SceneOptions options,
      int cameras,
      int repeats,
      int seconds)
      throws IOException, InterruptedException {
    int settleSeconds = options.settleSeconds();
    int quietSeconds = MARGIN_SECONDS + 2 * repeats * seconds;
    EncodedVideo quiet = footage.quietAfterMotions(settleSeconds, quietSeconds);
    EncodedVideo smallQuiet =
        small.map(other -> other.quietAfterMotions(settleSeconds, quietSeconds)).orElse(quiet);
    try (RtspCamera smallCamera = RtspCamera.serving(smallQuiet).start();
        CaptureTestBench bench = new CaptureTestBench(benchmark)) {
      benchmark.progress("starting capture, with %d cameras in all".formatted(cameras + 3));
      Optional<MeasuredCapture> subStream = Optional.empty();
      if (small.isPresent()) {
        Map<String, String> settings = new HashMap<>(CaptureTestBench.IDLE);
        settings.put("DETECT_URL", smallCamera.url());
        subStream = Optional.of(bench.add("capture, sub-stream", quiet, 1, settings));
      }
      CaptureComparison comparison =
          new CaptureComparison(
              bench.add("capture, idle", quiet, 1, CaptureTestBench.IDLE),
              bench.add("capture, many idle", quiet, cameras, CaptureTestBench.IDLE),
              bench.add("capture, idle, decoding all", quiet, 1, CaptureTestBench.IDLE_DECODED),
              bench.add("capture, recording", footage.joined(footage.busy()), 1, Map.of()),
              subStream,
              cameras);
      benchmark.progress("waiting %d s until the cameras are at rest".formatted(settleSeconds));
      bench.settle(settleSeconds);
      bench.awaitMotion(comparison.recorded());
      benchmark.progress("measuring capture: %d times %d s".formatted(repeats, seconds));
      bench.measure(repeats, Duration.ofSeconds(seconds));
      return comparison;
    }
  }

  /** The processor time that each additional idle camera takes, for each measurement. */
  List<Double> additionalPercent() {
    return perAdditionalCamera(manyIdle.percent, idle.percent);
  }

  /** The memory that each additional idle camera takes, for each measurement. */
  List<Double> additionalMib() {
    return perAdditionalCamera(manyIdle.residentMib, idle.residentMib);
  }

  private List<Double> perAdditionalCamera(List<Double> many, List<Double> one) {
    return IntStream.range(0, many.size())
        .mapToObj(repeat -> (many.get(repeat) - one.get(repeat)) / (cameras - 1))
        .toList();
  }
}
