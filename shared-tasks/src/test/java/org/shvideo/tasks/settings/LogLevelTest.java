package org.shvideo.tasks.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

final class LogLevelTest {
  private final Logger ours = LoggerFactory.getLogger("org.shvideo.anything");

  @AfterEach
  void reset() {
    LogLevel.INFO.apply();
  }

  @ParameterizedTest
  @CsvSource({
    "'', false, true, true",
    "debug, true, true, true",
    "'INFO', false, true, true",
    "WARNING, false, false, true",
    "error, false, false, false",
    "CRITICAL, false, false, false"
  })
  void setsHowMuchIsLogged(String value, boolean debug, boolean info, boolean warn) {
    Settings settings = Settings.of(Map.of("LOGLEVEL", value));

    settings.get(LogLevel.SETTING).apply();
    settings.check();

    assertThat(ours.isDebugEnabled()).isEqualTo(debug);
    assertThat(ours.isInfoEnabled()).isEqualTo(info);
    assertThat(ours.isWarnEnabled()).isEqualTo(warn);
    assertThat(ours.isErrorEnabled()).isTrue();
  }

  @Test
  void librariesKeepToWarnings() {
    LogLevel.DEBUG.apply();

    assertThat(LoggerFactory.getLogger("redis.clients").isInfoEnabled()).isFalse();
  }
}
