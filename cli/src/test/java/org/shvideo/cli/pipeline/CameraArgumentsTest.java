package org.shvideo.cli.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.capture.CaptureSettings;
import org.shvideo.tasks.settings.Settings;

final class CameraArgumentsTest {
  @ParameterizedTest
  @CsvSource({
    "двір, двір",
    "вхідні двері, вхідні-двері",
    "Küche, küche",
    "и\u0306, й",
    "玄関, 玄関",
    "front_door, front-door",
  })
  void aNameMayHaveLettersOfAnyLanguage(String name, String camera) {
    Map<String, String> settings =
        CameraArguments.toSettings(List.of(name + "=rtsp://10.0.0.9/live?a=b"));

    assertThat(settings.values()).containsExactly("rtsp://10.0.0.9/live?a=b");
    Settings environment = Settings.of(settings);
    CaptureSettings capture = CaptureSettings.from(environment);
    environment.check();
    assertThat(capture.cameras())
        .singleElement()
        .satisfies(each -> assertThat(each.name()).isEqualTo(camera));
  }

  @ParameterizedTest
  @ValueSource(strings = {"=rtsp://h/1", "a!b=rtsp://h/1", "a\nb=rtsp://h/1", "-=rtsp://h/1"})
  void aWrongNameIsToldAsOne(String argument) {
    assertThatThrownBy(() -> CameraArguments.toSettings(List.of(argument)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("is no name for a camera");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rtsp://h/1?a=b", "./a=b.mp4", "C:\\a=b", "двір.mp4"})
  void whatHasNoNameIsTheAddressItself(String argument) {
    assertThat(CameraArguments.toSettings(List.of(argument)))
        .containsExactly(Map.entry("RTSP_URL", argument));
  }

  @Test
  void passwordsThatWereAskedForAreThoseOfCamerasWithAUserAlone() {
    Settings environment = Settings.of(Map.of("SHVIDEO_PASSWORDS", "a b:/@%\nсекрет\n"));
    Settings settings =
        CameraArguments.addTo(
            environment,
            List.of(
                "yard=rtsp://me@10.0.0.1/live?x=a@b",
                "door=rtsp://me:known@10.0.0.2/live",
                "gate=https://you@[::1]:88/",
                "hall=rtsp://10.0.0.3/u@v"));
    assertThat(settings.withPrefix("RTSP_URL_"))
        .containsEntry("YARD", "rtsp://me:a%20b%3A%2F%40%25@10.0.0.1/live?x=a@b")
        .containsEntry("DOOR", "rtsp://me:known@10.0.0.2/live")
        .containsEntry("GATE", "https://you:%D1%81%D0%B5%D0%BA%D1%80%D0%B5%D1%82@[::1]:88/")
        .containsEntry("HALL", "rtsp://10.0.0.3/u@v");
  }

  @Test
  void theSameNameComposedAndNotIsGivenTwice() {
    assertThatThrownBy(
            () ->
                CameraArguments.toSettings(List.of("\u0439=rtsp://h/1", "\u0438\u0306=rtsp://h/2")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Two cameras are named");
  }

  @Test
  void aNameThatReadsAsASecretFileIsRefused() {
    assertThatThrownBy(() -> CameraArguments.toSettings(List.of("old-file=rtsp://h/1")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("cannot be named old-file: RTSP_URL_OLD_FILE");
  }
}
