package org.shvideo.notebook;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.queue.EmbeddedAddress;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.ClipNameException;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.WorkerSettings;
import org.shvideo.worker.yolo.ModelSource;
import org.shvideo.worker.yolo.YoloDetector;

/**
 * Where a notebook starts: the video folder, the log in it, the queue and the detector, as the
 * environment names them ({@code VIDEO_DIR}, {@code RDS_HOST} …, the same settings as the
 * services'). Owns the models it loads until closed; a kernel that ends frees them too. For one
 * thread, as cells run one after another.
 */
public final class Notebook implements AutoCloseable {
  private final Settings settings;
  private final VideoFolder folder;
  private final WorkerSettings worker;
  private final Map<Object, YoloDetector> detectors = new HashMap<>();

  private Notebook(Settings settings) {
    this.settings = settings;
    this.worker =
        NotebookException.explained(
            () -> {
              WorkerSettings read = WorkerSettings.from(settings);
              settings.check();
              return read;
            });
    this.folder = worker.folder();
  }

  /**
   * With the settings of the environment.
   *
   * @throws NotebookException when one of them cannot be used, naming all that cannot
   */
  public static Notebook open() {
    Settings environment = Settings.ofProcess();
    if (!environment.isSet(LogLevel.SETTING.name())) {
      environment = environment.with(Map.of(LogLevel.SETTING.name(), LogLevel.INFO.name()));
    }
    Notebook notebook = of(environment);
    notebook.worker.logLevel().apply();
    return notebook;
  }

  static Notebook of(Settings settings) {
    return new Notebook(settings);
  }

  /** What is there and what is missing: versions, Redis, model, folder. */
  public SetupChecks checks() {
    return SetupChecks.run(this);
  }

  /** The queue that capture and workers use. */
  public Jobs jobs() {
    return jobs(worker.queue().queue());
  }

  /** A queue of that name, of one's own. */
  public Jobs jobs(String queue) {
    return new Jobs(this, queue);
  }

  /** The detection log as it is now. */
  public Results results() {
    return NotebookException.explained(() -> Results.read(log()));
  }

  /** The clips of the video folder, newest first. */
  public View clips() {
    List<Path> clips = videos();
    return clips.isEmpty()
        ? new Text(
            "There is no video in the folder yet. DownloadAndProcess.ipynb fetches one;"
                + " ./sh-video demo records some without a camera.")
        : Table.of(clips)
            .column("clip", clip -> clip.getFileName().toString())
            .column("MB", clip -> Double.valueOf(clip.toFile().length() / 1e6))
            .column("written", clip -> Submission.local(modified(clip)));
  }

  /**
   * One clip of the video folder.
   *
   * @throws NotebookException when it is not there
   */
  public Clip clip(String filename) {
    return new Clip(this, filename, path(filename));
  }

  /** The detector with the worker's settings. */
  public Analyzer analysis() {
    return new Analyzer(this, worker.confidence(), worker.iou(), worker.sampling(), worker.model());
  }

  /** Analyses a clip here and now, without a queue, and leaves the log alone. */
  public ClipResult detect(String filename) {
    return analysis().analyse(filename);
  }

  /**
   * Fetches a video into the video folder, showing how far it is.
   *
   * @param url of a video file, or of a page that yt-dlp knows, where yt-dlp is installed
   * @return its name in the video folder
   * @throws NotebookException when it cannot be had, with the reason
   */
  public String download(String url) {
    return NotebookException.explained(() -> new Download(folder).fetch(url));
  }

  VideoFolder folder() {
    return folder;
  }

  DetectionLog log() {
    return new DetectionLog(folder.log(), worker.rotation());
  }

  WorkerSettings worker() {
    return worker;
  }

  /** Whether the environment says where Redis is, and not the video folder. */
  boolean namesRedis() {
    return settings.isSet("RDS_HOST");
  }

  /** The settings with the Redis that runs now for the video folder. */
  Settings wired() {
    return EmbeddedAddress.wire(settings, folder);
  }

  /** The clip's path; says what there is where it does not exist. */
  Path path(String filename) {
    try {
      return folder.clip(filename);
    } catch (ClipNameException e) {
      List<String> names = videos().stream().map(clip -> clip.getFileName().toString()).toList();
      throw new NotebookException(
          e.getMessage()
              + ". "
              + (names.isEmpty()
                  ? "There is no video in it yet."
                  : "There are: "
                      + String.join(", ", names.subList(0, Math.min(10, names.size())))
                      + (names.size() > 10 ? " and %d more.".formatted(names.size() - 10) : ".")));
    }
  }

  /** Newest first. */
  private List<Path> videos() {
    if (!Files.isDirectory(folder.root())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder.root())) {
      List<Path> videos = new ArrayList<>(files.filter(Notebook::isVideo).toList());
      videos.sort(Comparator.comparing(Notebook::modified).reversed());
      return videos;
    } catch (IOException e) {
      throw new NotebookException("The video folder cannot be read: " + e.getMessage());
    }
  }

  static boolean isVideo(Path file) {
    String name = file.getFileName().toString();
    return !name.startsWith(".") && VideoFolder.isVideo(name) && Files.isRegularFile(file);
  }

  private static Instant modified(Path file) {
    return Instant.ofEpochMilli(file.toFile().lastModified());
  }

  /** A model file with its thresholds, loaded on first use. */
  YoloDetector detector(Analyzer analysis) {
    return NotebookException.explained(
        () -> {
          Path root = Path.of(System.getProperty("shvideo.root", ""));
          Path model = new ModelSource(analysis.model(), root).find();
          Object key = List.of(model, analysis.confidence(), analysis.iou());
          YoloDetector detector = detectors.get(key);
          if (detector == null) {
            detector =
                YoloDetector.load(model, analysis.confidence(), analysis.iou(), worker.threads());
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
