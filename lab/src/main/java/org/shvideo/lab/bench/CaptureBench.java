package org.shvideo.lab.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.cli.pipeline.ShutdownSignal;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.tasks.video.VideoFolder;

/**
 * Capture services that are measured side by side, in the same time and on the same Redis. Used by
 * one thread; closing it ends them.
 */
final class CaptureBench implements AutoCloseable {
  /**
   * Settings of a camera that is to come to rest: clips are short, so that those of the first
   * minute have ended when it is measured.
   */
  static final Map<String, String> IDLE = Map.of("RECORD_SECONDS", "5");

  private static final Duration CONNECTS_WITHIN = Duration.ofSeconds(60);
  private static final Duration LOOKS_EVERY = Duration.ofMillis(50);

  private final Path folder;
  private final ShutdownSignal interruption;
  private final EmbeddedRedis redis;
  private final List<CaptureSubject> subjects = new ArrayList<>();

  /**
   * Starts a Redis.
   *
   * @param folder for all that the services write
   * @param interruption ends whatever is waited for, with a {@link UserException}
   */
  CaptureBench(Path folder, ShutdownSignal interruption) {
    this.folder = folder;
    this.interruption = interruption;
    this.redis = EmbeddedRedis.start(new VideoFolder(folder));
  }

  /** Starts one more service; its cameras are found when it {@linkplain #settle settles}. */
  CaptureSubject add(String name, EncodedVideo video, int cameras, Map<String, String> settings)
      throws IOException {
    Map<String, String> environment = new HashMap<>(redis.environment());
    environment.putAll(settings);
    Path own = folder.resolve("subject-" + subjects.size());
    CaptureSubject subject = CaptureSubject.start(name, own, video, cameras, environment);
    subjects.add(subject);
    return subject;
  }

  /** Lets all services find their cameras, group by group, and gives each group so long. */
  void settle(int seconds) throws InterruptedException {
    int groups = subjects.stream().mapToInt(CaptureSubject::groups).max().orElse(0);
    for (int group = 0; group < groups; group++) {
      int admitted = group;
      subjects.forEach(subject -> subject.admit(admitted));
      for (CaptureSubject subject : subjects) {
        await(() -> subject.plays(admitted), subject.name() + " does not find its cameras");
      }
      pause(Duration.ofSeconds(seconds));
    }
  }

  /** Waits until a service has seen motion. */
  void awaitMotion(CaptureSubject subject) throws InterruptedException {
    await(() -> subject.motions() > 0, subject.name() + " sees no motion");
  }

  /** Measures all services so often, for so many seconds each time. */
  void measure(int repeats, Duration each) throws InterruptedException {
    for (int repeat = 0; repeat < repeats; repeat++) {
      for (CaptureSubject subject : subjects) {
        subject.begin();
      }
      pause(each);
      for (CaptureSubject subject : subjects) {
        subject.end();
      }
    }
  }

  private interface Condition {
    boolean holds() throws InterruptedException;
  }

  private void await(Condition condition, String otherwise) throws InterruptedException {
    long until = System.nanoTime() + CONNECTS_WITHIN.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > until) {
        throw new IllegalStateException(otherwise);
      }
      pause(LOOKS_EVERY);
    }
  }

  private void pause(Duration length) throws InterruptedException {
    interruption.sleep(length);
  }

  @Override
  public void close() {
    subjects.forEach(CaptureSubject::close);
    redis.close();
  }
}
