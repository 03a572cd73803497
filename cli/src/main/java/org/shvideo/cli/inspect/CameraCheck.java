package org.shvideo.cli.inspect;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.shvideo.capture.Camera;
import org.shvideo.capture.CaptureSettings;
import org.shvideo.capture.record.ClipSettings;
import org.shvideo.capture.stream.CameraStream;
import org.shvideo.capture.stream.CameraUrl;
import org.shvideo.capture.stream.ResponseHeaders;
import org.shvideo.capture.stream.StreamException;
import org.shvideo.capture.stream.StreamInfo;
import org.shvideo.capture.stream.StreamSettings;
import org.shvideo.tasks.settings.Settings;

/** Connects to a camera, measures its stream and checks its clock. */
final class CameraCheck {
  private static final Duration MAX_CLOCK_ERROR = Duration.ofSeconds(5);
  private static final double MIN_ACCEPTED_GOP_SECONDS = 5;
  private static final Clock CLOCK = Clock.systemUTC();

  private final DoctorReport report;
  private final Duration duration;
  private final Settings settings;

  /**
   * @param duration how long to measure each camera
   */
  CameraCheck(DoctorReport report, Duration duration, Settings settings) {
    this.report = report;
    this.duration = duration;
    this.settings = settings;
  }

  /** Returns the bit rate of the recorded stream in Mbit/s; 0 if the connection fails. */
  double check(Camera camera) {
    String name = "camera " + camera.name();
    Optional<StreamMeasurement> measured = measure(name, camera, camera.url());
    measured.ifPresent(stream -> checkStream(name, stream, camera.clip()));
    camera.detectUrl().ifPresent(url -> measure(name + ", sub-stream", camera, url));
    tellDifferences(name, settings.forCamera(camera.name()));
    return measured.map(StreamMeasurement::megabitsPerSecond).orElse(0.0);
  }

  /** Connects to one of the camera's streams; empty if that fails. */
  private Optional<StreamMeasurement> measure(String name, Camera camera, CameraUrl url) {
    long start = System.nanoTime();
    double connectSeconds;
    StreamInfo info;
    StreamMeasurement measured;
    Optional<Duration> ahead;
    Optional<Duration> interval;
    try (CameraStream stream = CameraStream.open(url, camera.stream(), new CountDownLatch(1))) {
      connectSeconds = (System.nanoTime() - start) / 1e9;
      info = stream.info();
      measured = StreamMeasurement.of(stream, duration);
      ahead = stream.clockOffset(CLOCK);
      interval = stream.snapshotInterval();
    } catch (StreamException e) {
      report.fail(name, e.getMessage());
      e.fingerprint()
          .ifPresent(
              each ->
                  report.fail(
                      name,
                      "to trust this certificate, if it is the camera's: %s%s=%s"
                          .formatted(
                              StreamSettings.TLS.name(), Settings.suffix(camera.name()), each)));
      return Optional.empty();
    }
    // What follows connects again, and there are cameras that allow one connection at a time.
    report.ok(
        name,
        String.format(
            Locale.ROOT,
            "%s%s, %d × %d, %.1f frames/s, %.2f Mbit/s, %s, %s, connected in %.1f s",
            info.codec(),
            measured.reordered() ? " with B-frames" : "",
            info.width(),
            info.height(),
            measured.framesPerSecond(),
            measured.megabitsPerSecond(),
            measured.longestGopSeconds() > 0
                ? "a keyframe every %.1f s".formatted(measured.longestGopSeconds())
                : "one keyframe",
            describeAudio(camera, url),
            connectSeconds));
    interval.ifPresent(
        each ->
            report.ok(
                name,
                String.format(
                    Locale.ROOT,
                    "answers with single pictures; capture asks for one every %.1f s"
                        + " (SNAPSHOT_INTERVAL)",
                    each.toMillis() / 1e3)));
    if (!url.isFile()) {
      checkClock(
          name, ahead.or(() -> ResponseHeaders.clockOffset(url, camera.stream().timeout(), CLOCK)));
    }
    return Optional.of(measured);
  }

  private void checkClock(String name, Optional<Duration> ahead) {
    if (ahead.isEmpty()) {
      report.ok(name, "its clock is unknown; clips are dated by the clock of this machine");
    } else if (ahead.get().abs().compareTo(MAX_CLOCK_ERROR) < 0) {
      report.ok(name, "its clock is right to within %d s".formatted(MAX_CLOCK_ERROR.toSeconds()));
    } else {
      report.warn(
          name,
          String.format(
              Locale.ROOT,
              "its clock is %.0f s %s, so the time in its picture is wrong; clips are dated by the"
                  + " clock of this machine. Set a time server (NTP) in the camera",
              ahead.get().abs().toMillis() / 1e3,
              ahead.get().isNegative() ? "slow" : "fast"));
    }
  }

  private String describeAudio(Camera camera, CameraUrl url) {
    try {
      List<String> codecs = CameraStream.audioCodecs(url, camera.stream(), new CountDownLatch(1));
      return codecs.isEmpty()
          ? "no audio"
          : "audio (%s, not recorded)".formatted(String.join(", ", codecs));
    } catch (StreamException e) {
      return "audio unknown";
    }
  }

  /** Says which settings the camera does not share with the others. */
  private void tellDifferences(String name, Settings own) {
    List<String> differences =
        CaptureSettings.perCamera().stream()
            .filter(setting -> !own.variable(setting).equals(setting.name()))
            .filter(setting -> !own.text(setting).equals(settings.text(setting)))
            .map(setting -> setting.name() + " " + own.text(setting))
            .toList();
    if (!differences.isEmpty()) {
      report.ok(name, "has settings of its own: " + String.join(", ", differences));
    }
  }

  private void checkStream(String name, StreamMeasurement measured, ClipSettings clipSettings) {
    double preRoll = clipSettings.preRoll().toMillis() / 1e3;
    if (measured.keyframes() < 2 && measured.seconds() > 1) {
      report.warn(
          name,
          String.format(
              Locale.ROOT,
              "no second keyframe in %.0f s, and clips begin at a keyframe: set the keyframe"
                  + " (I-frame) interval of the camera to 2 s",
              measured.seconds()));
    } else if (measured.longestGopSeconds() > Math.max(MIN_ACCEPTED_GOP_SECONDS, 2 * preRoll)) {
      report.warn(
          name,
          String.format(
              Locale.ROOT,
              "a keyframe only every %.1f s: clips begin up to that long before their pre-roll of"
                  + " %.1f s; 2 s is usual",
              measured.longestGopSeconds(),
              preRoll));
    }
    if (measured.largestGopBytes() > clipSettings.preRollMaxBytes()) {
      report.warn(
          name,
          "%d MiB from one keyframe to the next is more than PRE_ROLL_MAX_MIB: clips have no pre-roll"
              .formatted(measured.largestGopBytes() >> 20));
    }
  }
}
