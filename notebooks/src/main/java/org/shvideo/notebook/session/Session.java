package org.shvideo.notebook.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.shvideo.notebook.view.Text;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.queue.EmbeddedRedisAddress;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.ClipNameException;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.WorkerSettings;
import org.shvideo.worker.yolo.ModelSource;
import org.shvideo.worker.yolo.ModelUnavailableException;
import org.shvideo.worker.yolo.YoloDetector;

/**
 * The settings, with the video folder, the log, the queue and the models that they name. Owns the
 * models it loads until closed. Not thread-safe: cells run one after another.
 */
public final class Session implements AutoCloseable {
  private final Settings settings;
  private final WorkerSettings worker;
  private final Map<Object, YoloDetector> detectors = new HashMap<>();

  /**
   * @throws NotebookException when a setting is invalid, naming all that are
   */
  public Session(Settings settings) {
    this.settings = settings;
    this.worker = NotebookException.explain(() -> settings.read(WorkerSettings::from));
  }

  public WorkerSettings worker() {
    return worker;
  }

  public VideoFolder folder() {
    return worker.folder();
  }

  public DetectionLog log() {
    return new DetectionLog(folder().log(), worker.rotation());
  }

  /** Whether Redis is named by the environment, and not found through the video folder. */
  public boolean namesRedis() {
    return settings.isSet("RDS_HOST");
  }

  /** Settings for that queue, on the Redis that now runs for the video folder. */
  public QueueSettings queue(String name) {
    return EmbeddedRedisAddress.wire(settings, folder())
        .with(Map.of("RDSQ_OUTMSG", name))
        .read(QueueSettings::from);
  }

  /** The videos in the folder, the newest first; none where there is no folder. */
  public List<Path> videos() {
    if (!Files.isDirectory(folder().root())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder().root())) {
      return files
          .filter(Session::isVideo)
          .sorted(Comparator.comparingLong((Path file) -> file.toFile().lastModified()).reversed())
          .toList();
    } catch (IOException e) {
      throw new NotebookException("Cannot read the video folder: " + e.getMessage());
    }
  }

  static boolean isVideo(Path file) {
    String name = file.getFileName().toString();
    return !name.startsWith(".") && VideoFolder.isVideo(name) && Files.isRegularFile(file);
  }

  /**
   * The file of that clip.
   *
   * @throws NotebookException when it does not exist, naming those that do
   */
  public Path clip(String filename) {
    try {
      return folder().clip(filename);
    } catch (ClipNameException e) {
      List<String> names = videos().stream().map(file -> file.getFileName().toString()).toList();
      throw new NotebookException(
          e.getMessage()
              + (names.isEmpty()
                  ? ". The folder has no videos yet."
                  : ". Available: " + Text.list(names) + "."));
    }
  }

  /** The file of that model, or of the default one where none is chosen. */
  public Path model(Optional<Path> chosen) throws ModelUnavailableException {
    return new ModelSource(chosen, Path.of(System.getProperty("shvideo.root", ""))).find();
  }

  /** The detector with the worker's settings. Borrowed: the session closes it. */
  public YoloDetector detector() {
    return detector(worker.model(), worker.confidence(), worker.iou());
  }

  /** A detector, loaded on first use. Borrowed: the session closes it. */
  public YoloDetector detector(Optional<Path> model, double confidence, double iou) {
    return NotebookException.explain(
        () -> {
          Path file = model(model);
          Object key = List.of(file, confidence, iou);
          YoloDetector detector = detectors.get(key);
          if (detector == null) {
            detector = YoloDetector.load(file, confidence, iou, worker.threads());
            detectors.put(key, detector);
          }
          return detector;
        });
  }

  @Override
  public void close() {
    detectors.values().forEach(YoloDetector::close);
    detectors.clear();
  }
}
