package org.shvideo.capture.motion;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.shvideo.capture.motion.MotionScan.Event;
import org.shvideo.capture.stream.CameraStream;
import org.shvideo.capture.stream.CameraUrl;
import org.shvideo.capture.stream.StreamException;
import org.shvideo.capture.stream.StreamSettings;
import org.shvideo.tasks.TestFiles;
import org.shvideo.tasks.settings.Settings;

/** Real footage; the times at which objects enter and leave were found by eye. */
@Tag("footage")
class MotionFootageTest {

  @Test
  void everyPersonIsOneMotion() throws StreamException {
    double[] enters = {6.0, 22.7, 50.2, 74.4, 92.1, 123.4};
    double[] leaves = {20.8, 46.0, 71.1, 87.9, 120.8, 136.7};

    List<Event> events = motionIn("one-by-one-person-detection.mp4");

    for (int i = 0; i < enters.length; i++) {
      assertBegins(events, enters[i]);
      assertEndsBetween(events, leaves[i], i + 1 < leaves.length ? enters[i + 1] : 139.4);
    }
    assertNoneBeginsOutside(events, enters, leaves);
  }

  @Test
  void everyGroupOfCarsIsOneMotion() throws StreamException {
    double[] enters = {4.4, 14.4, 25.2};
    double[] leaves = {8.7, 19.3, 29.0};

    List<Event> events = motionIn("car-detection.mp4");

    for (int i = 0; i < enters.length; i++) {
      assertBegins(events, enters[i]);
    }
    assertEndsBetween(events, leaves[0], enters[1]);
    assertEndsBetween(events, leaves[1], enters[2]);
    assertNoneBeginsOutside(events, enters, leaves);
  }

  private static void assertBegins(List<Event> events, double enters) {
    assertThat(events)
        .anySatisfy(
            event -> {
              assertThat(event.begin()).isBetween(enters, enters + 0.5);
              assertThat(event.detected()).isBetween(enters, enters + 1);
            });
  }

  private static void assertEndsBetween(List<Event> events, double leaves, double next) {
    assertThat(events).anySatisfy(event -> assertThat(event.end()).isBetween(leaves, next + 0.1));
  }

  private static void assertNoneBeginsOutside(
      List<Event> events, double[] enters, double[] leaves) {
    assertThat(events)
        .allSatisfy(
            event -> {
              boolean inside = false;
              for (int i = 0; i < enters.length; i++) {
                inside |= event.begin() >= enters[i] && event.begin() <= leaves[i];
              }
              assertThat(inside).as("something is in view at %.1f s", event.begin()).isTrue();
            });
  }

  private static List<Event> motionIn(String name) throws StreamException {
    Settings settings = Settings.of(Map.of());
    CameraUrl url = CameraUrl.parse(TestFiles.footage(name).toString());
    try (CameraStream stream =
        CameraStream.open(url, StreamSettings.from(settings), new CountDownLatch(1))) {
      return MotionScan.of(stream, MotionSettings.from(settings)).events();
    }
  }
}
