package org.shvideo.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.shvideo.tasks.monitoring.CheckResult;
import org.shvideo.tasks.monitoring.CheckResult.State;

final class WorkerStatusTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1000);
  private final WorkerStatus status = new WorkerStatus(now::get);

  @Test
  void workerIsWellAsLongAsItGetsOn() {
    pass(90);
    assertThat(status.check()).isEqualTo(CheckResult.ok("waiting for jobs"));
    status.jobStarted("cat.avi");
    pass(90);
    assertThat(status.check()).isEqualTo(CheckResult.ok("analysing cat.avi"));
  }

  @Test
  void workerThatDoesNotGetOnHasFailed() {
    status.jobStarted("cat.avi");
    pass(91);
    assertThat(status.check().state()).isEqualTo(State.FAILED);
    assertThat(status.check().message()).contains("cat.avi", "91 s", "Restart");
    status.alive();
    assertThat(status.check().state()).isEqualTo(State.OK);
  }

  @Test
  void workerThatIsStuckSaysInWhat() {
    status.jobStarted("cat.avi");
    status.blocked("the disk is full");
    assertThat(status.check())
        .isEqualTo(CheckResult.failed("analysing cat.avi, but blocked: the disk is full"));
    status.blocked(null);
    assertThat(status.check().state()).isEqualTo(State.OK);
    status.blocked("the disk is full");
    status.jobEnded();
    assertThat(status.check()).isEqualTo(CheckResult.ok("waiting for jobs"));
  }

  @Test
  void workerThatHasEndedHasFailed() {
    status.ended();
    assertThat(status.check().state()).isEqualTo(State.FAILED);
  }

  private void pass(long seconds) {
    now.addAndGet(seconds * 1_000_000_000);
  }
}
