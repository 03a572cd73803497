package org.shvideo.tasks.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.shvideo.tasks.settings.Secret;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;

class QueueSettingsTest {
  private static final QueueSettings DEFAULTS =
      new QueueSettings(
          "localhost",
          6379,
          Secret.NONE,
          "video_queue",
          Duration.ofSeconds(30),
          3,
          Duration.ofSeconds(500));

  @Test
  void hasDefaults() {
    Settings settings = Settings.of(Map.of());

    assertThat(QueueSettings.from(settings)).isEqualTo(DEFAULTS);
    settings.check();
  }

  @Test
  void readsEverySetting() {
    Map<String, String> environment =
        Map.of(
            "RDS_HOST", "redis",
            "RDS_PORT", "6380",
            "RDS_PSW", "22",
            "RDSQ_OUTMSG", "'jupyter_queue'",
            "JOB_LEASE", "5",
            "JOB_ATTEMPTS", "7",
            "RESULT_TTL", "60");
    Settings settings = Settings.of(environment);

    assertThat(QueueSettings.from(settings))
        .isEqualTo(
            new QueueSettings(
                "redis",
                6380,
                new Secret("22"),
                "jupyter_queue",
                Duration.ofSeconds(5),
                7,
                Duration.ofSeconds(60)));
    settings.check();
    assertThat(QueueSettings.all())
        .extracting(Setting::name)
        .containsExactlyInAnyOrderElementsOf(environment.keySet());
  }

  @Test
  void keepsAResultLongEnoughForTheSenderToSeeIt() {
    Settings settings = Settings.of(Map.of("RESULT_TTL", "1"));

    assertThat(QueueSettings.from(settings).resultTtl()).isEqualTo(Duration.ofSeconds(60));
    settings.check();
  }

  @Test
  void refusesWhatNoQueueCanWorkWith() {
    assertThatThrownBy(
            () ->
                new QueueSettings(
                    "localhost", 6379, Secret.NONE, "q", Duration.ZERO, 3, Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new QueueSettings(
                    "localhost",
                    6379,
                    Secret.NONE,
                    " ",
                    Duration.ofSeconds(1),
                    3,
                    Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void doesNotPrintThePassword() {
    assertThat(QueueSettings.from(Settings.of(Map.of("RDS_PSW", "hush"))).toString())
        .doesNotContain("hush");
  }
}
