package org.shvideo.cli;

import java.nio.file.Path;
import java.time.Clock;
import java.util.random.RandomGenerator;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.ClipDetection;
import org.shvideo.worker.Worker;
import org.shvideo.worker.WorkerSettings;
import org.shvideo.worker.yolo.ModelUnavailableException;
import org.shvideo.worker.yolo.YoloDetector;

/** A worker within this process: the queue it takes jobs from, its model, its thread. */
final class Analysis implements AutoCloseable {
  private final JobQueue queue;
  private final YoloDetector detector;
  private final Worker worker;

  private Analysis(JobQueue queue, YoloDetector detector, Worker worker) {
    this.queue = queue;
    this.detector = detector;
    this.worker = worker;
  }

  /**
   * Loads the model and takes no job yet.
   *
   * @param wired with the address of Redis
   * @param model a TorchScript file
   * @throws UserException when the model cannot be used
   */
  static Analysis open(
      Settings wired,
      VideoFolder folder,
      Path model,
      Story story,
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
            folder,
            new DetectionLog(folder.log(), settings.rotation()),
            new ClipDetection(detector, settings.sampling(), true, clock),
            story,
            clock,
            random);
    return new Analysis(queue, detector, worker);
  }

  /** Takes jobs in a thread of its own until {@link #close}. */
  void start() {
    new Thread(worker::run, "worker").start();
  }

  /** Lets the monitoring ask the worker how it does. */
  void addTo(Monitoring monitoring) {
    worker.addTo(monitoring);
  }

  JobQueue queue() {
    return queue;
  }

  /** The model's name with the start of its checksum. */
  String model() {
    return detector.modelName();
  }

  /** Gives a clip in work back to the queue. */
  @Override
  public void close() {
    worker.close();
    detector.close();
    queue.close();
  }
}
