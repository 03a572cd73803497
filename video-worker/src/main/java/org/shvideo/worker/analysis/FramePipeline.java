package org.shvideo.worker.analysis;

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
import java.util.function.Supplier;
import org.shvideo.worker.clip.ClipFrame;
import org.shvideo.worker.clip.ClipReader;
import org.shvideo.worker.clip.ReservedFrame;
import org.shvideo.worker.result.ClipSummary;
import org.shvideo.worker.yolo.FrameResult;
import org.shvideo.worker.yolo.YoloDetector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the chosen frames of one clip through the detector. The calling thread decodes while the
 * detector's threads analyse earlier frames; a few frames, one per thread and {@link
 * #MAX_FRAMES_AHEAD} more, wait in between. Results are taken in the clip's order, so that a clip
 * always gives the same line.
 *
 * <p>Frames that were not chosen, but show something new, are kept in reserve until the next chosen
 * one has its result. If the model is uncertain about a label that it has not detected in the clip
 * so far, some of them are analysed, too. Not thread-safe.
 */
final class FramePipeline implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FramePipeline.class);

  private static final int MAX_FRAMES_AHEAD = 2;

  /** Frames in reserve that are analysed between two chosen ones. */
  private static final int MAX_RESERVES_ANALYSED = 2;

  /** Memory of the frames in reserve between two chosen ones. */
  private static final long MAX_RESERVED_BYTES = 24 << 20;

  private final YoloDetector detector;
  private final ClipReader reader;
  private final LongAdder decodeNanos;
  private final ClipSummary summary;
  private final BestFrame best;
  private final UncertainLabels uncertain = new UncertainLabels();
  private final Deque<Pending> pending = new ArrayDeque<>();
  private List<ReservedFrame> reserve = new ArrayList<>();
  private FrameResult last = new FrameResult(List.of(), Map.of());

  /** A frame at the detector, and the frames in reserve between the previous one and this one. */
  private record Pending(ClipFrame frame, Future<FrameResult> result, List<ReservedFrame> before) {}

  /** Adds the time spent on converting frames to {@code decodeNanos}. */
  FramePipeline(
      YoloDetector detector,
      ClipReader reader,
      LongAdder decodeNanos,
      ClipSummary summary,
      BestFrame best) {
    this.detector = detector;
    this.reader = reader;
    this.decodeNanos = decodeNanos;
    this.summary = summary;
    this.best = best;
  }

  /** Analyses the reader's current frame. */
  void analyse() {
    submit(timed(reader::copy));
  }

  /** Keeps the reader's current frame in reserve; drops others where frames are large. */
  void reserve() {
    long bytes = 2L * reader.info().width() * reader.info().height();
    if (reserve.size() >= Math.max(2, MAX_RESERVED_BYTES / Math.max(1, bytes))) {
      for (int i = 0; i < reserve.size(); i++) {
        reserve.remove(i).close();
      }
    }
    reserve.add(reader.reserve());
  }

  /** Analyses the last frame in reserve as well, and waits for all results. */
  void finish() {
    if (!reserve.isEmpty()) {
      try (ReservedFrame end = reserve.remove(reserve.size() - 1)) {
        submit(timed(() -> reader.copy(end)));
      }
    }
    while (!pending.isEmpty()) {
      complete(pending.remove());
    }
  }

  private void submit(ClipFrame frame) {
    try {
      pending.add(new Pending(frame, detector.analyseAsync(frame), reserve));
    } catch (RuntimeException e) {
      frame.close();
      throw e;
    }
    reserve = new ArrayList<>();
    if (pending.size() > detector.threads() + MAX_FRAMES_AHEAD) {
      complete(pending.remove());
    }
  }

  private void complete(Pending next) {
    FrameResult result;
    try {
      result = await(next.result);
      uncertain.addDetected(result);
      analyseReserve(next.before, result);
    } catch (ExecutionException e) {
      next.frame.close();
      throw new DetectionFailedException(e.getCause());
    } catch (RuntimeException e) {
      next.frame.close();
      throw e;
    } finally {
      next.before.forEach(ReservedFrame::close);
    }
    add(next.frame, result);
    last = result;
  }

  /** Uses the calling thread, as the detector's threads may still be busy. */
  private void analyseReserve(List<ReservedFrame> between, FrameResult after) {
    List<FrameResult> results = new ArrayList<>(List.of(last, after));
    SortedMap<Integer, ClipFrame> frames = new TreeMap<>();
    Map<Integer, FrameResult> found = new HashMap<>();
    try {
      while (frames.size() < MAX_RESERVES_ANALYSED && !between.isEmpty()) {
        var label = uncertain.mostConfident(results);
        if (label.isEmpty()) {
          break;
        }
        try (ReservedFrame middle = between.remove(between.size() / 2)) {
          ClipFrame frame = timed(() -> reader.copy(middle));
          frames.put(frame.index(), frame);
          FrameResult result = detector.analyse(frame);
          found.put(frame.index(), result);
          results.add(result);
          uncertain.addAttempt(label.get(), result);
        }
      }
    } catch (RuntimeException e) {
      frames.values().forEach(ClipFrame::close);
      throw new DetectionFailedException(e);
    }
    frames.forEach((index, frame) -> add(frame, found.get(index)));
  }

  private void add(ClipFrame frame, FrameResult result) {
    summary.add(frame.seconds(), result.detections());
    best.offer(frame, result.detections());
  }

  private ClipFrame timed(Supplier<ClipFrame> copy) {
    long start = System.nanoTime();
    ClipFrame frame = copy.get();
    decodeNanos.add(System.nanoTime() - start);
    return frame;
  }

  /** Drops what is not finished. Waits for the detector: it may still be reading the frames. */
  @Override
  public void close() {
    pending.forEach(FramePipeline::drop);
    reserve.forEach(ReservedFrame::close);
  }

  private static void drop(Pending pending) {
    try {
      await(pending.result);
    } catch (ExecutionException e) {
      log.debug("A dropped frame could not be analysed", e);
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

  /** The model or its engine failed on a frame; it may work another time. */
  private static final class DetectionFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DetectionFailedException(Throwable cause) {
      super(cause.getMessage() == null ? cause.toString() : cause.getMessage(), cause);
    }
  }
}
