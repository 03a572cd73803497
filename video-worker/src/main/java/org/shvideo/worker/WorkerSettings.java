package org.shvideo.worker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.shvideo.tasks.log.LogRotation;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.monitoring.MonitoringSettings;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.clip.Sampling;

/** The worker's settings. Without a model, the usual places are searched. */
public record WorkerSettings(
    VideoFolder folder,
    QueueSettings queue,
    double confidence,
    double iou,
    Sampling sampling,
    int threads,
    Optional<Path> model,
    WorkLimits limits,
    LogRotation rotation,
    MonitoringSettings monitoring,
    LogLevel logLevel) {

  private static final Setting<Double> CONFIDENCE =
      Setting.number(
          "CONFIDENCE", 0.5, "", 0.01, 0.99, "Detections with a lower confidence are ignored.");
  private static final Setting<Double> IOU =
      Setting.number(
          "IOU",
          0.7,
          "",
          0.1,
          1,
          "Boxes of one class with a higher overlap (IoU) count as one object.");
  private static final Setting<Sampling> SAMPLING =
      Setting.choice(
          "SAMPLING",
          Sampling.ADAPTIVE,
          "Frames to analyse: `adaptive` (those that show something new) or `every`.");
  private static final Setting<Integer> THREADS =
      Setting.integer(
          "DETECT_THREADS",
          0,
          "",
          0,
          256,
          "Threads that analyse frames in parallel; 0 means one per processor.");
  private static final Setting<Path> MODEL =
      Setting.path(
          "YOLO_MODEL",
          "",
          "TorchScript file of the model; if empty, the usual places are searched.");

  private static final Setting<Duration> CLIP_TIMEOUT =
      Setting.seconds(
          "CLIP_TIMEOUT",
          (double) WorkLimits.DEFAULT.clipTimeout().toSeconds(),
          1,
          2_592_000,
          "Longest analysis of one clip; a clip that takes longer fails.");

  public static List<Setting<?>> all() {
    List<Setting<?>> all = new ArrayList<>(List.of(VideoFolder.SETTING));
    all.addAll(QueueSettings.all());
    all.addAll(List.of(CONFIDENCE, IOU, SAMPLING, THREADS, MODEL, CLIP_TIMEOUT));
    all.addAll(LogRotation.all());
    all.addAll(MonitoringSettings.all());
    all.add(LogLevel.SETTING);
    return List.copyOf(all);
  }

  /** Reads them; problems are noted in the settings, for their {@link Settings#check}. */
  public static WorkerSettings from(Settings settings) {
    int threads = settings.get(THREADS);
    return new WorkerSettings(
        new VideoFolder(settings.get(VideoFolder.SETTING)),
        QueueSettings.from(settings),
        settings.get(CONFIDENCE),
        settings.get(IOU),
        settings.get(SAMPLING),
        threads > 0 ? threads : Runtime.getRuntime().availableProcessors(),
        settings.isSet(MODEL.name()) ? Optional.of(settings.get(MODEL)) : Optional.empty(),
        new WorkLimits(settings.get(CLIP_TIMEOUT), WorkLimits.STALL_TIMEOUT),
        LogRotation.from(settings),
        MonitoringSettings.from(settings),
        settings.get(LogLevel.SETTING));
  }
}
