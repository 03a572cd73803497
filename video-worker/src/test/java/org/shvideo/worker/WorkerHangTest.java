package org.shvideo.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobState;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.worker.clip.Sampling;

/** A clip takes too long, hangs its worker, or needs more memory than there is. */
final class WorkerHangTest extends WorkerTestBase {
  @Test
  void aClipThatTakesTooLongFailsAtOnceInTheOpen() throws Exception {
    place(longClip, "long.avi");
    Job job = Job.forFile("long.avi");
    queue.enqueue(job);

    Worker worker =
        worker(new WorkLimits(Duration.ofMillis(300), WorkLimits.STALL_TIMEOUT), clock());
    work(worker, worker::run);

    assertThat(awaitState(job.id(), JobState.FAILED).attempt()).isEqualTo(1);
    assertThat(onlyLine().error())
        .isEqualTo("its analysis took longer than CLIP_TIMEOUT allows, 0 s");
    assertNothingIsLeft(1);
  }

  @Test
  void aJobThatHangsEveryWorkerIsGivenUp() throws Exception {
    place(shortClip, "sign.avi");
    Job job = Job.forFile("sign.avi");
    queue.enqueue(job);
    HangingClock clock = new HangingClock(2);
    QueueSettings twice = settings(2, Duration.ofSeconds(1));
    WorkLimits limits = new WorkLimits(Duration.ofHours(1), Duration.ofSeconds(1));

    workOn(() -> worker(detector, Sampling.ADAPTIVE, twice, limits, clock));

    awaitState(job.id(), JobState.FAILED);
    assertThat(onlyLine().error()).startsWith("gave up after 2 attempts");
    assertNothingIsLeft(1);
    clock.release();
  }

  /** Each that hangs is followed by another, as its process would be. */
  private void workOn(Supplier<Worker> workers) {
    Worker worker = workers.get();
    work(worker, () -> worker.run(() -> workOn(workers)));
  }

  @Test
  void aWorkerThatHangsEndsItsProcess() throws Exception {
    place(shortClip, "sign.avi");
    Job job = Job.forFile("sign.avi");
    queue.enqueue(job);
    Path output = temporary.resolve("hung.log");

    Process other =
        WorkerProcess.start(HangingWorker.class, List.of(), environment(), temporary, output);
    assertThat(other.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();

    assertThat(other.exitValue()).isEqualTo(WorkerMain.STUCK);
    assertThat(output).content().contains("sign.avi) made no progress for 1 s", "Exiting");
    work(Sampling.ADAPTIVE);
    assertThat(awaitState(job.id(), JobState.FINISHED).attempt()).isEqualTo(2);
    assertThat(onlyLine().ok()).isTrue();
  }

  /** The picture of so large a snapshot does not fit into the heap. */
  @Test
  void aWorkerWhoseMemoryRunsOutEndsAndAnotherTakesTheJob(@TempDir Path clips) throws Exception {
    BufferedImage large = new BufferedImage(5120, 2880, BufferedImage.TYPE_3BYTE_BGR);
    var graphics = large.createGraphics();
    graphics.drawImage(TestClips.stopSign(), 0, 0, large.getWidth(), large.getHeight(), null);
    graphics.dispose();
    place(TestClips.still(clips.resolve("large.avi"), large, 2), "large.avi");
    Job job = Job.forFile("large.avi");
    queue.enqueue(job);
    Path output = temporary.resolve("full.log");

    Process other =
        WorkerProcess.start(
            WorkerMain.class,
            List.of("-Xmx36m", "-XX:+ExitOnOutOfMemoryError"),
            environment(),
            temporary,
            output);
    assertThat(other.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();

    assertThat(other.exitValue()).isEqualTo(3);
    assertThat(output).content().contains("OutOfMemoryError");
    assertThat(lines()).isEmpty();
    work(Sampling.ADAPTIVE);
    assertThat(awaitState(job.id(), JobState.FINISHED).attempt()).isEqualTo(2);
    assertThat(onlyLine().snapshot()).isEqualTo("large.jpg");
  }
}
