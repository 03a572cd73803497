package org.shvideo.notebook;

import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;

/**
 * A made-up log, to try the notebooks before there is one of one's own: a front door and a garden,
 * people in the morning and the evening, a cat by night. Nothing in it was seen by any camera. The
 * same seed gives the same log.
 */
public final class SampleLog {
  private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss");
  private static final double CLIP_SECONDS = 30;
  private static final int FRAMES_A_SECOND = 25;

  private final SplittableRandom random;

  private SampleLog(long seed) {
    random = new SplittableRandom(seed);
  }

  /** The lines of so many days, the last of which is the given one; oldest first. */
  public static List<DetectionLine> lines(int days, LocalDate last, long seed) {
    SampleLog log = new SampleLog(seed);
    List<DetectionLine> lines = new ArrayList<>();
    for (LocalDate day = last.minusDays(days - 1L); !day.isAfter(last); day = day.plusDays(1)) {
      for (int hour = 0; hour < 24; hour++) {
        log.addHour(day.atTime(hour, 0), lines);
      }
    }
    lines.sort(Comparator.comparing(DetectionLine::timestamp));
    return lines;
  }

  /**
   * Writes such a log: {@code SampleLog FOLDER DAYS} makes one that ends today.
   *
   * @throws java.io.UncheckedIOException when it cannot be written
   */
  public static void main(String[] arguments) {
    DetectionLog log = new DetectionLog(Path.of(arguments[0]).resolve(DetectionLog.FILE_NAME));
    LocalDate today = LocalDate.now(ZoneId.systemDefault());
    LocalDateTime now = LocalDateTime.now(ZoneId.systemDefault());
    lines(Integer.parseInt(arguments[1]), today, 1).stream()
        .filter(line -> line.timestamp().isBefore(now))
        .forEach(log::append);
  }

  /** How many clips an hour of that kind brings at each camera, about. */
  private static double busy(int hour, boolean weekend) {
    if (hour < 6 || hour > 22) {
      return 0.3;
    }
    boolean rush = hour == 8 || hour == 17 || hour == 18;
    return rush && !weekend ? 3.5 : weekend && hour > 9 ? 1.8 : 1;
  }

  private void addHour(LocalDateTime hour, List<DetectionLine> lines) {
    boolean weekend = hour.getDayOfWeek().getValue() > 5;
    for (String camera : List.of("front-door", "garden")) {
      double expected = busy(hour.getHour(), weekend) * (camera.equals("garden") ? 0.6 : 1);
      int clips = (int) (expected + random.nextDouble());
      for (int second : random.ints(0, 3570).distinct().limit(clips).toArray()) {
        lines.add(line(hour.plusSeconds(second), camera));
      }
    }
  }

  private DetectionLine line(LocalDateTime begin, String camera) {
    OffsetDateTime recorded = begin.atZone(ZoneId.systemDefault()).toOffsetDateTime();
    Job job =
        new Job(
            new UUID(random.nextLong(), random.nextLong()).toString(),
            NAME.format(begin) + "-" + camera + ".avi",
            camera,
            recorded);
    double elapsed = 3 + 5 * random.nextDouble();
    LocalDateTime written =
        begin.plusNanos((long) ((CLIP_SECONDS + 1 + elapsed + 4 * random.nextDouble()) * 1e9));
    if (random.nextInt(150) == 0) {
      return DetectionLine.failed(job, written, job.filename() + " ends in the middle of a frame");
    }
    List<DetectedObject> objects = objects(begin.getHour(), camera);
    int frames = (int) (CLIP_SECONDS * FRAMES_A_SECOND);
    return DetectionLine.builder(job, written)
        .clip(CLIP_SECONDS, frames)
        .analysis(40 + random.nextInt(80), elapsed)
        .model("yolov8n@c4da9869", 0.5, "adaptive")
        .objects(objects)
        .snapshot(objects.isEmpty() ? null : job.filename().replace(".avi", ".jpg"))
        .build();
  }

  private List<DetectedObject> objects(int hour, String camera) {
    boolean night = hour < 6 || hour > 21;
    Map<String, Double> chances = new LinkedHashMap<>();
    chances.put("person", night ? 0.15 : 0.7);
    chances.put("car", camera.equals("front-door") ? 0.45 : 0.02);
    chances.put("bicycle", night ? 0.02 : 0.15);
    chances.put("dog", night ? 0.03 : 0.12);
    chances.put("cat", camera.equals("garden") ? (night ? 0.6 : 0.2) : 0.05);
    chances.put("bird", camera.equals("garden") && !night ? 0.25 : 0.02);
    List<DetectedObject> objects = new ArrayList<>();
    chances.forEach(
        (label, chance) -> {
          if (random.nextDouble() < chance) {
            objects.add(object(label));
          }
        });
    return objects;
  }

  private DetectedObject object(String label) {
    double from = 2 + 10 * random.nextDouble();
    double to = from + (CLIP_SECONDS - from) * random.nextDouble();
    int left = random.nextInt(1400);
    int top = random.nextInt(700);
    return new DetectedObject(
        label,
        0.97 - 0.46 * Math.pow(random.nextDouble(), 2),
        1 + (int) ((to - from) * 2),
        from,
        to,
        1 + (random.nextInt(5) == 0 ? 1 : 0),
        List.of(left, top, left + 120 + random.nextInt(300), top + 120 + random.nextInt(250)));
  }
}
