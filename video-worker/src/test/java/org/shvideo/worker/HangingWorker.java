package org.shvideo.worker;

import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.worker.analysis.ClipAnalyzer;
import org.shvideo.worker.yolo.YoloDetector;

/** A worker process that hangs in its first clip, and may for a second. */
final class HangingWorker {
  private HangingWorker() {}

  public static void main(String[] arguments) throws Exception {
    WorkerSettings settings = WorkerSettings.from(Settings.ofProcess());
    YoloDetector detector = YoloDetector.load(settings.model().orElseThrow(), 0.5, 0.7, 1);
    new Worker(
            new JobQueue(settings.queue()),
            new WorkLimits(Duration.ofHours(1), Duration.ofSeconds(1)),
            settings.folder(),
            new DetectionLog(settings.folder().log()),
            new ClipAnalyzer(detector, settings.sampling(), true, new HangingClock(1)),
            new WorkerListener() {},
            Clock.system(ZoneId.systemDefault()))
        .run(WorkerMain::exitStuck);
  }
}
