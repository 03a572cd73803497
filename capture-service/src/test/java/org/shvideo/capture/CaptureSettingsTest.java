package org.shvideo.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.capture.connection.Trust;
import org.shvideo.capture.record.ClipSettings;
import org.shvideo.capture.record.ClipSettings.RecordMode;
import org.shvideo.capture.stream.CameraUrl;
import org.shvideo.capture.stream.StreamSettings;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.settings.SettingsException;

class CaptureSettingsTest {

  @Test
  void oneCameraAndTheDefaults() {
    CaptureSettings settings = read(Map.of("RTSP_URL", "rtsp://me:hush@cam:554/live"));

    assertThat(settings.cameras())
        .extracting(Camera::name, camera -> camera.url().masked())
        .containsExactly(tuple("camera", "rtsp://me:***@cam:554/live"));
    assertThat(settings.folder().root()).isEqualTo(Path.of("video").toAbsolutePath());
    assertThat(settings.cameras().get(0).stream())
        .isEqualTo(
            new StreamSettings(
                StreamSettings.Transport.AUTO, Duration.ofSeconds(10), Duration.ofSeconds(1)));
    assertThat(settings.cameras().get(0).clip().length()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.queue().queue()).isEqualTo("video_queue");
    assertThat(settings.logLevel()).isEqualTo(LogLevel.DEBUG);
    assertThat(settings.toString()).doesNotContain("hush");
  }

  @Test
  void readsEverySetting(@TempDir Path folder) {
    CaptureSettings settings =
        read(
            Map.of(
                "RTSP_URL", "'rtsp://cam/live'",
                "VIDEO_DIR", folder.toString(),
                "RTSP_TRANSPORT", "UDP",
                "CAMERA_TIMEOUT", "2.5",
                "SNAPSHOT_INTERVAL", "0.5",
                "RECORD_SECONDS", "5",
                "MOTION_MIN_AREA", "100",
                "RDS_HOST", "redis",
                "LOGLEVEL", "Warning"));

    assertThat(settings.folder().root()).isEqualTo(folder);
    assertThat(settings.cameras().get(0).stream())
        .isEqualTo(
            new StreamSettings(
                StreamSettings.Transport.UDP, Duration.ofMillis(2500), Duration.ofMillis(500)));
    assertThat(settings.cameras().get(0).clip().length()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.cameras().get(0).motion().minArea().amount()).isEqualTo(100);
    assertThat(settings.queue().host()).isEqualTo("redis");
    assertThat(settings.logLevel()).isEqualTo(LogLevel.WARNING);
  }

  @Test
  void severalCamerasByName(@TempDir Path folder) throws Exception {
    Path secret = Files.writeString(folder.resolve("url"), "rtsp://me:hush@yard/live\n");

    CaptureSettings settings =
        read(
            Map.of(
                "RTSP_URL", "rtsp://one/live",
                "RTSP_URL_FRONT_DOOR", "rtsp://two/live",
                "RTSP_URL_YARD_FILE", secret.toString(),
                "RTSP_URL_EMPTY", ""));

    assertThat(settings.cameras())
        .extracting(Camera::name, camera -> camera.url().masked())
        .containsExactly(
            tuple("camera", "rtsp://one/live"),
            tuple("front-door", "rtsp://two/live"),
            tuple("yard", "rtsp://me:***@yard/live"));
  }

  @Test
  void cameraUrlMayComeFromASecretFile(@TempDir Path folder) throws Exception {
    Path secret = Files.writeString(folder.resolve("url"), "rtsp://me:hush@yard/live\n");

    assertThat(read(Map.of("RTSP_URL_FILE", secret.toString())).cameras())
        .extracting(Camera::name)
        .containsExactly("camera");
  }

  @Test
  void reportsAllProblemsWithoutSecrets() {
    assertThatThrownBy(
            () ->
                read(
                    Map.of(
                        "RTSP_URL", "rtsp://cam/live",
                        "RTSP_URL_CAMERA", "rtsp://me:hush@other/live",
                        "RTSP_URL_BAD", "ftp://me:hush@cam/live",
                        "RTSP_URL_low", "rtsp://me:hush@cam/live",
                        "RTSP_TRANSPORT", "pigeon",
                        "CAMERA_TIMEOUT", "soon")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("RTSP_URL_CAMERA and RTSP_URL name the same camera: camera")
        .hasMessageContaining("RTSP_URL_BAD must begin with rtsp://")
        .hasMessageContaining("RTSP_URL_low must consist of capital letters")
        .hasMessageContaining("RTSP_TRANSPORT must be one of auto, tcp, udp, not \"pigeon\"")
        .hasMessageContaining("CAMERA_TIMEOUT must be a number from 1 to 300, not \"soon\"")
        .hasMessageNotContaining("hush");
  }

  @Test
  void reportsAMaskForAnUnknownCamera() {
    assertThatThrownBy(
            () ->
                read(
                    Map.of(
                        "RTSP_URL_FRONT_DOOR", "rtsp://one/live",
                        "RTSP_URL_GARDEN", "rtsp://two/live",
                        "MOTION_MASK_FRONTDOOR", "mask.png")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(
            "MOTION_MASK_FRONTDOOR is for camera frontdoor, but there is only front-door, garden");
  }

  @Test
  void eachCameraMayDifferInAllThatCamerasDifferIn() {
    Map<String, String> environment = new HashMap<>();
    environment.put("RTSP_URL_FRONT", "rtsp://one/live");
    environment.put("RTSP_URL_FRONT_DOOR", "rtsp://two/live");
    environment.putAll(
        Map.of(
            "MOTION_MIN_AREA", "800",
            "MOTION_MIN_AREA_FRONT_DOOR", "300",
            "MOTION_THRESHOLD_FRONT_DOOR", "12",
            "CAMERA_TIMEOUT_FRONT", "3",
            "RECORD_MODE_FRONT_DOOR", "encode",
            "RECORD_SECONDS_FRONT", "7",
            "PRE_ROLL_FRONT", "1",
            "PRE_ROLL_MAX_MIB", "8",
            "PRE_ROLL_MAX_MIB_FRONT_DOOR", "4"));

    List<Camera> cameras = read(environment).cameras();

    Camera front = cameras.get(0);
    Camera frontDoor = cameras.get(1);
    assertThat(front.motion().minArea().amount()).isEqualTo(800);
    assertThat(frontDoor.motion().minArea().amount()).isEqualTo(300);
    assertThat(front.motion().threshold()).isEqualTo(20);
    assertThat(frontDoor.motion().threshold()).isEqualTo(12);
    assertThat(front.stream().timeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(frontDoor.stream().timeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(front.clip())
        .isEqualTo(
            new ClipSettings(
                Duration.ofSeconds(7), Duration.ofSeconds(1), 8 << 20, RecordMode.COPY));
    assertThat(frontDoor.clip())
        .isEqualTo(
            new ClipSettings(
                Duration.ofSeconds(30), Duration.ofSeconds(2), 4 << 20, RecordMode.ENCODE));
  }

  @Test
  void subStreamsAreReadLikeAddresses(@TempDir Path folder) throws Exception {
    Path secret = Files.writeString(folder.resolve("url"), "rtsp://me:hush@yard/small\n");

    assertThat(
            read(Map.of(
                    "RTSP_URL_GATE", "rtsp://gate/live",
                    "RTSP_URL_ROAD", "rtsp://road/live",
                    "RTSP_URL_YARD", "rtsp://yard/live",
                    "DETECT_URL_ROAD", "http://me:hush@road/video",
                    "DETECT_URL_YARD_FILE", secret.toString()))
                .cameras())
        .extracting(camera -> camera.detectUrl().map(CameraUrl::masked).orElse("none"))
        .containsExactly("none", "http://me:***@road/video", "rtsp://me:***@yard/small");
    assertThat(
            read(Map.of("RTSP_URL_YARD", "rtsp://yard/live", "DETECT_URL", "small.mp4"))
                .cameras()
                .get(0)
                .detectUrl())
        .hasValueSatisfying(url -> assertThat(url.isFile()).isTrue());
    assertThatThrownBy(
            () ->
                read(
                    Map.of(
                        "RTSP_URL", "rtsp://gate/live",
                        "RTSP_URL_YARD", "rtsp://yard/live",
                        "DETECT_URL", "rtsp://me:hush@yard/small",
                        "DETECT_URL_YARD", "ftp://me:hush@yard/small",
                        "DETECT_URL_YRAD", "rtsp://me:hush@yard/small")))
        .hasMessageContaining("DETECT_URL is one camera's, and there are several")
        .hasMessageContaining("as in DETECT_URL_YARD")
        .hasMessageContaining("DETECT_URL_YARD must begin with rtsp://")
        .hasMessageContaining("DETECT_URL_YRAD is for camera yrad, but there is only camera, yard")
        .hasMessageNotContaining("hush");
  }

  @Test
  void reportsValuesOfOneCameraAndTheCommonOnesTogether() {
    assertThatThrownBy(
            () ->
                read(
                    Map.of(
                        "RTSP_URL_YARD", "rtsp://one/live",
                        "MOTION_FPS", "fast",
                        "MOTION_FPS_YARD", "slow",
                        "PRE_ROLL_MAX_MIB_YRAD", "3",
                        "RECORD_MODE_FILE", "copy")))
        .hasMessageContaining("MOTION_FPS must be a number from 0.5 to 60, not \"fast\"")
        .hasMessageContaining("MOTION_FPS_YARD must be a number from 0.5 to 60, not \"slow\"")
        .hasMessageContaining("PRE_ROLL_MAX_MIB_YRAD is for camera yrad, but there is only yard")
        .hasMessageContaining("RECORD_MODE_FILE is for camera file")
        .hasMessageNotContaining("max-mib");
  }

  @Test
  void refusesANameThatMakesAVariableMeanTwoThings() {
    assertThatThrownBy(() -> read(Map.of("RTSP_URL_MAX_MIB", "rtsp://one/live")))
        .hasMessageContaining(
            "RTSP_URL_MAX_MIB cannot be: PRE_ROLL_MAX_MIB would be both PRE_ROLL of camera max-mib"
                + " and a setting of all cameras. Give the camera another name");
    assertThatThrownBy(
            () ->
                read(
                    Map.of(
                        "RTSP_URL_MAX_MIB_YARD", "rtsp://one/live",
                        "RTSP_URL_YARD", "rtsp://two/live")))
        .hasMessageContaining("PRE_ROLL_MAX_MIB_YARD would be both")
        .hasMessageContaining("PRE_ROLL of camera max-mib-yard")
        .hasMessageContaining("PRE_ROLL_MAX_MIB of camera yard");
    assertThatThrownBy(() -> read(Map.of("RTSP_URL_FILE_FILE", "/run/secrets/url")))
        .hasMessageContaining("RTSP_URL_FILE cannot be");
  }

  @Test
  void leavesTheVariablesOfOtherProgramsAlone() {
    Map<String, String> kubernetes =
        Map.of(
            "RTSP_URL_YARD", "rtsp://one/live",
            "RTSP_TLS_SERVICE_HOST", "10.0.0.7",
            "RTSP_TLS_SERVICE_PORT", "322",
            "RTSP_TLS_SERVICE_PORT_RTSPS", "322",
            "RTSP_TLS_PORT", "tcp://10.0.0.7:322",
            "RTSP_TLS_PORT_322_TCP", "tcp://10.0.0.7:322",
            "RTSP_TLS_PORT_322_TCP_ADDR", "10.0.0.7",
            "PRE_ROLL_callback", "on",
            "MOTION_FPS__LIMIT", "3");

    assertThat(read(kubernetes).cameras()).extracting(Camera::name).containsExactly("yard");
    assertThatThrownBy(
            () -> read(Map.of("RTSP_URL_YARD", "rtsp://one/", "RTSP_TRANSPORT_PORT", "tcp")))
        .hasMessageContaining("RTSP_TRANSPORT_PORT is for camera port, but there is only yard");
  }

  @Test
  void aNameIsKnownThoughItsAddressIsWrong() {
    assertThatThrownBy(
            () -> read(Map.of("RTSP_URL_YARD", "ftp://one/", "RTSP_TRANSPORT_YARD", "tcp")))
        .hasMessageContaining("RTSP_URL_YARD must begin with")
        .hasMessageNotContaining("RTSP_TRANSPORT_YARD");
  }

  @Test
  void transportOfOneCamera() {
    CaptureSettings settings =
        read(
            Map.of(
                "RTSP_URL_FRONT_DOOR", "rtsp://one/live",
                "RTSP_URL_GARDEN", "rtsp://two/live",
                "RTSP_TRANSPORT", "tcp",
                "RTSP_TRANSPORT_FRONT_DOOR", "udp"));

    assertThat(settings.cameras())
        .extracting(camera -> camera.stream().transport())
        .containsExactly(StreamSettings.Transport.UDP, StreamSettings.Transport.TCP);
    assertThatThrownBy(
            () -> read(Map.of("RTSP_URL", "rtsp://one/live", "RTSP_TRANSPORT_YARD", "udp")))
        .hasMessageContaining("RTSP_TRANSPORT_YARD is for camera yard, but there is only camera");
    assertThatThrownBy(
            () -> read(Map.of("RTSP_URL", "rtsp://one/live", "RTSP_TRANSPORT_CAMERA", "smtp")))
        .hasMessageContaining("RTSP_TRANSPORT_CAMERA");
  }

  @Test
  void eachCameraMayHaveItsCertificate() {
    String fingerprint = "5b:".repeat(31) + "0C";
    CaptureSettings settings =
        read(
            Map.of(
                "RTSP_URL_FRONT_DOOR", "rtsps://one/live",
                "RTSP_URL_GARDEN", "rtsps://two/live",
                "RTSP_TLS", "Off",
                "RTSP_TLS_FRONT_DOOR", fingerprint));

    assertThat(settings.cameras())
        .extracting(camera -> camera.stream().trust())
        .containsExactly(new Trust("5B".repeat(31) + "0C"), new Trust("off"));
    assertThat(Trust.parse("sha256:" + "5B".repeat(31) + "0c"))
        .isEqualTo(settings.cameras().get(0).stream().trust());
    assertThatThrownBy(
            () -> read(Map.of("RTSP_URL", "rtsps://one/live", "RTSP_TLS_YARD", fingerprint)))
        .hasMessageContaining("RTSP_TLS_YARD is for camera yard, but there is only camera");
    assertThatThrownBy(() -> read(Map.of("RTSP_URL", "rtsps://one/live", "RTSP_TLS", "5B:0C")))
        .hasMessageContaining("RTSP_TLS must be verify, off, or the SHA-256 fingerprint");
  }

  @Test
  void requiresACamera() {
    assertThatThrownBy(() -> read(Map.of()))
        .hasMessageContaining("RTSP_URL is missing: set it to the camera's address");
  }

  @Test
  void invalidUrlIsNotReportedAsMissing() {
    assertThatThrownBy(() -> read(Map.of("RTSP_URL", "ftp://cam")))
        .hasMessageContaining("RTSP_URL must begin with")
        .hasMessageNotContaining("is missing");
  }

  @Test
  void snapshotIntervalOfOneCamera() {
    CaptureSettings settings =
        read(
            Map.of(
                "RTSP_URL_FRONT_DOOR", "http://one/snapshot.jpg",
                "RTSP_URL_GARDEN", "http://two/snapshot.jpg",
                "SNAPSHOT_INTERVAL", "2",
                "SNAPSHOT_INTERVAL_FRONT_DOOR", "0.2"));

    assertThat(settings.cameras())
        .extracting(camera -> camera.stream().snapshotInterval())
        .containsExactly(Duration.ofMillis(200), Duration.ofSeconds(2));
    for (String interval : List.of("0", "0.05", "11", "-1", "often")) {
      assertThatThrownBy(
              () -> read(Map.of("RTSP_URL", "http://one/", "SNAPSHOT_INTERVAL", interval)))
          .hasMessageContaining("SNAPSHOT_INTERVAL must be a number from 0.1 to 10");
    }
    assertThatThrownBy(() -> read(Map.of("RTSP_URL", "http://one/", "SNAPSHOT_INTERVAL_YARD", "1")))
        .hasMessageContaining("SNAPSHOT_INTERVAL_YARD is for camera yard");
  }

  @Test
  void listsEverySettingOnce() {
    assertThat(CaptureSettings.all())
        .extracting(Setting::name)
        .doesNotHaveDuplicates()
        .startsWith("RTSP_URL", "VIDEO_DIR", "DETECT_URL", "RTSP_TRANSPORT", "CAMERA_TIMEOUT")
        .contains("MOTION_MIN_AREA", "RECORD_SECONDS", "RDS_PSW", "LOGLEVEL");
  }

  private static CaptureSettings read(Map<String, String> environment) {
    Settings settings = Settings.of(environment);
    CaptureSettings read = CaptureSettings.from(settings);
    settings.check();
    return read;
  }
}
