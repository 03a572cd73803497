package org.shvideo.notebook;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.shvideo.notebook.session.NotebookException;
import org.shvideo.notebook.session.Session;
import org.shvideo.notebook.view.LiveDisplay;
import org.shvideo.notebook.view.Picture;
import org.shvideo.notebook.view.PictureGrid;
import org.shvideo.notebook.view.Table;
import org.shvideo.notebook.view.Text;
import org.shvideo.notebook.view.View;
import org.shvideo.worker.clip.ClipFrame;
import org.shvideo.worker.clip.ClipInfo;
import org.shvideo.worker.clip.ClipReader;
import org.shvideo.worker.clip.ClipUnreadableException;
import org.shvideo.worker.result.Snapshot;
import org.shvideo.worker.yolo.Detection;
import org.shvideo.worker.yolo.YoloDetector;

/**
 * A clip of the video folder. Each call reads the file from its start; none keeps it open.
 *
 * @param session borrowed
 */
public record Clip(Session session, String filename, Path file) {
  private static final int DECODER_THREADS = 2;
  private static final int MAX_COLUMNS = 12;
  private static final int MAX_ROWS = 50;

  /** Codec, resolution, frame rate, length. */
  public View info() {
    return NotebookException.explain(
        () -> {
          try (ClipReader reader = ClipReader.open(file, 1)) {
            ClipInfo info = reader.info();
            Map<String, String> facts = new LinkedHashMap<>();
            facts.put("codec", info.codec());
            facts.put("resolution", info.width() + " × " + info.height());
            facts.put("frames per second", number(info.framesPerSecond()));
            facts.put("length, s", number(info.durationSeconds()));
            facts.put("frames", number(info.expectedFrames()));
            facts.put("size, MB", number(Files.size(file) / 1e6));
            return Table.of(facts.entrySet())
                .column(filename, Map.Entry::getKey)
                .column("", Map.Entry::getValue);
          }
        });
  }

  private static String number(double value) {
    return value == 0
        ? "unknown"
        : value == Math.rint(value) ? Long.toString((long) value) : Table.format(value);
  }

  /** Evenly spaced frames, which show at a glance what is in the clip. */
  public View contactSheet(int columns, int rows) {
    if (columns < 1 || columns > MAX_COLUMNS || rows < 1 || rows > MAX_ROWS) {
      throw new NotebookException(
          "A contact sheet has 1 to %d columns and 1 to %d rows, not %d and %d"
              .formatted(MAX_COLUMNS, MAX_ROWS, columns, rows));
    }
    return NotebookException.explain(
        () -> {
          long total = countFrames();
          long count = Math.min((long) columns * rows, total);
          SortedMap<Integer, List<Detection>> frames = new TreeMap<>();
          for (long i = 0; i < count; i++) {
            frames.put((int) ((2 * i + 1) * total / (2 * count)), List.of());
          }
          return grid(frames, columns, "%d frames of %s".formatted(count, filename));
        });
  }

  /** By reading them: the number in a container may be wrong or missing. */
  private int countFrames() throws IOException, ClipUnreadableException {
    try (ClipReader reader = ClipReader.open(file, DECODER_THREADS)) {
      while (reader.next()) {
        NotebookException.throwIfInterrupted();
      }
      return reader.index() + 1;
    }
  }

  /** Runs the detector on every n-th frame, showing the progress. */
  public FrameResults detect(int everyFrames) {
    if (everyFrames < 1) {
      throw new NotebookException("everyFrames must be at least 1, not " + everyFrames);
    }
    return NotebookException.explain(
        () -> {
          YoloDetector detector = session.detector();
          List<FrameResults.Frame> frames = new ArrayList<>();
          LiveDisplay display = new LiveDisplay();
          Deque<CompletableFuture<FrameResults.Frame>> pending = new ArrayDeque<>();
          try (ClipReader reader = ClipReader.open(file, DECODER_THREADS)) {
            int total = reader.info().expectedFrames();
            while (reader.next()) {
              NotebookException.throwIfInterrupted();
              if (reader.index() % everyFrames == 0) {
                if (pending.size() == detector.threads()) {
                  frames.add(pending.remove().join());
                }
                ClipFrame frame = reader.copy();
                pending.add(CompletableFuture.supplyAsync(() -> detect(detector, frame)));
                display.show(Text.progress(filename, reader.index(), total, analysed(frames)));
              }
            }
            while (!pending.isEmpty()) {
              frames.add(pending.remove().join());
            }
            display.showNow(Text.progress(filename, 1, 1, analysed(frames)));
            return new FrameResults(this, everyFrames, reader.seconds(), frames);
          } catch (CompletionException e) {
            throw new NotebookException("The model failed on a frame: " + e.getCause());
          } finally {
            // So that nobody closes the detector while it is in use.
            CompletableFuture.allOf(pending.toArray(CompletableFuture<?>[]::new))
                .exceptionally(e -> null)
                .join();
          }
        });
  }

  private static FrameResults.Frame detect(YoloDetector detector, ClipFrame frame) {
    try (frame) {
      return new FrameResults.Frame(
          frame.index(), frame.seconds(), detector.analyse(frame).detections());
    }
  }

  private static String analysed(List<FrameResults.Frame> frames) {
    return Text.count(frames.size(), "frame") + " analysed";
  }

  /**
   * Some frames with boxes, as one picture.
   *
   * @param frames their detections by their index, in order; one frame or more
   * @param text the picture as text
   */
  View grid(SortedMap<Integer, List<Detection>> frames, int columns, String text)
      throws IOException, ClipUnreadableException {
    List<PictureGrid.Tile> tiles = new ArrayList<>();
    try (ClipReader reader = ClipReader.open(file, DECODER_THREADS)) {
      while (tiles.size() < frames.size() && reader.next()) {
        NotebookException.throwIfInterrupted();
        List<Detection> detections = frames.get(reader.index());
        if (detections != null) {
          try (ClipFrame frame = reader.copy()) {
            BufferedImage tile = PictureGrid.scaled(frame.toImage(), columns);
            Snapshot.draw(tile, scaled(detections, (float) tile.getWidth() / frame.width()));
            String seconds = String.format(Locale.ROOT, "%.1f s", reader.seconds());
            tiles.add(new PictureGrid.Tile(tile, seconds));
          }
        }
      }
    }
    return Picture.jpeg(PictureGrid.draw(tiles, columns), text);
  }

  /** The boxes in a picture that is scaled by this factor. */
  static List<Detection> scaled(List<Detection> detections, float factor) {
    return detections.stream()
        .map(one -> new Detection(one.label(), one.confidence(), one.box().scaled(factor)))
        .toList();
  }
}
