package org.shvideo.tasks.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  private enum Mode {
    COPY,
    ENCODE
  }

  private static final Setting<String> TEXT = Setting.text("TEXT", "usual", "A text.");
  private static final Setting<Integer> COUNT = Setting.integer("COUNT", 3, "", 1, 10, "A count.");
  private static final Setting<Double> SHARE = Setting.number("SHARE", 0.5, "", 0, 1, "A share.");
  private static final Setting<Duration> TIME = Setting.seconds("TIME", 30, 0.5, 60, "A time.");
  private static final Setting<Long> ROOM = Setting.bytes("ROOM", "2G", 0, 8L << 40, "Some room.");
  private static final Setting<Mode> MODE = Setting.choice("MODE", Mode.COPY, "A mode.");
  private static final Setting<Path> PLACE = Setting.path("PLACE", "video", "A place.");
  private static final Setting<Secret> PASSWORD = Setting.secret("PASSWORD", "A secret.");

  @Test
  void defaultsStandInForWhatIsNotSet() {
    Settings settings = Settings.of(Map.of("COUNT", "", "SHARE", "  ", "TIME", "''"));

    assertThat(settings.get(TEXT)).isEqualTo("usual");
    assertThat(settings.get(COUNT)).isEqualTo(3);
    assertThat(settings.get(SHARE)).isEqualTo(0.5);
    assertThat(settings.get(TIME)).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.get(MODE)).isEqualTo(Mode.COPY);
    assertThat(settings.get(PLACE)).isEqualTo(Path.of("video"));
    assertThat(settings.getSecret(PASSWORD)).isEqualTo(Secret.NONE);
    settings.check();
  }

  @Test
  void aPartIsReadAndChecked() {
    Settings wrong = Settings.of(Map.of("COUNT", "many"));

    assertThatThrownBy(() -> wrong.read(settings -> settings.get(COUNT)))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("COUNT must be");
    int count = Settings.of(Map.of("COUNT", "4")).read(settings -> settings.get(COUNT));
    assertThat(count).isEqualTo(4);
  }

  @Test
  void aDefaultOfTheCallerStandsInForWhatIsNotSet() {
    assertThat(Settings.of(Map.of("COUNT", "")).withDefault(COUNT, 7).get(COUNT)).isEqualTo(7);
    assertThat(Settings.of(Map.of("COUNT", "4")).withDefault(COUNT, 7).get(COUNT)).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "video_queue, video_queue",
        "'video_queue', video_queue",
        "\"video_queue\", video_queue",
        "`  ' video_queue '  `, video_queue",
        "'video_queue\", 'video_queue\"",
        "it's, it's",
        "', '",
        "''a'', 'a'",
        "a=b c, a=b c"
      })
  void oneLayerOfQuotesIsStripped(String value, String text) {
    assertThat(Settings.of(Map.of("TEXT", value)).get(TEXT)).isEqualTo(text);
  }

  @Test
  void valuesAreReadByTheirKind() {
    Settings settings =
        Settings.of(
            Map.of(
                "COUNT", "'10'", "SHARE", "0.25", "TIME", "1.5", "MODE", "Encode", "PLACE",
                "/a b"));

    assertThat(settings.get(COUNT)).isEqualTo(10);
    assertThat(settings.get(SHARE)).isEqualTo(0.25);
    assertThat(settings.get(TIME)).isEqualTo(Duration.ofMillis(1500));
    assertThat(settings.get(MODE)).isEqualTo(Mode.ENCODE);
    assertThat(settings.get(PLACE)).isEqualTo(Path.of("/a b"));
    settings.check();
  }

  @ParameterizedTest
  @CsvSource({
    "'', 2147483648",
    "0, 0",
    "1048577, 1048577",
    "3k, 3072",
    "500M, 524288000",
    "1 g, 1073741824",
    "8T, 8796093022208"
  })
  void bytesMayBeGivenInPowersOf1024(String value, long bytes) {
    Settings settings = Settings.of(Map.of("ROOM", value));

    assertThat(settings.get(ROOM)).isEqualTo(bytes);
    settings.check();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "COUNT, 0, a whole number from 1 to 10",
        "COUNT, 11, a whole number from 1 to 10",
        "COUNT, 99999999999, a whole number from 1 to 10",
        "COUNT, 2.5, a whole number from 1 to 10",
        "COUNT, three, a whole number from 1 to 10",
        "SHARE, 1.01, a number from 0 to 1",
        "SHARE, -0.1, a number from 0 to 1",
        "SHARE, NaN, a number from 0 to 1",
        "SHARE, `0,5`, a number from 0 to 1",
        "TIME, 0.4, a number from 0.5 to 60",
        "TIME, 30s, a number from 0.5 to 60",
        "ROOM, -1, `a number of bytes from 0 to 8T, such as 500M or 2G`",
        "ROOM, 9T, `a number of bytes from 0 to 8T, such as 500M or 2G`",
        "ROOM, 99999999T, `a number of bytes from 0 to 8T, such as 500M or 2G`",
        "ROOM, 99999999999999999999, `a number of bytes from 0 to 8T, such as 500M or 2G`",
        "ROOM, 1.5G, `a number of bytes from 0 to 8T, such as 500M or 2G`",
        "ROOM, 5 GB, `a number of bytes from 0 to 8T, such as 500M or 2G`",
        "MODE, both, `one of copy, encode`",
        "PLACE, a\0b, a path of this system"
      })
  void aValueThatCannotBeUsedIsNamedWithWhatWasExpected(
      String name, String value, String expected) {
    Settings settings = Settings.of(Map.of(name, value));
    for (Setting<?> setting : new Setting<?>[] {COUNT, SHARE, TIME, ROOM, MODE, PLACE}) {
      assertThat(settings.get(setting)).as("the default").isEqualTo(fallback(setting));
      settings.get(setting);
    }

    var problem = catchThrowableOfType(SettingsException.class, settings::check);

    assertThat(problem)
        .hasMessage(
            "The settings cannot be used:\n  %s must be %s, not \"%s\""
                .formatted(name, expected, value));
  }

  @Test
  void allProblemsAreReportedAtOnce() {
    Settings settings = Settings.of(Map.of("COUNT", "many", "MODE", "none"));
    settings.get(COUNT);
    settings.get(MODE);
    settings.problem("TEXT", "contradicts MODE");

    assertThatThrownBy(settings::check)
        .isInstanceOf(SettingsException.class)
        .hasMessage(
            """
            The settings cannot be used:
              COUNT must be a whole number from 1 to 10, not "many"
              MODE must be one of copy, encode, not "none"
              TEXT contradicts MODE\
            """);
  }

  @Test
  void aSecretComesFromItsVariableOrItsFile(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("secret"), "s:@ cret\r\nmore\n");

    Settings direct = Settings.of(Map.of("PASSWORD", "'22'"));
    assertThat(direct.getSecret(PASSWORD).value()).isEqualTo("22");
    direct.check();
    Settings fromFile = Settings.of(Map.of("PASSWORD_FILE", file.toString()));
    assertThat(fromFile.getSecret(PASSWORD).value()).isEqualTo("s:@ cret");
    fromFile.check();
  }

  @Test
  void aSecretsFileMustHoldItAndStandAlone(@TempDir Path folder) throws IOException {
    Path empty = Files.writeString(folder.resolve("empty"), "\n22\n");
    Path full = Files.writeString(folder.resolve("full"), "hush\n");
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe});

    assertThat(problem(Map.of("PASSWORD_FILE", empty.toString())))
        .isEqualTo("PASSWORD_FILE names a file whose first line is empty: " + empty);
    assertThat(problem(Map.of("PASSWORD_FILE", folder.resolve("none").toString())))
        .isEqualTo("PASSWORD_FILE names a file that cannot be read: " + folder.resolve("none"));
    assertThat(problem(Map.of("PASSWORD_FILE", folder.toString()))).contains("cannot be read");
    assertThat(problem(Map.of("PASSWORD_FILE", binary.toString()))).contains("cannot be read");
    assertThat(problem(Map.of("PASSWORD_FILE", full.toString(), "PASSWORD", "psst")))
        .isEqualTo("PASSWORD_FILE and PASSWORD are both set: leave one of them out")
        .doesNotContain("hush", "psst");
  }

  @Test
  void noSecretIsPrinted() {
    assertThat(new Secret("hush")).hasToString("***");
    assertThat(Secret.NONE).hasToString("");
    assertThat(problem(Map.of("COUNT", "rtsp://me:hush@cam/1"))).doesNotContain("hush");
  }

  @Test
  void variablesAreFoundByTheirPrefix() {
    Settings settings =
        Settings.of(
            Map.of(
                "RTSP_URL",
                "0",
                "RTSP_URL_YARD",
                "'1'",
                "RTSP_URL_DOOR",
                "2",
                "RTSP_URL_OFF",
                "''",
                "RTSP_URLS",
                "3",
                "RTSP_URL_",
                "4"));

    assertThat(settings.withPrefix("RTSP_URL_"))
        .containsExactly(Map.entry("DOOR", "2"), Map.entry("YARD", "1"));
  }

  @Test
  void settingsCanBeReplaced() {
    Settings settings = Settings.of(Map.of("COUNT", "4", "TEXT", "a"));

    assertThat(settings.with(Map.of("COUNT", "5")).get(COUNT)).isEqualTo(5);
    assertThat(settings.with(Map.of("COUNT", "5")).get(TEXT)).isEqualTo("a");
    assertThat(settings.get(COUNT)).isEqualTo(4);
    assertThat(settings.isSet("COUNT")).isTrue();
    assertThat(settings.isSet("MODE")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "lower", "1ST", "A-B", "A B"})
  void aSettingHasTheNameOfAVariable(String name) {
    assertThatThrownBy(() -> Setting.text(name, "", ""))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Object fallback(Setting<?> setting) {
    return setting.parser().apply(setting.fallback());
  }

  private static String problem(Map<String, String> environment) {
    Settings settings = Settings.of(environment);
    settings.get(COUNT);
    settings.getSecret(PASSWORD);
    return catchThrowableOfType(SettingsException.class, settings::check)
        .getMessage()
        .replaceFirst(".*\n  ", "");
  }
}
