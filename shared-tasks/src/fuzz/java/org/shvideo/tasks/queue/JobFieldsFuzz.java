package org.shvideo.tasks.queue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import java.util.ArrayList;
import java.util.List;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobStatus;
import org.shvideo.tasks.json.Json;

/**
 * Whatever fields a message or a job's hash has: what can be read is, the rest is unknown; and a
 * job survives being sent and read again.
 */
public final class JobFieldsFuzz {
  private static final String[] NAMES = {
    "id",
    "filename",
    "camera",
    "recorded_at",
    "state",
    "attempt",
    "progress",
    "worker",
    "enqueued",
    "started",
    "ended",
    "result",
    "error",
    "time",
    "entry",
    ""
  };

  private JobFieldsFuzz() {}

  public static void fuzzerTestOneInput(FuzzedDataProvider data) {
    List<Object> flat = new ArrayList<>();
    while (data.remainingBytes() > 0) {
      flat.add(data.pickValue(NAMES));
      flat.add(data.consumeString(60));
    }
    JobFields fields = JobFields.of(flat);
    Job job = fields.job();
    if (job.recordedAt() != null) {
      String time = Json.formatTime(job.recordedAt());
      if (job.recordedAt().getYear() > 0 && job.recordedAt().getYear() < 9999) {
        require(Json.parseTime(time).isEqual(job.recordedAt()), "the time " + time);
      }
    }
    JobStatus status = fields.status();
    require(status.state() != null && status.job().equals(job), "the status");
    require(Json.write(status).indexOf('\n') < 0, "one line");
    require(fields.deadLetter().error() != null, "the reason of a dead letter");
    JobStatus waiting = JobFields.waiting("1700000000000-0", fields.fields()).status();
    require(!waiting.job().id().isEmpty(), "the id of a waiting job");
    require(waiting.enqueued() != null, "since when a job waits");
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
