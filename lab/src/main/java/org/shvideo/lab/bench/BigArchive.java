package org.shvideo.lab.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Frame;
import org.bytedeco.javacv.FrameRecorder;
import org.shvideo.lab.measure.Timing;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.worker.clip.ClipUnreadableException;

/**
 * The video folder of a year and more: a long log, in segments and a current file, and the clips of
 * its last lines. Two archives of the same size are the same.
 */
final class BigArchive {
  private static final int LINES = 430_000;

  private static final LocalDateTime START = LocalDateTime.parse("2025-01-01T00:00:00");
  private static final int SECONDS_A_CLIP = 80;
  private static final long SEGMENT_BYTES = 20_000_000;
  private static final List<String> LABELS =
      List.of("person", "car", "dog", "bicycle", "cat", "truck", "bird");
  private static final List<String> CAMERAS = List.of("front-door", "garden", "garage");

  private final SplittableRandom random = new SplittableRandom(1);

  /** The size of each clip, as its line says; null without clips. */
  private Long clipBytes;

  private BigArchive() {}

  /**
   * Writes an archive, by default of 430,000 lines (240 MB) and no clips, then reads its log as a
   * worker does at its start: {@code BigArchive FOLDER [LINES [CLIPS]]}.
   */
  public static void main(String[] arguments) throws IOException, ClipUnreadableException {
    Path folder = Path.of(arguments[0]);
    int lines = arguments.length > 1 ? Integer.parseInt(arguments[1]) : LINES;
    write(folder, lines, arguments.length > 2 ? Integer.parseInt(arguments[2]) : 0);
    DetectionLog log = new DetectionLog(folder.resolve(DetectionLog.FILE_NAME));
    Timing reading = Timing.of(() -> require(log.find("none").isEmpty()));
    System.out.printf(
        "%,d lines read in %.2f s, %.2f s of processor time%n",
        lines, reading.wall(), reading.processor());
  }

  private static void require(boolean condition) {
    if (!condition) {
      throw new IllegalStateException("the log has a line that nobody wrote");
    }
  }

  /**
   * Writes a log of so many lines, each of a job and a clip of its own, and the files of the latest
   * clips: copies of a short one that can be decoded.
   *
   * @param folder is created where it is missing
   */
  private static void write(Path folder, int lines, int clips) throws IOException {
    Files.createDirectories(folder);
    BigArchive archive = new BigArchive();
    Path first = folder.resolve(clip(lines - 1));
    if (clips > 0) {
      record(first);
      archive.clipBytes = Files.size(first);
    }
    archive.writeLog(folder.resolve(DetectionLog.FILE_NAME), lines);
    if (clips > 0) {
      for (int clip = lines - clips; clip < lines - 1; clip++) {
        Files.copy(first, folder.resolve(clip(clip)), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private void writeLog(Path file, int lines) throws IOException {
    long written = 0;
    OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20);
    try {
      for (int number = 0; number < lines; number++) {
        DetectionLine line = line(number);
        byte[] text = (Json.write(line) + "\n").getBytes(StandardCharsets.UTF_8);
        if (written + text.length > SEGMENT_BYTES) {
          out.close();
          String time = ClipName.prefix(line.timestamp());
          Files.move(file, file.resolveSibling("detections_log-" + time + ".jsonl"));
          out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20);
          written = 0;
        }
        out.write(text);
        written += text.length;
      }
    } finally {
      out.close();
    }
  }

  private static LocalDateTime start(int number) {
    return START.plusSeconds((long) number * SECONDS_A_CLIP);
  }

  private static String camera(int number) {
    return CAMERAS.get(number % CAMERAS.size());
  }

  private static String clip(int number) {
    return ClipName.of(start(number), camera(number), ".avi");
  }

  private DetectionLine line(int number) {
    LocalDateTime start = start(number);
    String id = new UUID(random.nextLong(), random.nextLong()).toString();
    Job job = new Job(id, clip(number), camera(number), start.atOffset(ZoneOffset.ofHours(2)));
    LocalDateTime written = start.plusNanos(35_000_000_000L + random.nextInt(9_000_000) * 1000L);
    if (random.nextInt(150) == 0) {
      return DetectionLine.failed(job, written, job.filename() + " ends in the middle of a frame");
    }
    List<DetectedObject> objects =
        LABELS.stream().map(this::object).flatMap(Optional::stream).toList();
    return DetectionLine.builder(job, written)
        .clip(30, 750)
        .bytes(clipBytes)
        .analysis(40 + random.nextInt(80), 3 + 5 * random.nextDouble())
        .model("yolov8n@c4da9869", 0.5, "adaptive")
        .objects(objects)
        .snapshot(objects.isEmpty() ? null : ClipName.snapshot(job.filename()))
        .build();
  }

  private Optional<DetectedObject> object(String label) {
    if (random.nextInt(100) >= 18) {
      return Optional.empty();
    }
    double from = 2 + 10 * random.nextDouble();
    return Optional.of(
        new DetectedObject(
            label,
            0.5 + 0.47 * random.nextDouble(),
            1 + random.nextInt(60),
            from,
            from + 15 * random.nextDouble(),
            1 + random.nextInt(2),
            List.of(random.nextInt(900), random.nextInt(700), 900 + random.nextInt(900), 1000)));
  }

  /** A clip of two frames of 320×180. */
  private static void record(Path file) throws IOException {
    try (FFmpegFrameRecorder recorder = new FFmpegFrameRecorder(file.toFile(), 320, 180);
        Frame frame = new Frame(320, 180, Frame.DEPTH_UBYTE, 3)) {
      recorder.setFormat("avi");
      recorder.setVideoCodecName("mjpeg");
      recorder.setFrameRate(25);
      recorder.start();
      recorder.record(frame);
      recorder.record(frame);
      recorder.stop();
    } catch (FrameRecorder.Exception e) {
      throw new IOException("Cannot write the clip " + file, e);
    }
  }
}
