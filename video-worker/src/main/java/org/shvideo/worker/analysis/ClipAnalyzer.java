package org.shvideo.worker.analysis;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.monitoring.Finding;
import org.shvideo.tasks.monitoring.Metrics;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.worker.clip.ClipFrame;
import org.shvideo.worker.clip.ClipReader;
import org.shvideo.worker.clip.ClipUnreadableException;
import org.shvideo.worker.clip.FrameSampler;
import org.shvideo.worker.clip.ReservedFrame;
import org.shvideo.worker.clip.Sampling;
import org.shvideo.worker.result.ClipSummary;
import org.shvideo.worker.result.Snapshot;
import org.shvideo.worker.yolo.Answer;
import org.shvideo.worker.yolo.Detection;
import org.shvideo.worker.yolo.YoloDetector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Analyses a clip from its first frame to its line: reads, samples, detects, sums up and draws the
 * snapshot. Needs no queue. The calling thread decodes while the detector's threads look at earlier
 * frames; a few frames, one for each thread and two more, wait in between. Thread-safe as far as
 * clips in parallel share the detector's threads.
 */
public final class ClipAnalyzer {
  private static final Logger log = LoggerFactory.getLogger(ClipAnalyzer.class);

  /** Frames decoded ahead of the detector's threads. */
  private static final int AHEAD = 2;

  private static final int MOST_DECODING_THREADS = 4;

  /** Between two analysed frames, of those in reserve. */
  private static final int MOST_AGAIN = 2;

  /** Between two analysed frames. */
  private static final long MOST_RESERVED_BYTES = 24 << 20;

  private final YoloDetector detector;
  private final Sampling sampling;
  private final boolean snapshots;
  private final Clock clock;
  private final LongAdder decodedFrames = new LongAdder();
  private final LongAdder decodeNanos = new LongAdder();
  private final LongAdder sampleNanos = new LongAdder();
  private final LongAdder snapshotNanos = new LongAdder();

  /** Told about each frame read. What it throws ends the analysis. */
  public interface Progress {
    /**
     * Tells how far the analysis is.
     *
     * @param frames read so far
     * @param total to be expected; 0 when unknown
     */
    void at(int frames, int total);
  }

  /** A frame in work, and what is in reserve between the frame in work before it and this one. */
  private record Pending(ClipFrame frame, Future<Answer> answer, List<ReservedFrame> before) {}

  /**
   * @param detector borrowed
   * @param snapshots whether to write the best frame beside the clip
   */
  public ClipAnalyzer(YoloDetector detector, Sampling sampling, boolean snapshots, Clock clock) {
    this.detector = detector;
    this.sampling = sampling;
    this.snapshots = snapshots;
    this.clock = clock;
  }

  /**
   * Analyses one clip.
   *
   * @return the line, which tells nothing about a job or a camera
   * @throws ClipUnreadableException when the file holds no clip: another attempt will not help
   * @throws IOException when the file could not be read this time
   */
  public DetectionLine analyse(Path clip, Progress progress)
      throws ClipUnreadableException, IOException {
    long started = System.nanoTime();
    Best best = new Best();
    ClipSummary summary = new ClipSummary();
    int decodingThreads = Math.min(MOST_DECODING_THREADS, detector.threads());
    try (best;
        ClipReader reader = ClipReader.open(clip, decodingThreads)) {
      readAll(reader, summary, best, progress);
      if (reader.damaged() > 0) {
        log.warn("{} is damaged: {} bad packets or frames", clip.getFileName(), reader.damaged());
      }
      String snapshot = best.frame == null || !snapshots ? null : snapshot(clip, best);
      double fps = reader.info().framesPerSecond();
      return DetectionLine.builder(clip.getFileName().toString(), LocalDateTime.now(clock))
          .clip(reader.seconds() + (fps > 0 ? 1 / fps : 0), reader.index() + 1)
          .analysis(summary.analysed(), (System.nanoTime() - started) / 1e9)
          .model(detector.modelName(), detector.confidence(), sampling.toString())
          .objects(summary.objects())
          .snapshot(snapshot)
          .build();
    }
  }

  /** Adds the model, and how the time is spent, to what is monitored. */
  public void addTo(Monitoring monitoring) {
    monitoring.health().add("model", () -> Finding.ok(detector.modelName() + " is loaded"));
    Metrics metrics = monitoring.metrics();
    metrics.info("shvideo_model_info", "Which model looks.", "model", detector.modelName());
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
    metrics.seconds(
        "shvideo_stage_seconds_total",
        "Time spent in the stages of analysis, of all threads: `decode`, `sample`, `preprocess`,"
            + " `inference`, `postprocess`, `snapshot`, `log`.",
        nanos,
        "stage",
        stage);
  }

  private void readAll(ClipReader reader, ClipSummary summary, Best best, Progress progress)
      throws ClipUnreadableException, IOException {
    FrameSampler sampler = sampling.sampler();
    int total = reader.info().expectedFrames();
    try (Looking looking = new Looking(reader, summary, best)) {
      while (decodeNext(reader)) {
        switch (choose(sampler, reader)) {
          case ANALYSE -> looking.analyse();
          case RESERVE -> looking.reserve();
          case SKIP -> {}
        }
        progress.at(reader.index() + 1, total);
      }
      looking.finish();
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

  private ClipFrame timed(Supplier<ClipFrame> copy) {
    long start = System.nanoTime();
    ClipFrame frame = copy.get();
    decodeNanos.add(System.nanoTime() - start);
    return frame;
  }

  /**
   * The frames of one clip on their way through the detector, and between them those in reserve.
   * When the model half sees something in a frame that it has not seen clearly in the clip so far,
   * it is shown some of the frames before it that are in reserve. Results are taken in the clip's
   * order, so that a clip gives the same line each time.
   */
  private final class Looking implements AutoCloseable {
    private final ClipReader reader;
    private final ClipSummary summary;
    private final Best best;
    private final UncertainLabels doubts = new UncertainLabels();
    private final Deque<Pending> pending = new ArrayDeque<>();
    private List<ReservedFrame> reserve = new ArrayList<>();
    private Answer last = new Answer(List.of(), Map.of());

    Looking(ClipReader reader, ClipSummary summary, Best best) {
      this.reader = reader;
      this.summary = summary;
      this.best = best;
    }

    /** Looks at the reader's frame. */
    void analyse() {
      submit(timed(reader::copy));
    }

    /** Keeps the reader's frame; where frames are large, fewer of them. */
    void reserve() {
      long bytes = 2L * reader.info().width() * reader.info().height();
      if (reserve.size() >= Math.max(2, MOST_RESERVED_BYTES / Math.max(1, bytes))) {
        for (int i = 0; i < reserve.size(); i++) {
          reserve.remove(i).close();
        }
      }
      reserve.add(reader.reserve());
    }

    /** Looks at what came last, too, and waits for all. */
    void finish() {
      if (!reserve.isEmpty()) {
        try (ReservedFrame end = reserve.remove(reserve.size() - 1)) {
          submit(timed(() -> reader.copy(end)));
        }
      }
      while (!pending.isEmpty()) {
        settle(pending.remove());
      }
    }

    private void submit(ClipFrame frame) {
      try {
        pending.add(new Pending(frame, detector.ask(frame), reserve));
      } catch (RuntimeException e) {
        frame.close();
        throw e;
      }
      reserve = new ArrayList<>();
      if (pending.size() > detector.threads() + AHEAD) {
        settle(pending.remove());
      }
    }

    private void settle(Pending next) {
      Answer answer;
      try {
        answer = await(next.answer);
        doubts.add(answer);
        lookAgain(next.before, answer);
      } catch (ExecutionException e) {
        next.frame.close();
        throw new DetectionFailedException(e.getCause());
      } catch (RuntimeException e) {
        next.frame.close();
        throw e;
      } finally {
        next.before.forEach(ReservedFrame::close);
      }
      add(next.frame, answer);
      last = answer;
    }

    /** On the calling thread: the detector's may have frames to do yet. */
    private void lookAgain(List<ReservedFrame> between, Answer after) {
      List<Answer> answers = new ArrayList<>(List.of(last, after));
      SortedMap<Integer, ClipFrame> frames = new TreeMap<>();
      Map<Integer, Answer> found = new HashMap<>();
      try {
        while (frames.size() < MOST_AGAIN && !between.isEmpty()) {
          var doubt = doubts.greatest(answers);
          if (doubt.isEmpty()) {
            break;
          }
          try (ReservedFrame middle = between.remove(between.size() / 2)) {
            ClipFrame frame = timed(() -> reader.copy(middle));
            frames.put(frame.index(), frame);
            Answer answer = detector.answer(frame);
            found.put(frame.index(), answer);
            answers.add(answer);
            doubts.settle(doubt.get(), answer);
          }
        }
      } catch (RuntimeException e) {
        frames.values().forEach(ClipFrame::close);
        throw new DetectionFailedException(e);
      }
      frames.forEach((index, frame) -> add(frame, found.get(index)));
    }

    private void add(ClipFrame frame, Answer answer) {
      summary.add(frame.seconds(), answer.detections());
      best.offer(frame, answer.detections());
    }

    /** Gives up what is not finished. A frame must not be freed while a thread looks at it. */
    @Override
    public void close() {
      pending.forEach(ClipAnalyzer::abandon);
      reserve.forEach(ReservedFrame::close);
    }
  }

  private static void abandon(Pending pending) {
    try {
      await(pending.answer);
    } catch (ExecutionException e) {
      log.debug("A frame that nobody waits for any more failed", e);
    } finally {
      pending.frame.close();
      pending.before.forEach(ReservedFrame::close);
    }
  }

  /** Waits even when interrupted: for one pass of the model at most, and memory depends on it. */
  private static <T> T await(Future<T> future) throws ExecutionException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private String snapshot(Path clip, Best best) {
    long start = System.nanoTime();
    String name = writeSnapshot(clip, best);
    snapshotNanos.add(System.nanoTime() - start);
    return name;
  }

  private static String writeSnapshot(Path clip, Best best) {
    Path file = Snapshot.fileFor(clip);
    BufferedImage picture = best.frame.toImage();
    Snapshot.draw(picture, best.detections);
    try {
      Snapshot.write(picture, file);
      return file.getFileName().toString();
    } catch (IOException e) {
      // The line is worth more than the picture.
      log.warn("The snapshot {} cannot be written: {}", file, e.toString());
      return null;
    }
  }

  /** Keeps the best frame and closes the others. */
  private static final class Best implements AutoCloseable {
    private ClipFrame frame;
    private List<Detection> detections = List.of();

    void offer(ClipFrame candidate, List<Detection> found) {
      if (Snapshot.score(found) > Snapshot.score(detections)) {
        close();
        frame = candidate;
        detections = found;
      } else {
        candidate.close();
      }
    }

    @Override
    public void close() {
      if (frame != null) {
        frame.close();
        frame = null;
      }
    }
  }
}
