package org.shvideo.tasks.video;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClipNameTest {
  private static final LocalDateTime TIME = LocalDateTime.of(2026, 2, 23, 14, 48, 19, 999);

  @Test
  void isMadeOfTimeCameraAndNumber() {
    assertThat(ClipName.of(TIME, null, ".avi")).isEqualTo("20260223-144819.avi");
    assertThat(ClipName.of(TIME, "front door/кут", ".avi"))
        .isEqualTo("20260223-144819-front-door-кут.avi");
    assertThat(ClipName.numbered("20260223-144819-yard.avi", 1))
        .isEqualTo("20260223-144819-yard.avi");
    assertThat(ClipName.numbered("20260223-144819-yard.avi", 2))
        .isEqualTo("20260223-144819-yard-2.avi");
    assertThat(ClipName.prefix(TIME)).isEqualTo("20260223-144819");
  }

  @ParameterizedTest
  @CsvSource({
    "20260223-144819.avi,              true,  true",
    "20260223-144819-front-door-2.avi, true,  true",
    "20261399-000000.avi,              true,  false",
    "20260223-144819-.avi,             false, false",
    "20260223-144819.AVI,              false, false",
    "20260223-144819.mp4,              false, false",
    "my-20260223-144819.avi,           false, false",
    "20260223-144819.jpg,              false, false",
  })
  void isRecognised(String name, boolean clip, boolean hasTime) {
    assertThat(ClipName.isClip(name)).isEqualTo(clip);
    assertThat(ClipName.recordedAt(name).isPresent()).isEqualTo(hasTime);
    ClipName.recordedAt(name).ifPresent(time -> assertThat(time).isEqualTo(TIME.withNano(0)));
  }

  @ParameterizedTest
  @CsvSource({
    "20260223-144819.avi, 20260223-144819.jpg",
    "a.b.mp4, a.b.jpg",
    "noextension, noextension.jpg",
    "picture.jpg, picture.snapshot.jpg",
    "picture.png, picture.jpg",
  })
  void namesTheSnapshotBesideAVideo(String name, String snapshot) {
    assertThat(ClipName.snapshot(name)).isEqualTo(snapshot);
  }
}
