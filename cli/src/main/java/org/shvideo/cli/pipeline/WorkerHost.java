package org.shvideo.cli.pipeline;

import java.nio.file.Path;
import java.time.Clock;
import java.util.random.RandomGenerator;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.Worker;
import org.shvideo.worker.WorkerSettings;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.yolo.ModelUnavailableException;
import org.shvideo.worker.yolo.YoloDetector;

/** A worker within this process: the queue it takes jobs from, its model, its thread. */
public final class WorkerHost implements AutoCloseable {
  /** Each that hangs keeps a thread and its memory. */
  private static final int MOST_HUNG = 8;

  private final JobQueue queue;
  private final YoloDetector detector;
  private final EventPrinter story;
  private Worker worker;
  private int hung;
  private boolean closed;

  private WorkerHost(JobQueue queue, YoloDetector detector, Worker worker, EventPrinter story) {
    this.queue = queue;
    this.detector = detector;
    this.worker = worker;
    this.story = story;
  }

  /**
   * Loads the model and takes no job yet.
   *
   * @param wired with the address of Redis
   * @param model a TorchScript file
   * @throws UserException when the model cannot be used
   */
  public static WorkerHost open(
      Settings wired,
      VideoFolder folder,
      Path model,
      EventPrinter story,
      Clock clock,
      RandomGenerator random) {
    WorkerSettings settings = WorkerSettings.from(wired);
    YoloDetector detector;
    try {
      detector =
          YoloDetector.load(model, settings.confidence(), settings.iou(), settings.threads());
    } catch (ModelUnavailableException e) {
      throw new UserException(e.getMessage(), e);
    }
    JobQueue queue = new JobQueue(settings.queue());
    Worker worker =
        new Worker(
            queue,
            settings.queue(),
            settings.limits(),
            folder,
            new DetectionLog(folder.log(), settings.rotation()),
            new ClipAnalyzer(detector, settings.sampling(), true, clock),
            story,
            clock,
            random);
    return new WorkerHost(queue, detector, worker, story);
  }

  /** Takes jobs in a thread of its own until {@link #close}. */
  public synchronized void start() {
    Worker current = worker;
    Thread thread = new Thread(() -> current.run(this::replace), "worker");
    thread.setDaemon(true); // one that hangs must not keep the process
    thread.start();
  }

  /**
   * Another worker for one that hangs. Its thread and what it holds are lost until the process
   * ends; but ending it would cost the recordings in progress.
   */
  private synchronized void replace() {
    if (closed) {
      return;
    }
    hung++;
    if (hung > MOST_HUNG) {
      story.tell("worker", "hangs again: clips are recorded but not analysed until a restart");
      return;
    }
    story.tell("worker", "hangs, and another takes its place");
    worker = worker.successor();
    start();
  }

  /** Lets the monitoring ask the worker how it does. */
  synchronized void addTo(Monitoring monitoring) {
    worker.addTo(monitoring);
  }

  JobQueue queue() {
    return queue;
  }

  /** The model's name with the start of its checksum. */
  public String model() {
    return detector.modelName();
  }

  /** Gives a clip in work back to the queue. */
  @Override
  public void close() {
    Worker last;
    synchronized (this) {
      closed = true;
      last = worker;
    }
    last.close();
    detector.close();
    queue.close();
  }
}
