package org.shvideo.worker.yolo;

import ai.djl.engine.Engine;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.shvideo.worker.clip.ClipFrame;

/**
 * Finds objects in frames as Ultralytics' prediction does: letterbox, model, non-maximum
 * suppression. Owns the model and its threads until closed. Thread-safe.
 */
public final class YoloDetector implements AutoCloseable {
  private static final long CLOSE_TIMEOUT_SECONDS = 10;

  /** Share of the confidence threshold from which on a label is reported as uncertain. */
  private static final double UNCERTAIN_RATIO = 0.5;

  private final YoloModel model;
  private final double confidence;
  private final NonMaxSuppression suppression;
  private final int threads;
  private final ExecutorService pool;
  private final Queue<Session> idle = new ConcurrentLinkedQueue<>();
  private final LongAdder frames = new LongAdder();
  private final LongAdder letterboxNanos = new LongAdder();
  private final LongAdder modelNanos = new LongAdder();
  private final LongAdder suppressionNanos = new LongAdder();

  private YoloDetector(YoloModel model, double confidence, double iou, int threads) {
    this.model = model;
    this.confidence = confidence;
    this.suppression = new NonMaxSuppression((float) iou);
    this.threads = threads;
    AtomicInteger number = new AtomicInteger();
    pool =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "detect-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Loads a model.
   *
   * @param model a TorchScript file
   * @param confidence objects at or below it are left out, 0 to 1
   * @param iou two boxes of one class that overlap by more are one object, 0 to 1
   * @param threads how many frames are analysed in parallel
   * @throws ModelUnavailableException when the file is not a YOLOv8 detection model
   */
  public static YoloDetector load(Path model, double confidence, double iou, int threads)
      throws ModelUnavailableException {
    return new YoloDetector(YoloModel.load(model), confidence, iou, threads);
  }

  /** The inference engine's name and version, loading it where that has not happened yet. */
  public static String engine() {
    Engine engine = Engine.getEngine("PyTorch");
    return "%s %s (DJL %s)"
        .formatted(engine.getEngineName(), engine.getVersion(), Engine.getDjlVersion());
  }

  /** The model's file name and the start of its checksum, {@code yolov8n@c4da9869}. */
  public String modelName() {
    return model.name();
  }

  /** All labels the model knows. */
  public List<String> labels() {
    return model.labels();
  }

  public double confidence() {
    return confidence;
  }

  /** How many frames are analysed in parallel. */
  public int threads() {
    return threads;
  }

  /** Frames analysed so far. */
  public long frames() {
    return frames.sum();
  }

  /** Time that all threads have spent on scaling frames to the model's input. */
  public long letterboxNanos() {
    return letterboxNanos.sum();
  }

  /** Time that all threads have spent in the model. */
  public long modelNanos() {
    return modelNanos.sum();
  }

  /** Time that all threads have spent on decoding the output and non-maximum suppression. */
  public long suppressionNanos() {
    return suppressionNanos.sum();
  }

  /** Detects objects in a frame. */
  public FrameResult analyse(ClipFrame frame) {
    Session session = borrowSession();
    try {
      return session.analyse(frame);
    } finally {
      idle.add(session);
    }
  }

  /**
   * As {@link #analyse}, on a thread of the detector. The frame must stay open until the result is
   * there.
   */
  public Future<FrameResult> analyseAsync(ClipFrame frame) {
    return onPool(() -> analyse(frame));
  }

  /**
   * Runs the bare model, in parallel as for frames: the lower bound of any analysis.
   *
   * @param width of the frames that the model's input is shaped for, pixels
   * @param height of these frames, pixels
   */
  public void barePasses(int width, int height, int passes) {
    Letterbox shape = new Letterbox(width, height, model.square());
    AtomicInteger left = new AtomicInteger(passes);
    IntStream.range(0, threads)
        .mapToObj(
            thread ->
                onPool(
                    () -> {
                      Session session = borrowSession();
                      try {
                        while (left.getAndDecrement() > 0) {
                          session.run.forward(shape.width, shape.height, (raw, rows) -> rows);
                        }
                      } finally {
                        idle.add(session);
                      }
                      return null;
                    }))
        .toList()
        .forEach(YoloDetector::await);
  }

  private static void await(Future<?> task) {
    try {
      task.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("The bare model failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private Session borrowSession() {
    Session session = idle.poll();
    return session == null ? new Session() : session;
  }

  private <T> Future<T> onPool(Callable<T> task) {
    try {
      return pool.submit(task);
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("the detector is closed", e);
    }
  }

  /** Waits, up to 10 s, for the frames in progress, and frees the model. */
  @Override
  public void close() {
    pool.shutdown();
    try {
      if (!pool.awaitTermination(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        // Freeing the model under a running pass would take the process down.
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    idle.forEach(Session::close);
    model.close();
  }

  /** Buffers and native state for one frame at a time; used by one thread at a time. */
  private final class Session {
    private final YoloModel.Run run = model.newRun();
    private final YoloOutput output =
        new YoloOutput(model.labels().size(), (float) (confidence * UNCERTAIN_RATIO));
    private Letterbox letterbox;
    private long readNanos;

    FrameResult analyse(ClipFrame frame) {
      if (letterbox == null || !letterbox.fits(frame)) {
        letterbox = new Letterbox(frame.width(), frame.height(), model.square());
      }
      long start = System.nanoTime();
      letterbox.write(frame, run.input());
      long written = System.nanoTime();
      FrameResult result = run.forward(letterbox.width, letterbox.height, this::read);
      long end = System.nanoTime();
      frames.increment();
      letterboxNanos.add(written - start);
      modelNanos.add(end - written - readNanos);
      suppressionNanos.add(readNanos);
      return result;
    }

    private FrameResult read(FloatBuffer raw, int rows) {
      long start = System.nanoTime();
      List<Detection> detections = new ArrayList<>();
      Map<String, Float> uncertain = new HashMap<>();
      // Most confident first: an uncertain one neither suppresses nor displaces a certain one.
      for (NonMaxSuppression.Candidate found : suppression.keep(output.candidates(raw, rows))) {
        String label = model.labels().get(found.classIndex());
        if (found.confidence() > (float) confidence) {
          detections.add(new Detection(label, found.confidence(), letterbox.toFrame(found.box())));
        } else {
          uncertain.putIfAbsent(label, found.confidence());
        }
      }
      detections.forEach(detection -> uncertain.remove(detection.label()));
      readNanos = System.nanoTime() - start;
      return new FrameResult(detections, uncertain);
    }

    void close() {
      run.close();
    }
  }
}
