package org.shvideo.capture.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.capture.container.FrameRate;
import org.shvideo.capture.record.CopyClipWriter;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.testing.Footage;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.log.DetectionLog;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.TestRedis;
import org.shvideo.tasks.video.VideoFolder;

/** What becomes of clips whose jobs Redis lost, while capture runs. */
@Tag("server")
class LostClipsTest {
  private static final OffsetDateTime THEN = OffsetDateTime.parse("2026-02-23T14:48:19.120+02:00");
  private static final LocalDateTime LATER = LocalDateTime.parse("2026-02-23T15:00:00");
  private static final String CLIP = "20260223-144819.avi";

  private static TestRedis redis;
  private static Footage footage;

  @TempDir private Path root;
  private VideoFolder folder;
  private ClipStore store;
  private JobQueue queue;
  private DetectionLog log;

  @BeforeAll
  static void start() {
    redis = TestRedis.started();
    footage = Footage.h264(25, 25, 30);
  }

  @AfterAll
  static void stop() {
    redis.close();
    footage.close();
  }

  @BeforeEach
  void open() throws IOException {
    redis.command("FLUSHALL");
    folder = new VideoFolder(root);
    log = new DetectionLog(folder.log());
    store = ClipStore.open(folder, false, Clock.systemUTC(), ClipListener.NONE);
    queue = new JobQueue(redis.settings());
  }

  @AfterEach
  void close() {
    queue.close();
    store.close();
  }

  @Test
  void aClipThatRedisForgotIsQueuedAgainWithWhatItsFileTells() throws Exception {
    try (LostClips lost = new LostClips(store, queue, Duration.ofMillis(100));
        OutboxSender sender =
            new OutboxSender(store, queue, ClipListener.NONE, Duration.ofMillis(10))) {
      sender.start();
      lost.start();
      PendingClip clip = store.begin("door", THEN, ".avi");
      try (CopyClipWriter writer =
          new CopyClipWriter(
              clip.file(), footage.info().parameters(), new FrameRate(25, 1), clip.metadata())) {
        for (int frame = 0; frame < 25; frame++) {
          try (Packet packet = footage.packet(frame)) {
            writer.write(packet);
          }
        }
      }
      store.publish(clip, Duration.ofSeconds(1)).join();
      await().until(() -> queue.depth().waiting() == 1 && store.outbox().clips().isEmpty());
      Job before = queue.openJobs(1).get(0).job();
      redis.command("FLUSHALL");

      await().until(() -> queue.depth().waiting() == 1);

      Job again = queue.openJobs(1).get(0).job();
      assertThat(again.id()).isNotEqualTo(before.id());
      assertThat(again)
          .isEqualTo(new Job(again.id(), before.filename(), "door", before.recordedAt()));
    }
  }

  @Test
  void onlyAClipThatIsNowhereTwiceIsQueued() throws Exception {
    clip("20260223-100000.avi"); // nowhere
    clip("20260223-100001.avi"); // has a line
    log.append(line("20260223-100001.avi", 4L));
    clip("20260223-100002.avi"); // failed
    log.append(DetectionLine.failed(Job.forFile("20260223-100002.avi"), LATER, "no video"));
    clip("20260223-100003.avi"); // in the queue
    queue.enqueue(Job.forFile("20260223-100003.avi"));
    clip("20260223-100004.avi"); // in the outbox, named after another
    store.outbox().put("20260223-090000.avi", Job.forFile("20260223-100004.avi"));
    clip("20260223-100005.avi"); // has the line of an earlier file
    log.append(line("20260223-100005.avi", 5L));
    clip("20260221-100006.avi"); // older than the log, of which a part was moved away
    clip("20260223-100007.avi"); // gets its line just in time
    Files.writeString(root.resolve("cats.mp4"), "no clip of capture's");
    try (LostClips lost = new LostClips(store, queue, Duration.ofDays(1))) {
      lost.check();
      assertThat(queue.depth().waiting()).as("seen once").isEqualTo(1);
      log.append(line("20260223-100007.avi", 4L));

      lost.check();
      lost.check();
    }

    assertThat(queue.openJobs(9).stream().map(open -> open.job().filename()))
        .containsExactlyInAnyOrder(
            "20260223-100000.avi", "20260223-100003.avi", "20260223-100005.avi");
  }

  @Test
  void aJobThatWasTrimmedKeepsItsId() throws Exception {
    clip(CLIP);
    Job job = Job.forFile(CLIP);
    queue.enqueue(job);
    redis.command("XTRIM", "video_queue", "MAXLEN", "0");
    try (LostClips lost = new LostClips(store, queue, Duration.ofDays(1))) {
      lost.check();
    }

    assertThat(queue.openJobs(9)).extracting(open -> open.job().id()).containsExactly(job.id());
  }

  private void clip(String name) throws IOException {
    Files.writeString(root.resolve(name), "clip");
  }

  private static DetectionLine line(String name, Long bytes) {
    return DetectionLine.builder(Job.forFile(name), LATER).objects(List.of()).bytes(bytes).build();
  }
}
