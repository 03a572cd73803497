package org.shvideo.tasks.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.shvideo.tasks.job.JobState;
import org.shvideo.tasks.job.JobStatus;

/** What stands in Redis may have been written by any client. */
final class JobFieldsTest {
  @Test
  void unknownStateCountsAsQueued() {
    JobStatus status = new JobFields(Map.of("id", "1-1", "state", "-")).status();

    assertThat(status.state()).isEqualTo(JobState.QUEUED);
    assertThat(status.job().id()).isEqualTo("1-1");
  }

  @Test
  void whatIsNoNumberOrTimeIsUnknown() {
    JobStatus status =
        new JobFields(
                Map.of(
                    "state", "STARTED", "attempt", "x", "started", "soon", "recorded_at", "today"))
            .status();

    assertThat(status.state()).isEqualTo(JobState.STARTED);
    assertThat(status.attempt()).isZero();
    assertThat(status.started()).isNull();
    assertThat(status.job().recordedAt()).isNull();
    assertThat(status.job().filename()).isEmpty();
  }

  @Test
  void waitingJobHasItsEntrysTimeAndItsIdWhereItHasNone() {
    JobStatus status = JobFields.waiting("1700000000000-0", Map.of("id", "")).status();

    assertThat(status.job().id()).isEqualTo("1700000000000-0");
    assertThat(status.enqueued()).isEqualTo("2023-11-14T22:13:20Z");
  }
}
