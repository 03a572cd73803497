package org.shvideo.tasks.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.tasks.settings.Settings;
import org.slf4j.LoggerFactory;

class LoggingTest {
  private final Logger clip =
      (Logger) LoggerFactory.getLogger("org.shvideo.capture.record.ClipWriter");

  @AfterEach
  void restore() {
    LogLevel.DEBUG.apply();
  }

  @Test
  void aLineLooksLikeThePrototypes() {
    assertThat(line(Level.INFO, "clip {} begins", null, Map.of("camera", "front-door"), "a.avi"))
        .isEqualTo(
            "2026-02-25 12:50:29,946 - INFO - capture.record - [front-door] clip a.avi begins\n");
  }

  @Test
  void aNameCannotSteerTheTerminal() {
    String name = "a\u001b[2J\u0000\u009b\r.avi";

    assertThat(line(Level.INFO, "clip {} begins", null, Map.of("job", "7\b"), name))
        .endsWith(" - [7\\u0008] clip a\\u001b[2J\\u0000\\u009b\\u000d.avi begins\n");
  }

  @Test
  void oneEventIsOneLineAndNoOtherBeginsWithinIt() {
    String forged = "x\n2026-11-26 21:00:00,000 - ERROR - worker - forged\u2028b\ufeffc\u0085d";

    assertThat(line(Level.INFO, "job {}", null, Map.of("job", "7\n8"), forged))
        .endsWith(
            " - [7\\u000a8] job x\\u000a2026-11-26 21:00:00,000 - ERROR - worker - forged"
                + "\\u2028b\\ufeffc\\u0085d\n");
    assertThat(line(Level.INFO, "m", new IllegalStateException(forged), Map.of()).lines().skip(1))
        .allMatch(line -> line.startsWith("  "));
  }

  @Test
  void theContextNamesCameraAndJobWhereThereAreAny() {
    assertThat(line(Level.WARN, "m", null, Map.of())).endsWith(" - WARNING - capture.record - m\n");
    assertThat(line(Level.ERROR, "m", null, Map.of("job", "7"))).endsWith(" - [7] m\n");
    assertThat(line(Level.DEBUG, "m", null, Map.of("job", "7", "camera", "yard")))
        .endsWith(" - [yard 7] m\n");
  }

  @Test
  void noCredentialsAreWrittenNotEvenByStackTraces() {
    var root = new IllegalStateException("cannot open rtsp://admin:Kx7@cam/1");
    root.addSuppressed(new IllegalStateException("nor http://admin:Kx7@cam/2"));
    var error = new IllegalStateException("failed", root);

    String line = line(Level.ERROR, "lost {}", error, Map.of(), "rtsp://admin:Kx7@cam/1");

    assertThat(line)
        .doesNotContain("Kx7")
        .contains("lost rtsp://***@cam/1")
        .contains("Caused by: java.lang.IllegalStateException: cannot open rtsp://***@cam/1")
        .contains("nor http://***@cam/2")
        .contains("at " + LoggingTest.class.getName())
        .endsWith("\n");
  }

  @Test
  void idsAreShortWhereThatIsAskedFor() {
    String id = "5f3a9c1e-0b4d-4a77-9d0e-2f1c8b6a7e55";
    var layout = new LogLayout();
    layout.setShortIds(true);

    assertThat(line(layout, Level.INFO, "Job {} started", null, Map.of("job", id), id))
        .endsWith(" - [5f3a9c1e] Job 5f3a9c1e started\n");
    assertThat(line(Level.INFO, "Job {} started", null, Map.of("job", id), id))
        .endsWith(" - [" + id + "] Job " + id + " started\n");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "``, DEBUG, WARN",
        "debug, DEBUG, WARN",
        "'INFO', INFO, WARN",
        "WARNING, WARN, WARN",
        "error, ERROR, ERROR",
        "CRITICAL, ERROR, ERROR"
      })
  void theLevelIsOursAndLibrariesOnlyWarn(String value, String own, String libraries) {
    Settings settings = Settings.of(Map.of("LOGLEVEL", value));
    LogLevel level = settings.get(LogLevel.SETTING);
    settings.check();

    level.apply();

    assertThat(clip.getEffectiveLevel()).isEqualTo(Level.toLevel(own));
    assertThat(((Logger) LoggerFactory.getLogger("ai.djl")).getEffectiveLevel())
        .isEqualTo(Level.toLevel(libraries));
  }

  @Test
  void theConfigurationWritesToStandardErrorInUtf8() throws Exception {
    PrintStream usual = System.err;
    var written = new ByteArrayOutputStream();
    System.setErr(new PrintStream(written, true, StandardCharsets.ISO_8859_1));
    var context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    try {
      new ContextInitializer(context).autoConfig();
      context.getLogger("org.shvideo.capture.record.ClipWriter").debug("кіт");
      context.getLogger("org.some.library").info("chatter");
      context.getLogger("redis.clients.jedis.ConnectionFactory").error("chatter");
    } finally {
      System.setErr(usual);
      context.stop();
    }

    assertThat(written.toString(StandardCharsets.UTF_8))
        .endsWith(" - DEBUG - capture.record - кіт" + System.lineSeparator())
        .doesNotContain("chatter");
  }

  private String line(
      Level level, String message, Throwable error, Map<String, String> context, Object... values) {
    return line(new LogLayout(), level, message, error, context, values);
  }

  private String line(
      LogLayout layout,
      Level level,
      String message,
      Throwable error,
      Map<String, String> context,
      Object... values) {
    var event = new LoggingEvent("", clip, level, message, error, values);
    event.setInstant(
        LocalDateTime.of(2026, 2, 25, 12, 50, 29, 946_000_000)
            .atZone(ZoneId.systemDefault())
            .toInstant());
    event.setMDCPropertyMap(context);
    return layout.doLayout(event).replace(System.lineSeparator(), "\n");
  }
}
