package org.shvideo.tasks.queue;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.shvideo.tasks.settings.Secret;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;

/** The address of Redis, and how jobs are handled there. */
public record QueueSettings(
    String host,
    int port,
    Secret password,
    String queue,
    Duration lease,
    int maxAttempts,
    Duration resultTtl) {

  private static final Setting<String> HOST =
      Setting.text("RDS_HOST", "localhost", "Host name of Redis.");
  private static final Setting<Integer> PORT =
      Setting.integer("RDS_PORT", 6379, "", 1, 65_535, "Port of Redis.");
  private static final Setting<Secret> PASSWORD =
      Setting.secret(
          "RDS_PSW", "Password of Redis; `RDS_PSW_FILE` names a file that holds it instead.");
  private static final Setting<String> QUEUE =
      Setting.text("RDSQ_OUTMSG", "video_queue", "Name of the queue.");
  private static final Setting<Duration> LEASE =
      Setting.seconds(
          "JOB_LEASE",
          30,
          1,
          3600,
          "Time without a sign of life after which a worker loses its job to another.");
  private static final Setting<Integer> MAX_ATTEMPTS =
      Setting.integer("JOB_ATTEMPTS", 3, "", 1, 100, "Attempts before a job fails permanently.");
  private static final Setting<Duration> RESULT_TTL =
      Setting.seconds(
          "RESULT_TTL",
          500,
          1,
          31_536_000,
          "Time for which the status of a finished or failed job is kept; at least 60 s, within"
              + " which capture makes sure of the job.");

  /** A job that is forgotten before capture sends it a second time, after 10 s, would come back. */
  private static final Duration MIN_RESULT_TTL = Duration.ofSeconds(60);

  public QueueSettings {
    Objects.requireNonNull(password);
    if (host.isBlank() || queue.isBlank()) {
      throw new IllegalArgumentException("no host or no queue");
    }
    if (lease.toMillis() < 1 || maxAttempts < 1 || resultTtl.toMillis() < 1) {
      throw new IllegalArgumentException(
          "lease %s, attempts %d, result kept %s".formatted(lease, maxAttempts, resultTtl));
    }
  }

  public static List<Setting<?>> all() {
    return List.of(HOST, PORT, PASSWORD, QUEUE, LEASE, MAX_ATTEMPTS, RESULT_TTL);
  }

  public static QueueSettings from(Settings settings) {
    Duration resultTtl = settings.get(RESULT_TTL);
    return new QueueSettings(
        settings.get(HOST),
        settings.get(PORT),
        settings.getSecret(PASSWORD),
        settings.get(QUEUE),
        settings.get(LEASE),
        settings.get(MAX_ATTEMPTS),
        resultTtl.compareTo(MIN_RESULT_TTL) < 0 ? MIN_RESULT_TTL : resultTtl);
  }
}
