package org.shvideo.notebook;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.shvideo.notebook.results.ClipResult;
import org.shvideo.notebook.results.Results;
import org.shvideo.notebook.session.Download;
import org.shvideo.notebook.session.Jobs;
import org.shvideo.notebook.session.NotebookException;
import org.shvideo.notebook.session.Session;
import org.shvideo.notebook.view.Table;
import org.shvideo.notebook.view.Text;
import org.shvideo.notebook.view.View;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.settings.Settings;

/**
 * Where a notebook starts: the video folder with its clips and its log, the queue, the detector, as
 * the environment sets them ({@code VIDEO_DIR}, {@code RDS_HOST} …, the same settings as the
 * services'). Owns the models it loads until closed; a kernel that ends frees them too. Not
 * thread-safe: cells run one after another.
 */
public final class Notebook implements AutoCloseable {
  private final Session session;

  Notebook(Settings settings) {
    session = new Session(settings);
  }

  /**
   * With the settings of the environment.
   *
   * @throws NotebookException when a setting is invalid, naming all that are
   */
  public static Notebook open() {
    Notebook notebook =
        new Notebook(Settings.ofProcess().withDefault(LogLevel.SETTING, LogLevel.INFO));
    notebook.session.worker().logLevel().apply();
    return notebook;
  }

  /** A table of any rows: {@code Notebook.table(people).column("Name", Person::name).show()}. */
  public static <T> Table<T> table(Collection<T> rows) {
    return Table.of(rows);
  }

  /** A made-up log of the past two weeks, to try a notebook with. */
  public static Results sampleResults() {
    return Results.sample();
  }

  /** What is installed and what is missing: versions, model, folder, Redis. */
  public SetupChecks checks() {
    return new SetupChecks(session);
  }

  /** The queue that capture and workers use. */
  public Jobs jobs() {
    return jobs(session.worker().queue().queue());
  }

  /** Another queue, which the services do not use. */
  public Jobs jobs(String queue) {
    return new Jobs(session, queue);
  }

  /** The detection log as it is now. */
  public Results results() {
    return NotebookException.explain(() -> Results.read(session.log()));
  }

  /** The clips of the video folder, the newest first. */
  public View clips() {
    List<Path> clips = session.videos();
    return clips.isEmpty()
        ? new Text(
            "The folder has no videos yet. Fetch one with DownloadAndProcess.ipynb, or record some"
                + " without a camera with ./sh-video demo.")
        : Table.of(clips)
            .column("clip", Path::getFileName)
            .column("MB", clip -> clip.toFile().length() / 1e6)
            .column("modified", clip -> Instant.ofEpochMilli(clip.toFile().lastModified()));
  }

  /**
   * One clip of the video folder.
   *
   * @throws NotebookException when it does not exist
   */
  public Clip clip(String filename) {
    return new Clip(session, filename, session.clip(filename));
  }

  /** An analyzer with the worker's settings. */
  public Analyzer analyzer() {
    var worker = session.worker();
    return new Analyzer(
        session, worker.confidence(), worker.iou(), worker.sampling(), worker.model());
  }

  /** Analyses a clip here and now, without a queue, and without a line in the log. */
  public ClipResult detect(String filename) {
    return analyzer().analyse(filename);
  }

  /**
   * Downloads a video into the video folder, showing the progress.
   *
   * @param url of a video file, or of a page that yt-dlp knows, where yt-dlp is installed
   * @return its name in the video folder
   * @throws NotebookException when that fails, with the reason
   */
  public String download(String url) {
    return NotebookException.explain(() -> Download.into(session.folder()).fetch(url));
  }

  @Override
  public void close() {
    session.close();
  }
}
