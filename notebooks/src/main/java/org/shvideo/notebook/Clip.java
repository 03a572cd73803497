package org.shvideo.notebook;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.shvideo.worker.clip.ClipFrame;
import org.shvideo.worker.clip.ClipInfo;
import org.shvideo.worker.clip.ClipReader;
import org.shvideo.worker.clip.ClipUnreadableException;
import org.shvideo.worker.yolo.FrameResult;
import org.shvideo.worker.yolo.YoloDetector;

/** A clip to be looked at. Opens the file in each call and keeps nothing of it. */
public final class Clip {
  private static final int DECODING_THREADS = 2;
  private static final int MOST_COLUMNS = 12;
  private static final int MOST_ROWS = 50;

  private final Notebook notebook;
  private final String filename;
  private final Path file;

  Clip(Notebook notebook, String filename, Path file) {
    this.notebook = notebook;
    this.filename = filename;
    this.file = file;
  }

  public String filename() {
    return filename;
  }

  /** Codec, resolution, frame rate, length. */
  public View info() {
    record Fact(String what, String value) {}
    return NotebookException.explained(
        () -> {
          try (ClipReader reader = ClipReader.open(file, 1)) {
            ClipInfo info = reader.info();
            return Table.of(
                    List.of(
                        new Fact("codec", info.codec()),
                        new Fact("resolution", info.width() + " × " + info.height()),
                        new Fact("frames a second", plain(info.framesPerSecond())),
                        new Fact("length, s", plain(info.durationSeconds())),
                        new Fact("frames", plain(info.expectedFrames())),
                        new Fact("size, MB", plain(Files.size(file) / 1e6))))
                .column(filename, Fact::what)
                .column("", Fact::value);
          }
        });
  }

  /** Frames at even distances, so that one sees in a glance what the clip shows. */
  public View contactSheet(int columns, int rows) {
    if (columns < 1 || columns > MOST_COLUMNS || rows < 1 || rows > MOST_ROWS) {
      throw new NotebookException(
          "A sheet has 1 to %d columns and 1 to %d rows, not %d and %d"
              .formatted(MOST_COLUMNS, MOST_ROWS, columns, rows));
    }
    return NotebookException.explained(
        () -> {
          int count = columns * rows;
          int total = countFrames();
          List<Integer> wanted = new ArrayList<>();
          for (int i = 0; i < Math.min(count, total); i++) {
            wanted.add((int) ((2L * i + 1) * total / (2L * Math.min(count, total))));
          }
          List<PictureGrid.Tile> tiles = tiles(wanted, columns, (tile, index, scale) -> {});
          return Picture.jpeg(
              PictureGrid.draw(tiles, columns),
              "%d frames of %s".formatted(tiles.size(), filename));
        });
  }

  /** Looks at every so many frames with the detector, showing how far it is. */
  public FrameResults look(int everyFrames) {
    if (everyFrames < 1) {
      throw new NotebookException("every " + everyFrames + " frames: 1 is the least");
    }
    return NotebookException.explained(
        () -> {
          YoloDetector detector = notebook.detector(notebook.analysis());
          List<FrameResults.Frame> frames = new ArrayList<>();
          LiveDisplay live = new LiveDisplay();
          Deque<Pending> pending = new ArrayDeque<>();
          try (ClipReader reader = ClipReader.open(file, DECODING_THREADS)) {
            int total = reader.info().expectedFrames();
            while (reader.next()) {
              NotebookException.whenInterrupted();
              if (reader.index() % everyFrames != 0) {
                continue;
              }
              pending.add(submitted(detector, reader.copy()));
              if (pending.size() > detector.threads()) {
                frames.add(pending.remove().settle());
              }
              live.show(
                  Text.progress(
                      filename,
                      total > 0 ? (double) reader.index() / total : 0,
                      frames.size() + " frames looked at"));
            }
            double seconds = reader.seconds();
            while (!pending.isEmpty()) {
              frames.add(pending.remove().settle());
            }
            live.showNow(Text.progress(filename, 1, frames.size() + " frames looked at"));
            return new FrameResults(this, everyFrames, seconds, frames);
          } finally {
            // A frame must not be freed while the detector looks at it.
            pending.forEach(Pending::abandon);
          }
        });
  }

  private static Pending submitted(YoloDetector detector, ClipFrame frame) {
    try {
      return new Pending(frame, detector.analyseAsync(frame));
    } catch (RuntimeException e) {
      frame.close();
      throw e;
    }
  }

  /** A frame in the detector's hands. */
  private record Pending(ClipFrame frame, Future<FrameResult> result) {
    /** What is found in it, if anything, is of no interest any more. */
    void abandon() {
      try {
        settle();
      } catch (NotebookException e) {
        // the first one's is told
      }
    }

    FrameResults.Frame settle() {
      boolean interrupted = false;
      try (frame) {
        while (true) {
          try {
            return new FrameResults.Frame(
                frame.index(), frame.seconds(), result.get().detections());
          } catch (InterruptedException e) {
            interrupted = true;
          } catch (ExecutionException e) {
            throw new NotebookException("The model failed on a frame: " + e.getCause());
          }
        }
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  /** Draws on a frame before it is shown. */
  interface Drawing {
    /**
     * Draws.
     *
     * @param tile as large as it will be shown
     * @param index the frame's number
     * @param scale of the tile to the frame
     */
    void on(BufferedImage tile, int index, float scale);
  }

  /** The frames of these numbers, drawn on, each with its time. */
  List<PictureGrid.Tile> tiles(List<Integer> wanted, int columns, Drawing drawing)
      throws IOException, ClipUnreadableException {
    List<PictureGrid.Tile> tiles = new ArrayList<>();
    try (ClipReader reader = ClipReader.open(file, DECODING_THREADS)) {
      while (tiles.size() < wanted.size() && reader.next()) {
        NotebookException.whenInterrupted();
        if (wanted.contains(reader.index())) {
          try (ClipFrame frame = reader.copy()) {
            BufferedImage picture = frame.toImage();
            BufferedImage tile = PictureGrid.scaled(picture, columns);
            drawing.on(tile, reader.index(), (float) tile.getWidth() / picture.getWidth());
            tiles.add(
                new PictureGrid.Tile(tile, String.format(Locale.ROOT, "%.1f s", reader.seconds())));
          }
        }
      }
    }
    return tiles;
  }

  /** By reading them: what a container declares may be wrong or missing. */
  private int countFrames() throws IOException, ClipUnreadableException {
    try (ClipReader reader = ClipReader.open(file, DECODING_THREADS)) {
      while (reader.next()) {
        NotebookException.whenInterrupted();
      }
      return reader.index() + 1;
    }
  }

  private static String plain(double value) {
    if (value == 0) {
      return "unknown";
    }
    return value == Math.rint(value)
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.2f", value);
  }
}
