package org.shvideo.tasks.settings;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaskingTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "rtsp://admin:Kx7@10.0.0.5:554/stream1 | rtsp://***@10.0.0.5:554/stream1",
        "rtsp://admin@10.0.0.5/ | rtsp://***@10.0.0.5/",
        "rtsp://admin:p@Kx7@10.0.0.5/1 | rtsp://***@10.0.0.5/1",
        "rtsp://admin:Kx%407%2F@10.0.0.5/1 | rtsp://***@10.0.0.5/1",
        "rtsp://admin:Kx7/#?@10.0.0.5/1 | rtsp://***@10.0.0.5/1",
        "rtsp://admin:it'sKx7\"@10.0.0.5/1 | rtsp://***@10.0.0.5/1",
        "rtsp://кіт:Kx7@cam/1 | rtsp://***@cam/1",
        "HTTP://a:Kx7@[fe80::1]:80/v | HTTP://***@[fe80::1]:80/v",
        "rtsp:/admin:Kx7@10.0.0.5/1 | rtsp:/***@10.0.0.5/1",
        "a rtsp://a:Kx7@one/1, b redis://:Kx7@two:6379. | a rtsp://***@one/1, b"
            + " redis://***@two:6379.",
        "rtsp://a:Kx7@one/1,rtsp://b:Kx7@two/1 | rtsp://***@one/1,rtsp://***@two/1",
        "\"rtsp://a:Kx7@cam/1\": 401 | \"rtsp://***@cam/1\": 401",
        "u=rtsp%3A%2F%2Fa%3AKx7%40cam%2F1 | u=rtsp%3A%2F%2F***%40cam%2F1",
        "u=rtsp%3a%2f%2fa:Kx7%40cam | u=rtsp%3a%2f%2f***%40cam",
        "rtsp://cam/user=admin&password=Kx7&channel=1 |"
            + " rtsp://cam/user=admin&password=***&channel=1",
        "rtsp://cam/user=admin_password=Kx7_channel=1 | rtsp://cam/user=admin_password=***",
        "http://cam/v?usr=a&PWD=Kx7 failed | http://cam/v?usr=a&PWD=*** failed",
      })
  void hidesCredentials(String text, String masked) {
    assertThat(Masking.mask(text)).isEqualTo(masked).doesNotContain("Kx7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "rtsp://10.0.0.5:554/stream1",
        "http://cam:8080/video?fps=5 lost, mail to a@b.example",
        "File cats@home.mp4 not found",
        "a :// b @ c",
        "C:/video/a@b.avi: /srv/x@y",
        "compass=north"
      })
  void leavesOtherTextsAlone(String text) {
    assertThat(Masking.mask(text)).isEqualTo(text);
  }

  @Test
  void copesWithNothingAndWithVeryMuch() {
    assertThat(Masking.mask(null)).isNull();
    String much = "x://".repeat(100_000) + "%3A%2F%2F".repeat(50_000) + "y".repeat(1_000_000);
    assertThat(Masking.mask(much)).isEqualTo(much);
  }
}
