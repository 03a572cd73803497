package org.shvideo.worker.yolo;

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
  private static final long CLOSE_SECONDS = 10;

  /** Of the confidence asked for: as likely as this is worth another look. */
  private static final double DOUBTFUL = 0.5;

  private final YoloModel model;
  private final double confidence;
  private final NonMaxSuppression suppression;
  private final int threads;
  private final ExecutorService pool;
  private final Queue<Lane> idle = new ConcurrentLinkedQueue<>();
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
   * @param threads how many frames are looked at side by side
   * @throws ModelUnavailableException when the file is not a YOLOv8 detection model
   */
  public static YoloDetector load(Path model, double confidence, double iou, int threads)
      throws ModelUnavailableException {
    return new YoloDetector(YoloModel.load(model), confidence, iou, threads);
  }

  /** The inference engine's name and version, loading it where that has not happened yet. */
  public static String engine() {
    return YoloModel.engine();
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

  /** How many frames are looked at side by side. */
  public int threads() {
    return threads;
  }

  /** Frames looked at so far. */
  public long frames() {
    return frames.sum();
  }

  /** Time of all threads spent so far on fitting frames to the model. */
  public long letterboxNanos() {
    return letterboxNanos.sum();
  }

  /** Time of all threads spent so far in the model. */
  public long modelNanos() {
    return modelNanos.sum();
  }

  /** Time of all threads spent so far on what the model put out: candidates and suppression. */
  public long suppressionNanos() {
    return suppressionNanos.sum();
  }

  /** What is in the frame, most confident first. */
  public List<Detection> detect(ClipFrame frame) {
    return answer(frame).detections();
  }

  /** As {@link #detect}, with what the model is not sure of. */
  public Answer answer(ClipFrame frame) {
    Lane lane = borrowLane();
    try {
      return lane.answer(frame);
    } finally {
      idle.add(lane);
    }
  }

  /**
   * As {@link #detect}, on a thread of the detector. The frame must stay open until the answer is
   * there.
   */
  public Future<List<Detection>> submit(ClipFrame frame) {
    return onPool(() -> detect(frame));
  }

  /** As {@link #answer}, on a thread of the detector, like {@link #submit}. */
  public Future<Answer> ask(ClipFrame frame) {
    return onPool(() -> answer(frame));
  }

  /**
   * Runs the bare model as often as told, side by side as for frames: what no analysis can be
   * faster than.
   *
   * @param width of the frames that the model's input is shaped for, pixels
   * @param height of these frames, pixels
   * @return how long it took, from the first pass to the last, ns
   */
  public long barePassesNanos(int width, int height, int passes) {
    Letterbox shape = new Letterbox(width, height, model.square());
    AtomicInteger left = new AtomicInteger(passes);
    long start = System.nanoTime();
    IntStream.range(0, threads)
        .mapToObj(
            thread ->
                onPool(
                    () -> {
                      Lane lane = borrowLane();
                      try {
                        while (left.getAndDecrement() > 0) {
                          lane.run.forward(shape.width(), shape.height(), (raw, rows) -> rows);
                        }
                      } finally {
                        idle.add(lane);
                      }
                      return null;
                    }))
        .toList()
        .forEach(YoloDetector::await);
    return System.nanoTime() - start;
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

  private Lane borrowLane() {
    Lane lane = idle.poll();
    return lane == null ? new Lane() : lane;
  }

  private <T> Future<T> onPool(Callable<T> task) {
    try {
      return pool.submit(task);
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("the detector is closed", e);
    }
  }

  /** Waits for the frames in work, a few seconds at most. */
  @Override
  public void close() {
    pool.shutdown();
    try {
      if (!pool.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        // Freeing the model under a running pass would take the process down.
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    idle.forEach(Lane::close);
    model.close();
  }

  /** What one frame after another is looked at with; belongs to one thread at a time. */
  private final class Lane {
    private final YoloModel.Run run = model.newRun();
    private final YoloOutput output =
        new YoloOutput(model.labels().size(), (float) (confidence * DOUBTFUL));
    private Letterbox letterbox;
    private long readNanos;

    Answer answer(ClipFrame frame) {
      if (letterbox == null || !letterbox.fits(frame)) {
        letterbox = new Letterbox(frame.width(), frame.height(), model.square());
      }
      long start = System.nanoTime();
      letterbox.write(frame, run.input());
      long written = System.nanoTime();
      Answer answer = run.forward(letterbox.width(), letterbox.height(), this::read);
      long end = System.nanoTime();
      frames.increment();
      letterboxNanos.add(written - start);
      modelNanos.add(end - written - readNanos);
      suppressionNanos.add(readNanos);
      return answer;
    }

    private Answer read(FloatBuffer raw, int rows) {
      long start = System.nanoTime();
      List<Detection> detections = new ArrayList<>();
      Map<String, Float> doubtful = new HashMap<>();
      // The best come first: what is less sure neither suppresses nor displaces what is surer.
      for (NonMaxSuppression.Candidate found : suppression.keep(output.candidates(raw, rows))) {
        String label = model.labels().get(found.classIndex());
        if (found.confidence() > (float) confidence) {
          detections.add(new Detection(label, found.confidence(), letterbox.toFrame(found.box())));
        } else {
          doubtful.putIfAbsent(label, found.confidence());
        }
      }
      detections.forEach(detection -> doubtful.remove(detection.label()));
      readNanos = System.nanoTime() - start;
      return new Answer(detections, doubtful);
    }

    void close() {
      run.close();
    }
  }
}
