package org.shvideo.cli.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.cli.ShVideo;
import org.shvideo.cli.TestClip;
import org.shvideo.cli.TestCommand;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.log.Deletion;
import org.shvideo.tasks.log.DeletionLog;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import redis.clients.jedis.Jedis;

/** What {@code check} finds in a damaged folder, and what {@code --repair} repairs. */
@Tag("server")
final class CheckCommandTest {
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 2, 23, 14, 50);

  @TempDir private Path root;
  private VideoFolder folder;
  private DetectionLog log;
  private final TestCommand command = new TestCommand(ShVideo::new);

  @BeforeEach
  void makeFolder() throws IOException {
    folder = new VideoFolder(root);
    log = new DetectionLog(folder.log());
    Files.createDirectories(folder.recording());
    Files.createDirectories(folder.outbox());
  }

  @Test
  void anEmptyFolderIsClean() throws Exception {
    assertThat(check()).isZero();
    assertThat(command.out()).endsWith("unaccounted = 0\n");
  }

  @Test
  void aMissingFolderIsReported() {
    assertThat(command.execute("check", "--video-dir=" + root.resolve("nowhere")))
        .isEqualTo(ShVideo.BAD_INPUT);
    assertThat(command.err()).contains("There is no folder", "nowhere");
  }

  @Test
  void continuousRecordingNeedsNoJob() throws Exception {
    clip("20260223-100000.avi");
    Path continuous = Files.createDirectories(folder.continuous());
    Files.move(root.resolve("20260223-100000.avi"), continuous.resolve("20260223-100000-door.avi"));
    Files.writeString(continuous.resolve("20260223-100030-door.avi"), "cut off");
    Path unfinished = Files.createDirectories(folder.recording().resolve("continuous"));
    Files.writeString(unfinished.resolve("20260223-100100-door.avi"), "in progress");

    JsonNode audit = audit();

    assertThat(audit.get("published").asInt()).isZero();
    assertThat(audit.get("continuous").asInt()).isEqualTo(2);
    assertThat(audit.get("unaccounted").asInt()).isZero();
    assertThat(audit.get("anomalies"))
        .extracting(anomaly -> anomaly.get("what").asText())
        .containsExactlyInAnyOrder(
            ".recording/continuous/20260223-100100-door.avi",
            "continuous/20260223-100030-door.avi: it was cut off");
  }

  @Test
  void everyClipIsAccountedFor() throws Exception {
    clip("20260223-100000.avi");
    log.append(analysed("20260223-100000.avi"));
    clip("20260223-100100.avi");
    log.append(DetectionLine.failed(Job.forFile("20260223-100100.avi"), NOW, "no picture in it"));
    clip("20260223-100200-garden.avi");
    log.append(analysed("20260223-090000.avi")); // removed by hand
    log.append(analysed("20260222-090000.avi")); // deleted by retention
    delete("20260222-090000.avi", null);
    delete("20260221-090000.avi", "its line went with a segment of the log");
    Files.writeString(root.resolve("cats.mp4"), "put there by hand");

    try (EmbeddedRedis redis = EmbeddedRedis.start(folder);
        JobQueue queue = queue(redis)) {
      queue.enqueue(Job.forFile("20260223-100200-garden.avi"));

      JsonNode audit = audit();

      assertThat(counts(audit))
          .isEqualTo(
              Map.of(
                  "published",
                  3,
                  "analysed",
                  1,
                  "failed",
                  1,
                  "waiting",
                  1,
                  "unaccounted",
                  0,
                  "deleted",
                  2,
                  "removed",
                  1,
                  "continuous",
                  0,
                  "others",
                  1));
      assertThat(audit.get("anomalies")).isEmpty();
    }
  }

  @Test
  void everyDamageIsFoundAndTheSafeOnesAreRepaired() throws Exception {
    // 1. a clip without job: Redis lost it
    clip("20260223-100000.avi");
    // 2. a job without clip
    Job clipless = Job.forFile("20260223-100100.avi");
    // 3. a dead letter without line
    clip("20260223-100200.avi");
    Job dead = Job.forFile("20260223-100200.avi");
    // 4. an unreadable clip, 5. an empty one
    Files.writeString(root.resolve("20260223-100300.avi"), "this is no video at all");
    Files.createFile(root.resolve("20260223-100400.avi"));
    log.append(analysed("20260223-100300.avi"));
    log.append(analysed("20260223-100400.avi"));
    // 6. an unfinished recording: whole but never published
    clip("20260223-100500.avi");
    Files.move(
        root.resolve("20260223-100500.avi"), folder.recording().resolve("20260223-100500.avi"));
    // 7. an unsent job
    clip("20260223-100600.avi");
    Job unsent = Job.forFile("20260223-100600.avi");
    Files.writeString(folder.outbox().resolve("20260223-100600.avi.json"), Json.write(unsent));
    // 8. an outbox entry that holds no job
    Files.writeString(folder.outbox().resolve("20260223-100700.avi.json"), "{\"filena");
    // 9. a torn line, in a log that was rotated
    Files.move(folder.log(), root.resolve("detections_log-20260223-145000.jsonl"));
    Files.writeString(folder.log(), "{\"ok\":true,\"filen\n");
    // 10. two lines for one job
    DetectionLine twice = analysed("20260223-090000.avi");
    Files.writeString(
        folder.log(), (Json.write(twice) + "\n").repeat(2), StandardOpenOption.APPEND);
    // 11. a recording that could not be salvaged
    Files.createDirectories(folder.recording().resolve("unreadable"));
    Files.writeString(folder.recording().resolve("unreadable/20260223-080000.avi"), "rest");

    // 12. a clip that retention deleted though it has no line
    delete("20260223-070000.avi", null);

    try (EmbeddedRedis redis = EmbeddedRedis.start(folder);
        JobQueue queue = queue(redis)) {
      queue.enqueue(dead);
      var delivery = queue.take("a worker", Duration.ofSeconds(5)).orElseThrow();
      queue.fail(delivery, "killed its worker", "{}");
      queue.enqueue(clipless);

      JsonNode before = audit();

      assertThat(found(before))
          .containsExactlyInAnyOrder(
              "clip without job: 20260223-100000.avi",
              "clip without job: 20260223-100200.avi",
              "job without clip: 20260223-100100.avi, job " + clipless.id(),
              "dead letter without line: 20260223-100200.avi, job " + dead.id(),
              "unreadable clip: 20260223-100300.avi",
              "unreadable clip: 20260223-100400.avi",
              "unfinished recording: .recording/20260223-100500.avi",
              "unsent job: 20260223-100600.avi, job " + unsent.id(),
              "unreadable outbox entry: .outbox/20260223-100700.avi.json",
              "torn line: detections_log.jsonl line 1",
              "two lines for one job: detections_log.jsonl line 3, job " + twice.job(),
              "unreadable recording: .recording/unreadable/20260223-080000.avi",
              "clip deleted unanalysed: 20260223-070000.avi");
      assertThat(before.get("unaccounted").asInt()).isEqualTo(3);
      assertThat(queue.depth().waiting()).as("check changes nothing").isEqualTo(1);

      assertThat(command.execute("check", "--video-dir=" + root, "--repair")).isEqualTo(1);

      assertThat(command.err())
          .contains(
              "Queued 20260223-100000.avi",
              "Queued 20260223-100200.avi",
              "Recovered 20260223-100500.avi",
              "Sent 20260223-100600.avi, job " + unsent.id());
      assertThat(command.out()).as("the job without clip").contains("unaccounted = 1");
      assertThat(queue.openJobs(10))
          .extracting(status -> status.job().filename())
          .containsExactlyInAnyOrder(
              "20260223-100000.avi",
              "20260223-100100.avi",
              "20260223-100200.avi",
              "20260223-100500.avi",
              "20260223-100600.avi");
      assertThat(root.resolve("20260223-100500.avi")).exists();
    }
  }

  @Test
  void clipsAreAccountedForByJobAndNotByName() throws Exception {
    // 1. another file under the name of a line
    clip("20260223-110000.avi");
    long bytes = Files.size(root.resolve("20260223-110000.avi"));
    log.append(analysed("20260223-110000.avi").toBuilder().bytes(bytes + 1).build());
    // 2. an outbox entry whose recording is gone
    outbox("20260223-110100.avi", Job.forFile("20260223-110100.avi"));
    // 3. an outbox entry that names another clip, which was analysed
    clip("20260223-110200.avi");
    clip("20260223-110201.avi");
    log.append(analysed("20260223-110201.avi").toBuilder().bytes(bytes).build());
    outbox("20260223-110200.avi", Job.forFile("20260223-110201.avi"));
    // 4. a job that was trimmed out of the queue, 5. one that ended without a line
    clip("20260223-110300.avi");
    clip("20260223-110400.avi");
    Job trimmed = Job.forFile("20260223-110300.avi");
    Job ended = Job.forFile("20260223-110400.avi");
    // 6. a job under the name of an old line
    clip("20260223-110500.avi");
    log.append(analysed("20260223-110500.avi").toBuilder().bytes(bytes + 1).build());

    try (EmbeddedRedis redis = EmbeddedRedis.start(folder);
        JobQueue queue = queue(redis);
        Jedis jedis = new Jedis("127.0.0.1", queue.settings().port())) {
      jedis.auth(queue.settings().password().value());
      queue.enqueue(ended);
      queue.finish(queue.take("a worker", Duration.ofSeconds(5)).orElseThrow(), "{}");
      queue.enqueue(trimmed);
      jedis.xtrim(queue.settings().queue(), 0, false);
      queue.enqueue(Job.forFile("20260223-110500.avi"));

      JsonNode before = audit();

      assertThat(found(before))
          .filteredOn(what -> !what.startsWith("unsent"))
          .containsExactlyInAnyOrder(
              "clip without job: 20260223-110000.avi",
              "clip without job: 20260223-110200.avi",
              "clip without job: 20260223-110300.avi",
              "clip without job: 20260223-110400.avi",
              "job without clip: 20260223-110100.avi, job " + outboxJob("20260223-110100.avi"));
      assertThat(counts(before)).containsEntry("unaccounted", 5).containsEntry("waiting", 1);

      assertThat(command.execute("check", "--video-dir=" + root, "--repair")).isEqualTo(1);

      assertThat(command.err())
          .contains("Queued 20260223-110000.avi", "Queued 20260223-110200.avi")
          .contains("Queued 20260223-110400.avi")
          .doesNotContain("Queued 20260223-110300.avi");
      assertThat(command.out()).contains("unaccounted = 1");
      assertThat(queue.openJobs(10)).extracting(open -> open.job().id()).contains(trimmed.id());
    }
  }

  private void outbox(String clip, Job job) throws IOException {
    Files.writeString(folder.outbox().resolve(clip + ".json"), Json.write(job));
  }

  private String outboxJob(String clip) throws IOException {
    return Json.read(Files.readString(folder.outbox().resolve(clip + ".json")), Job.class).id();
  }

  @Test
  void theQueueOfAStoppedRunIsRead() throws Exception {
    clip("20260223-100000.avi");
    try (EmbeddedRedis redis = EmbeddedRedis.start(folder);
        JobQueue queue = queue(redis)) {
      queue.enqueue(Job.forFile("20260223-100000.avi"));
    }

    assertThat(check()).isZero();

    assertThat(command.out()).contains("1   queued or in progress", "unaccounted = 0");
  }

  private static List<String> found(JsonNode audit) {
    return Arrays.stream(audit.get("anomalies").findParents("kind").toArray(JsonNode[]::new))
        .map(
            one ->
                one.get("kind").asText()
                    + ": "
                    + one.get("what").asText().replaceFirst("(\\.avi): .*", "$1"))
        .toList();
  }

  private static Map<String, Integer> counts(JsonNode audit) {
    Map<String, Integer> counts = new TreeMap<>();
    for (var field : audit.properties()) {
      if (field.getValue().isInt()) {
        counts.put(field.getKey(), field.getValue().asInt());
      }
    }
    return counts;
  }

  private static DetectionLine analysed(String filename) {
    return DetectionLine.builder(Job.forFile(filename), NOW).objects(List.of()).build();
  }

  private void delete(String name, String job) throws IOException {
    new DeletionLog(folder.deletionLog())
        .append(
            new Deletion(
                name,
                OffsetDateTime.parse("2026-02-23T14:00:00Z"),
                1,
                "VIDEO_MAX_DAYS=1",
                null,
                job,
                null));
  }

  private void clip(String name) throws IOException {
    TestClip.write(root.resolve(name));
  }

  private static JobQueue queue(EmbeddedRedis redis) {
    return new JobQueue(QueueSettings.from(Settings.of(redis.environment())));
  }

  private JsonNode audit() throws IOException {
    command.execute("check", "--video-dir=" + root, "--json");
    return Json.read(command.out(), JsonNode.class);
  }

  private int check() {
    return command.execute("check", "--video-dir=" + root);
  }
}
