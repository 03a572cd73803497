package org.shvideo.worker.analysis;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.monitoring.CheckResult;
import org.shvideo.tasks.monitoring.Metrics;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.worker.clip.ClipReader;
import org.shvideo.worker.clip.ClipUnreadableException;
import org.shvideo.worker.clip.FrameSampler;
import org.shvideo.worker.clip.Sampling;
import org.shvideo.worker.result.ClipSummary;
import org.shvideo.worker.result.Snapshot;
import org.shvideo.worker.yolo.YoloDetector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Analyses a clip: reads, samples and detects, and returns the clip's line; writes the snapshot.
 * Needs no queue. Thread-safe; clips analysed in parallel share the detector's threads.
 */
public final class ClipAnalyzer {
  private static final Logger log = LoggerFactory.getLogger(ClipAnalyzer.class);

  private static final int MAX_DECODING_THREADS = 4;

  private final YoloDetector detector;
  private final Sampling sampling;
  private final boolean snapshots;
  private final Clock clock;
  private final LongAdder decodedFrames = new LongAdder();
  private final LongAdder decodeNanos = new LongAdder();
  private final LongAdder sampleNanos = new LongAdder();
  private final LongAdder snapshotNanos = new LongAdder();

  /** Called for each frame that was read. What it throws ends the analysis. */
  public interface Progress {
    /** Frames read so far, and in total; 0 when unknown. */
    void at(int frames, int total);
  }

  /** As the other, with the clock of this machine. */
  public ClipAnalyzer(YoloDetector detector, Sampling sampling, boolean snapshots) {
    this(detector, sampling, snapshots, Clock.system(ZoneId.systemDefault()));
  }

  /** Borrows the detector. With {@code snapshots}, writes the best frame beside the clip. */
  public ClipAnalyzer(YoloDetector detector, Sampling sampling, boolean snapshots, Clock clock) {
    this.detector = detector;
    this.sampling = sampling;
    this.snapshots = snapshots;
    this.clock = clock;
  }

  /**
   * Analyses one clip.
   *
   * @return the line, without job and camera
   * @throws ClipUnreadableException when the file holds no clip: another attempt will not help
   * @throws IOException when the file could not be read this time
   */
  public DetectionLine analyse(Path clip, Progress progress)
      throws ClipUnreadableException, IOException {
    long started = System.nanoTime();
    ClipSummary summary = new ClipSummary();
    int decodingThreads = Math.min(MAX_DECODING_THREADS, detector.threads());
    try (BestFrame best = new BestFrame();
        ClipReader reader = ClipReader.open(clip, decodingThreads)) {
      readAll(reader, summary, best, progress);
      if (reader.damaged() > 0) {
        log.warn("{} is damaged: {} bad packets or frames", clip.getFileName(), reader.damaged());
      }
      DetectionLine.Builder line =
          DetectionLine.builder(clip.getFileName().toString(), LocalDateTime.now(clock))
              .clip(reader.duration(), reader.index() + 1)
              .timeGuessed(reader.isTimeGuessed())
              .model(detector.modelName(), detector.confidence(), sampling.toString())
              .objects(summary.objects());
      if (snapshots) {
        writeSnapshot(clip, best, line);
      }
      return line.analysis(summary.analysed(), (System.nanoTime() - started) / 1e9).build();
    }
  }

  /** Adds the model and the time spent in each stage to health and metrics. */
  public void addTo(Monitoring monitoring) {
    monitoring.health().add("model", () -> CheckResult.ok(detector.modelName() + " is loaded"));
    Metrics metrics = monitoring.metrics();
    metrics.info("shvideo_model_info", "The model in use.", "model", detector.modelName());
    metrics.counter("shvideo_frames_decoded_total", "Frames of clips decoded.", decodedFrames::sum);
    metrics.counter(
        "shvideo_frames_analysed_total", "Frames that went through the model.", detector::frames);
    addStage(metrics, "decode", decodeNanos::sum);
    addStage(metrics, "sample", sampleNanos::sum);
    addStage(metrics, "preprocess", detector::letterboxNanos);
    addStage(metrics, "inference", detector::modelNanos);
    addStage(metrics, "postprocess", detector::suppressionNanos);
    addStage(metrics, "snapshot", snapshotNanos::sum);
  }

  public static void addStage(Metrics metrics, String stage, DoubleSupplier nanos) {
    metrics.counter(
        "shvideo_stage_seconds_total",
        "Time spent in the stages of analysis, of all threads: `decode`, `sample`, `preprocess`,"
            + " `inference`, `postprocess`, `snapshot`, `log`.",
        () -> nanos.getAsDouble() / 1e9,
        "stage",
        stage);
  }

  private void readAll(ClipReader reader, ClipSummary summary, BestFrame best, Progress progress)
      throws ClipUnreadableException, IOException {
    FrameSampler sampler = sampling.sampler();
    int total = reader.info().expectedFrames();
    try (FramePipeline pipeline = new FramePipeline(detector, reader, decodeNanos, summary, best)) {
      while (decodeNext(reader)) {
        switch (choose(sampler, reader)) {
          case ANALYSE -> pipeline.analyse();
          case RESERVE -> pipeline.reserve();
          case SKIP -> {}
        }
        progress.at(reader.index() + 1, total);
      }
      pipeline.finish();
    }
  }

  private boolean decodeNext(ClipReader reader) throws ClipUnreadableException, IOException {
    long start = System.nanoTime();
    boolean more = reader.next();
    decodeNanos.add(System.nanoTime() - start);
    if (more) {
      decodedFrames.increment();
    }
    return more;
  }

  private FrameSampler.Choice choose(FrameSampler sampler, ClipReader reader) {
    long start = System.nanoTime();
    FrameSampler.Choice choice = sampler.choose(reader.seconds(), reader::luma);
    sampleNanos.add(System.nanoTime() - start);
    return choice;
  }

  private void writeSnapshot(Path clip, BestFrame best, DetectionLine.Builder line) {
    if (best.frame() == null) {
      return;
    }
    long start = System.nanoTime();
    try {
      BufferedImage picture = best.frame().toImage();
      Snapshot.draw(picture, best.detections());
      line.snapshot(Snapshot.write(picture, clip));
    } catch (IOException e) {
      // The line is worth more than the picture.
      log.warn("The snapshot of {} cannot be written: {}", clip, e.toString());
      line.snapshotError(e.toString());
    } finally {
      snapshotNanos.add(System.nanoTime() - start);
    }
  }
}
