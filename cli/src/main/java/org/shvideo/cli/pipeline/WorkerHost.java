package org.shvideo.cli.pipeline;

import java.nio.file.Path;
import java.time.Clock;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.Worker;
import org.shvideo.worker.WorkerSettings;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.yolo.YoloDetector;

/** A worker in this process, with its queue, model and thread. Thread-safe. */
public final class WorkerHost implements AutoCloseable {
  /** Each worker that hangs keeps its thread and memory until the process ends. */
  private static final int MAX_HUNG_WORKERS = 8;

  private final JobQueue queue;
  private final YoloDetector detector;
  private final EventPrinter events;
  private Worker worker;
  private int hungWorkers;
  private boolean closed;

  private WorkerHost(JobQueue queue, YoloDetector detector, Worker worker, EventPrinter events) {
    this.queue = queue;
    this.detector = detector;
    this.worker = worker;
    this.events = events;
  }

  /**
   * Loads the model and connects to the queue. Takes no jobs before {@link #start}.
   *
   * @param settings with the address of Redis
   * @param model a TorchScript file
   * @throws UserException when the model cannot be loaded
   */
  public static WorkerHost open(
      Settings settings, VideoFolder folder, Path model, EventPrinter events, Clock clock) {
    WorkerSettings workerSettings = WorkerSettings.from(settings);
    YoloDetector detector = Models.load(model, workerSettings);
    JobQueue queue = new JobQueue(workerSettings.queue());
    Worker worker =
        new Worker(
            queue,
            workerSettings.limits(),
            folder,
            new DetectionLog(folder.log(), workerSettings.rotation()),
            new ClipAnalyzer(detector, workerSettings.sampling(), true, clock),
            events,
            clock);
    return new WorkerHost(queue, detector, worker, events);
  }

  /** Takes jobs on a thread of its own until {@link #close}. */
  public synchronized void start() {
    Worker current = worker;
    Thread thread = new Thread(() -> current.run(this::replace), "worker");
    thread.setDaemon(true); // a hung worker must not keep the process alive
    thread.start();
  }

  /**
   * Replaces a worker that hangs. Its thread and memory stay lost until the process ends, but
   * ending the process would cost the recordings in progress.
   */
  private synchronized void replace() {
    if (closed) {
      return;
    }
    hungWorkers++;
    if (hungWorkers > MAX_HUNG_WORKERS) {
      events.print("worker", "hung again. Clips are recorded but not analysed until a restart.");
      return;
    }
    events.print("worker", "hung; another one was started");
    worker = worker.successor();
    start();
  }

  /** Adds the worker's health and metrics to the monitoring. */
  synchronized void addTo(Monitoring monitoring) {
    worker.addTo(monitoring);
  }

  JobQueue queue() {
    return queue;
  }

  /** The model's name and the first digits of its checksum. */
  public String model() {
    return detector.modelName();
  }

  /** Returns a clip in progress to the queue. */
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
