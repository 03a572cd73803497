package org.shvideo.capture.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.settings.SettingsException;

class RetentionSettingsTest {
  private static final RetentionSettings.Continuous CONTINUOUS =
      new RetentionSettings.Continuous(false, 0, 7);

  @Test
  void defaultsDeleteNothing() {
    RetentionSettings settings = RetentionSettings.from(Settings.of(Map.of()), false);

    assertThat(settings).isEqualTo(new RetentionSettings(0, 0, 0, CONTINUOUS));
    assertThat(settings.limited()).isFalse();
  }

  @Test
  void readsEverySetting() {
    Settings settings =
        Settings.of(
            Map.of("VIDEO_MAX_BYTES", "200g", "VIDEO_MAX_DAYS", "30", "VIDEO_MIN_FREE", "500M"));

    assertThat(RetentionSettings.from(settings, false))
        .isEqualTo(new RetentionSettings(200L << 30, 30, 500L << 20, CONTINUOUS));
    settings.check();
  }

  @Test
  void reportsEveryInvalidValueByName() {
    Settings settings =
        Settings.of(
            Map.of(
                "VIDEO_MAX_BYTES", "200 GB",
                "VIDEO_MAX_DAYS", "1.5",
                "VIDEO_MIN_FREE", "99999999999T"));

    RetentionSettings.from(settings, false);

    assertThatThrownBy(settings::check)
        .isInstanceOf(SettingsException.class)
        .hasMessageContainingAll(
            "VIDEO_MAX_BYTES must be a number of bytes from 0 to 1024T, such as 500M or 2G, not"
                + " \"200 GB\"",
            "VIDEO_MAX_DAYS must be a whole number from 0 to 36500, not \"1.5\"",
            "VIDEO_MIN_FREE must be a number of bytes from 0 to 1024T");
  }
}
