package org.shvideo.capture.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.shvideo.capture.record.ClipSettings.RecordMode;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.settings.SettingsException;

class ClipSettingsTest {

  @Test
  void defaults() {
    assertThat(ClipSettings.from(Settings.of(Map.of())))
        .isEqualTo(
            new ClipSettings(
                Duration.ofSeconds(30), Duration.ofSeconds(2), 32L << 20, RecordMode.COPY));
  }

  @Test
  void readsEverySetting() {
    Settings settings =
        Settings.of(
            Map.of(
                "RECORD_SECONDS", "12.5",
                "PRE_ROLL", "0.25",
                "PRE_ROLL_MAX_MIB", "7",
                "RECORD_MODE", "Encode"));

    assertThat(ClipSettings.from(settings))
        .isEqualTo(
            new ClipSettings(
                Duration.ofMillis(12_500), Duration.ofMillis(250), 7L << 20, RecordMode.ENCODE));
    settings.check();
  }

  @Test
  void reportsEveryInvalidValueByName() {
    Settings settings =
        Settings.of(
            Map.of(
                "RECORD_SECONDS", "0",
                "PRE_ROLL", "-1",
                "PRE_ROLL_MAX_MIB", "lots",
                "RECORD_MODE", "remux"));

    ClipSettings.from(settings);

    assertThatThrownBy(settings::check)
        .isInstanceOf(SettingsException.class)
        .hasMessageContainingAll(
            "RECORD_SECONDS must be a number from 1 to 3600",
            "PRE_ROLL must be a number from 0 to 60",
            "PRE_ROLL_MAX_MIB must be a whole number from 1 to 1024",
            "RECORD_MODE must be one of copy, encode");
  }
}
