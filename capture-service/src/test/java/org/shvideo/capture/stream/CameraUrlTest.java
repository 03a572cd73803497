package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CameraUrlTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rtsp://cam/live               | rtsp://cam/live                             | cam     | /live
          RTSP://cam:554/live?a=1       | rtsp://cam:554/live?a=1                     | cam     | /live?a=1
          rtsp://cam                    | rtsp://cam                                  | cam     | /
          rtsp://me:secret@cam:554/live | rtsp://me:secret@cam:554/live               | cam     | /live
          rtsp://me:p@ss@cam/live       | rtsp://me:p%40ss@cam/live                   | cam     | /live
          rtsp://me:p@ss:w@cam/live     | rtsp://me:p%40ss%3Aw@cam/live               | cam     | /live
          rtsp://me:p/s?s#@cam/live     | rtsp://me:p%2Fs%3Fs%23@cam/live             | cam     | /live
          rtsp://me:p%40ss@cam/live     | rtsp://me:p%40ss@cam/live                   | cam     | /live
          rtsp://me:100%@cam/live       | rtsp://me:100%25@cam/live                   | cam     | /live
          rtsp://me:грім@cam/live       | rtsp://me:%D0%B3%D1%80%D1%96%D0%BC@cam/live | cam     | /live
          rtsp://me:@cam/live           | rtsp://me:@cam/live                         | cam     | /live
          rtsp://token@cam/live         | rtsp://token@cam/live                       | cam     | /live
          rtsp://cam:554/mail@home      | rtsp://cam:554/mail@home                    | cam     | ***@home
          https://me:a@[fe80::1]:80/x   | https://me:a@[fe80::1]:80/x                 | fe80::1 | /x
          """)
  void encodesCredentials(String text, String address, String host, String place) {
    CameraUrl url = CameraUrl.parse(text);

    assertThat(url.address()).isEqualTo(address);
    assertThat(url.host()).isEqualTo(host);
    assertThat(url.pathOnHost()).isEqualTo(place);
    assertThat(url.isFile()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rtsp://cam/live                                  | rtsp://cam/live
          rtsp://me:hush@cam/live                          | rtsp://me:***@cam/live
          rtsp://me:hu/sh@cam/live                         | rtsp://me:***@cam/live
          rtsp://me:hu%2Fsh@cam/live                       | rtsp://me:***@cam/live
          rtsp://hush@cam/live                             | rtsp://***@cam/live
          # a port 12, or a password with a slash: what may be secret is hidden
          rtsp://me:12/hush@cam/live                       | rtsp://***@cam/live
          rtsp://me:x@hu/sh@cam/live                       | rtsp://***@cam/live
          http://cam/v.cgi?user=hush&pwd=hush&rate=1       | http://cam/v.cgi?user=***&pwd=***&rate=1
          http://cam/v?loginuse=hush&loginpas=hush         | http://cam/v?loginuse=***&loginpas=***
          http://cam/flv?Password=hush&channel=0           | http://cam/flv?Password=***&channel=0
          http://cam/v?access_token=hush                   | http://cam/v?access_token=***
          rtsp://cam/user=hush&password=hush&channel=1.sdp | rtsp://cam/user=***&password=***&channel=1.sdp
          rtsp://cam/user=hush_password=hush_channel=1.sdp | rtsp://cam/user=***
          """)
  void hidesSecrets(String text, String shown) {
    CameraUrl url = CameraUrl.parse(text);

    assertThat(url.masked()).isEqualTo(shown);
    assertThat(url).hasToString(shown);
    assertThat(url.pathOnHost()).doesNotContain("hush");
  }

  @ParameterizedTest
  @ValueSource(strings = {"clip.avi", "./a b.avi", "/tmp/x@y:z.avi", "file:clip.avi"})
  void parsesOtherTextAsFile(String text) {
    CameraUrl url = CameraUrl.parse(text);

    assertThat(url.isFile()).isTrue();
    assertThat(url.address())
        .isEqualTo(Path.of(text.replace("file:", "")).toAbsolutePath().normalize().toString());
  }

  @Test
  void parsesFileUrls() {
    assertThat(CameraUrl.parse("file:///tmp/a%20b.avi").address()).isEqualTo("/tmp/a b.avi");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                         | is empty
          ftp://me:hush@cam/x        | ftp:// is not supported
          me:hush@cam/live           | must begin with rtsp://
          me:hu/sh@cam/live          | must begin with rtsp://
          rtsp://                    | no valid host name
          rtsp://me:hush@/live       | no valid host name
          rtsp://me:hu sh@cam/live   | spaces
          rtsp://me:hush@cam:99999/l | port above 65535
          file://hush?/x             | file:// address
          """)
  void errorsDoNotRepeatTheUrl(String text, String message) {
    assertThatThrownBy(() -> CameraUrl.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("hush");
  }
}
