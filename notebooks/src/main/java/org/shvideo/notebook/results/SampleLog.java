package org.shvideo.notebook.results;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.Stream;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.video.ClipName;

/**
 * A made-up log, to try the notebooks without cameras: a front door and a garden, people in the
 * morning and the evening, a cat at night. Two logs of the same days are the same.
 */
public final class SampleLog {
  private static final double CLIP_SECONDS = 30;
  private static final int FRAMES = 750;

  private final SplittableRandom random = new SplittableRandom(1);
  private final List<DetectionLine> lines = new ArrayList<>();

  private SampleLog() {}

  /**
   * Writes the log of the past days: {@code SampleLog FOLDER DAYS}.
   *
   * @throws java.io.UncheckedIOException when it cannot be written
   */
  public static void main(String[] arguments) {
    DetectionLog log = new DetectionLog(Path.of(arguments[0]).resolve(DetectionLog.FILE_NAME));
    lines(Integer.parseInt(arguments[1])).forEach(log::append);
  }

  /** The lines of so many days up to now, oldest first. */
  public static List<DetectionLine> lines(int days) {
    SampleLog log = new SampleLog();
    LocalDateTime now = LocalDateTime.now(ZoneId.systemDefault());
    LocalDateTime start = now.toLocalDate().minusDays(days - 1L).atStartOfDay();
    for (int hour = 0; hour < 24 * days; hour++) {
      log.addHour(start.plusHours(hour), "front-door", 1);
      log.addHour(start.plusHours(hour), "garden", 0.6);
    }
    return log.lines.stream()
        .filter(line -> line.timestamp().isBefore(now))
        .sorted(Comparator.comparing(DetectionLine::timestamp))
        .toList();
  }

  private void addHour(LocalDateTime hour, String camera, double rate) {
    boolean weekend = hour.getDayOfWeek().getValue() > 5;
    int clips = (int) (rate * clipsPerHour(hour.getHour(), weekend) + random.nextDouble());
    for (int second : random.ints(0, 3570).distinct().limit(clips).toArray()) {
      lines.add(line(hour.plusSeconds(second), camera));
    }
  }

  private static double clipsPerHour(int hour, boolean weekend) {
    if (hour < 6 || hour > 22) {
      return 0.3;
    }
    boolean rush = hour == 8 || hour == 17 || hour == 18;
    return rush && !weekend ? 3.5 : weekend && hour > 9 ? 1.8 : 1;
  }

  private DetectionLine line(LocalDateTime start, String camera) {
    String name = ClipName.of(start, camera, ".avi");
    Job job =
        new Job(
            new UUID(random.nextLong(), random.nextLong()).toString(),
            name,
            camera,
            start.atZone(ZoneId.systemDefault()).toOffsetDateTime());
    double elapsed = 3 + 5 * random.nextDouble();
    double delay = CLIP_SECONDS + 1 + elapsed + 4 * random.nextDouble();
    LocalDateTime written = start.plusNanos((long) (delay * 1e9));
    if (random.nextInt(150) == 0) {
      return DetectionLine.failed(job, written, name + " ends in the middle of a frame");
    }
    List<DetectedObject> objects = objects(start.getHour(), camera.equals("garden"));
    return DetectionLine.builder(job, written)
        .clip(CLIP_SECONDS, FRAMES)
        .analysis(40 + random.nextInt(80), elapsed)
        .model("yolov8n@c4da9869", 0.5, "adaptive")
        .objects(objects)
        .snapshot(objects.isEmpty() ? null : ClipName.snapshot(name))
        .build();
  }

  private List<DetectedObject> objects(int hour, boolean garden) {
    boolean night = hour < 6 || hour > 21;
    return Stream.of(
            object("person", night ? 0.15 : 0.7),
            object("car", garden ? 0.02 : 0.45),
            object("bicycle", night ? 0.02 : 0.15),
            object("dog", night ? 0.03 : 0.12),
            object("cat", garden ? (night ? 0.6 : 0.2) : 0.05),
            object("bird", garden && !night ? 0.25 : 0.02))
        .flatMap(Stream::ofNullable)
        .toList();
  }

  /** Null where the label is not in the clip. */
  private DetectedObject object(String label, double probability) {
    if (random.nextDouble() >= probability) {
      return null;
    }
    double from = 2 + 10 * random.nextDouble();
    double to = from + (CLIP_SECONDS - from) * random.nextDouble();
    return new DetectedObject(
        label,
        0.97 - 0.46 * Math.pow(random.nextDouble(), 2),
        1 + (int) ((to - from) * 2),
        from,
        to,
        random.nextInt(5) == 0 ? 2 : 1,
        List.of(600, 300, 900, 700));
  }
}
