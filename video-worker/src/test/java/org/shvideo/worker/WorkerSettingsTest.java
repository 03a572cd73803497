package org.shvideo.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.shvideo.tasks.log.LogRotation;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.settings.SettingsException;
import org.shvideo.worker.clip.Sampling;

final class WorkerSettingsTest {
  @Test
  void theDefaultsSuitMost() {
    Settings environment = Settings.of(Map.of());
    WorkerSettings settings = WorkerSettings.from(environment);
    environment.check();

    assertThat(settings.folder().root()).isEqualTo(Path.of("video").toAbsolutePath());
    assertThat(settings.queue().queue()).isEqualTo("video_queue");
    assertThat(settings.confidence()).isEqualTo(0.5);
    assertThat(settings.iou()).isEqualTo(0.7);
    assertThat(settings.sampling()).isEqualTo(Sampling.ADAPTIVE);
    assertThat(settings.threads()).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(settings.model()).isEmpty();
    assertThat(settings.limits()).isEqualTo(WorkLimits.DEFAULT);
    assertThat(settings.rotation()).isEqualTo(LogRotation.NEVER);
    assertThat(settings.logLevel()).isEqualTo(LogLevel.DEBUG);
  }

  @Test
  void everythingCanBeSet() {
    Settings environment =
        Settings.of(
            Map.ofEntries(
                Map.entry("VIDEO_DIR", "/srv/video"),
                Map.entry("RDS_HOST", "redis"),
                Map.entry("RDS_PORT", "6380"),
                Map.entry("RDS_PSW", "22"),
                Map.entry("RDSQ_OUTMSG", "'jupyter_queue'"),
                Map.entry("JOB_LEASE", "2"),
                Map.entry("JOB_ATTEMPTS", "5"),
                Map.entry("RESULT_TTL", "60"),
                Map.entry("CONFIDENCE", "0.35"),
                Map.entry("IOU", "0.6"),
                Map.entry("SAMPLING", "EVERY"),
                Map.entry("DETECT_THREADS", "3"),
                Map.entry("YOLO_MODEL", "/models/own.torchscript"),
                Map.entry("CLIP_TIMEOUT", "600"),
                Map.entry("LOG_ROTATE_BYTES", "100M"),
                Map.entry("LOG_ROTATE_DAYS", "7"),
                Map.entry("LOGLEVEL", "warning")));
    WorkerSettings settings = WorkerSettings.from(environment);
    environment.check();

    assertThat(settings.folder().root()).isEqualTo(Path.of("/srv/video"));
    assertThat(settings.queue().host()).isEqualTo("redis");
    assertThat(settings.queue().port()).isEqualTo(6380);
    assertThat(settings.queue().password().value()).isEqualTo("22");
    assertThat(settings.queue().queue()).isEqualTo("jupyter_queue");
    assertThat(settings.queue().lease()).isEqualTo(Duration.ofSeconds(2));
    assertThat(settings.queue().maxAttempts()).isEqualTo(5);
    assertThat(settings.queue().resultTtl()).isEqualTo(Duration.ofMinutes(1));
    assertThat(settings.confidence()).isEqualTo(0.35);
    assertThat(settings.iou()).isEqualTo(0.6);
    assertThat(settings.sampling()).isEqualTo(Sampling.EVERY);
    assertThat(settings.threads()).isEqualTo(3);
    assertThat(settings.model()).contains(Path.of("/models/own.torchscript"));
    assertThat(settings.limits().clipTimeout()).isEqualTo(Duration.ofMinutes(10));
    assertThat(settings.rotation()).isEqualTo(new LogRotation(100L << 20, 7));
    assertThat(settings.logLevel()).isEqualTo(LogLevel.WARNING);
  }

  @Test
  void allProblemsAreToldAtOnce() {
    Settings environment =
        Settings.of(
            Map.of("CONFIDENCE", "50", "SAMPLING", "some", "DETECT_THREADS", "two", "IOU", "0.7"));
    WorkerSettings.from(environment);

    assertThatThrownBy(environment::check)
        .isInstanceOf(SettingsException.class)
        .hasMessageContainingAll(
            "CONFIDENCE must be a number from 0.01 to 0.99",
            "SAMPLING must be one of adaptive, every",
            "DETECT_THREADS must be a whole number from 0 to 256");
  }

  @Test
  void eachSettingIsListedOnceWithItsMeaning() {
    assertThat(WorkerSettings.all()).extracting(Setting::name).doesNotHaveDuplicates().hasSize(19);
    assertThat(WorkerSettings.all()).allSatisfy(each -> assertThat(each.meaning()).endsWith("."));
  }
}
