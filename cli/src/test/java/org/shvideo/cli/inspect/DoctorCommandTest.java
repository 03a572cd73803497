package org.shvideo.cli.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageIO;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.camera.Fault;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.media.JpegVideo;
import org.shvideo.camera.mjpeg.MjpegCamera;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.camera.scene.Scene;
import org.shvideo.camera.scene.SceneVideo;
import org.shvideo.capture.CaptureSettings;
import org.shvideo.cli.ShVideo;
import org.shvideo.cli.TestCommand;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;

/** What {@code doctor} reports of cameras and of Redis. */
@Tag("camera")
@Tag("server")
final class DoctorCommandTest {
  private static EncodedVideo video;

  @TempDir private Path root;
  private final TestCommand command = new TestCommand(ShVideo::new);

  @BeforeAll
  static void drawScene() throws IOException {
    video = SceneVideo.encode(Scene.demo());
  }

  @Test
  void aWorkingCameraIsMeasured() throws Exception {
    try (RtspCamera camera = RtspCamera.serving(video).credentials("me", "hush").start()) {
      doctor("--seconds=3", "front-door=" + camera.url());
    }

    assertThat(line("camera front-door"))
        .startsWith("✔")
        .contains("h264, 1280 × 720, 15.0 frames/s", "Mbit/s", "no audio", "a keyframe every");
    assertThat(command.out()).contains("its clock is right");
    assertThat(line("disk space")).contains("hours of motion");
    assertThat(command.out()).doesNotContain("hush");
  }

  @Test
  void whatACameraDoesNotShareWithTheOthersIsTold() throws Exception {
    StringWriter out = new StringWriter();
    try (RtspCamera camera = RtspCamera.serving(video).start();
        MjpegCamera small = MjpegCamera.serving(pictures()).credentials("me", "hush").start()) {
      Settings settings =
          Settings.of(
              Map.of(
                  "RTSP_URL_GATE", camera.url(),
                  "RTSP_URL_YARD", camera.url(),
                  "MOTION_MIN_AREA", "900",
                  "MOTION_MIN_AREA_GATE", "300",
                  "RECORD_MODE_GATE", "encode",
                  "DETECT_URL_GATE", small.url(),
                  "DETECT_URL_YARD", "rtsp://127.0.0.1:1/",
                  "PRE_ROLL_GATE", "2"));
      DoctorReport report = new DoctorReport(new PrintWriter(out));
      CameraCheck check = new CameraCheck(report, Duration.ofSeconds(1), settings);
      settings.read(CaptureSettings::from).cameras().forEach(check::check);
    }

    assertThat(out.toString())
        .contains(
            "camera gate        has settings of its own: DETECT_URL http://***@127.0.0.1",
            ", MOTION_MIN_AREA 300, RECORD_MODE encode\n")
        .containsPattern("✔  camera gate, sub-stream mjpeg, 64 × 48")
        .containsPattern("✘  camera yard, sub-stream rtsp://127.0.0.1:1/: connection refused")
        .doesNotContain("hush");
  }

  @Test
  void aWrongClockIsReported() throws Exception {
    Clock behind = Clock.offset(Clock.systemUTC(), Duration.ofHours(-2));
    try (RtspCamera camera = RtspCamera.serving(video).clock(behind).start()) {
      doctor("--seconds=2", "gate=" + camera.url());
    }

    assertThat(command.out())
        .containsPattern("!  camera gate +its clock is 7(199|200|201) s slow")
        .contains("NTP");
  }

  @Test
  void settingsOfRedisThatMayLoseJobsAreReported() throws Exception {
    try (EmbeddedRedis redis = EmbeddedRedis.start(new VideoFolder(root));
        RedisShell client = new RedisShell(redis.environment())) {
      client.set("maxmemory", "100mb");
      client.set("maxmemory-policy", "allkeys-lru");
      client.set("appendonly", "no");

      assertThat(doctor()).isEqualTo(1);

      assertThat(command.out()).contains("allkeys-lru): set it to noeviction", "appendonly yes");
    }
  }

  @Test
  void eachProblemOfACameraIsReported() throws Exception {
    int freePort;
    try (ServerSocket socket = new ServerSocket(0)) {
      freePort = socket.getLocalPort();
    }
    try (RtspCamera locked = RtspCamera.serving(video).credentials("me", "right").start();
        RtspCamera elsewhere =
            RtspCamera.serving(video).faults(new Fault.ErrorResponse(404)).start()) {
      int status =
          doctor(
              "password=rtsp://me:wrong@127.0.0.1:" + locked.port() + "/live",
              "path=" + elsewhere.url(),
              "port=rtsp://127.0.0.1:" + freePort + "/live",
              "name=rtsp://no-such-host.invalid/live");

      assertThat(status).isEqualTo(1);
      assertThat(line("camera password")).startsWith("✘").contains("wrong user or password");
      assertThat(line("camera path")).startsWith("✘").contains("404", "check the path");
      assertThat(line("camera port")).startsWith("✘").contains("refused");
      assertThat(line("camera name")).startsWith("✘").contains("host name not found");
      assertThat(command.out()).doesNotContain("wrong@");
    }
  }

  @Test
  void camerasThatAreBusyOrSendSinglePicturesAreReported() throws Exception {
    try (RtspCamera busy =
            RtspCamera.serving(video).faults(new Fault.ErrorResponse(503, "9")).start();
        RtspCamera full = RtspCamera.serving(video).faults(new Fault.ErrorResponse(453)).start();
        MjpegCamera stills = MjpegCamera.serving(pictures()).stills().start();
        MjpegCamera away =
            MjpegCamera.serving(pictures()).stills().faults(new Fault.ErrorResponse(503)).start()) {
      doctor(
          "--seconds=3",
          "busy=" + busy.url(),
          "full=" + full.url(),
          "stills=" + stills.url(),
          "away=" + away.url());

      assertThat(line("camera busy")).startsWith("✘").contains("busy (503 Service Unavailable)");
      assertThat(line("camera full")).startsWith("✘").contains("too many viewers (453");
      assertThat(line("camera stills")).startsWith("✔").contains("mjpeg, 64 × 48", " 1.0 frames/s");
      assertThat(command.out())
          .contains("answers with single pictures; capture asks for one every 1.0 s");
      assertThat(line("camera away")).startsWith("✘").contains("busy (503 Service Unavailable)");
      assertThat(busy.totalConnections()).isEqualTo(1);
      assertThat(full.totalConnections()).isEqualTo(1);
    }
  }

  @Tag("process")
  @Test
  void theFingerprintOfACertificateThatIsNotTrustedIsToldToBeCopied() throws Exception {
    Path file = root.resolve("camera.p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    String options = "-genkeypair -storepass changeit -alias camera -dname CN=camera -keyalg EC";
    List<String> words = new ArrayList<>(List.of(options.split(" ")));
    words.add(0, keytool);
    words.addAll(List.of("-keystore", file.toString()));
    assertThat(new ProcessBuilder(words).start().waitFor()).isZero();
    KeyStore store = KeyStore.getInstance(file.toFile(), "changeit".toCharArray());
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    byte[] sha =
        MessageDigest.getInstance("SHA-256").digest(store.getCertificate("camera").getEncoded());
    String fingerprint = HexFormat.ofDelimiter(":").withUpperCase().formatHex(sha);
    AtomicReference<byte[]> heard = new AtomicReference<>();
    try (ServerSocket server = context.getServerSocketFactory().createServerSocket(0)) {
      Thread camera =
          new Thread(
              () -> {
                try (Socket accepted = server.accept()) {
                  heard.set(accepted.getInputStream().readAllBytes());
                } catch (IOException e) {
                  heard.set(new byte[0]); // refused
                }
              });
      camera.start();

      assertThat(doctor("front-door=rtsps://me:hush@localhost:" + server.getLocalPort() + "/live"))
          .isEqualTo(1);

      camera.join();
    }
    assertThat(command.out()).contains("RTSP_TLS_FRONT_DOOR=" + fingerprint).doesNotContain("hush");
    assertThat(heard.get()).isEmpty();
  }

  private static JpegVideo pictures() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB), "jpg", out);
    return new JpegVideo(List.of(out.toByteArray()), 1);
  }

  @Test
  void theQueueOfTheFolderIsChecked() throws Exception {
    try (EmbeddedRedis redis = EmbeddedRedis.start(new VideoFolder(root))) {
      doctor();

      assertThat(line("Redis")).contains("sh-video run starts", "with a random password");
      assertThat(command.out())
          .containsPattern("✔  Redis +(Redis|Valkey) [0-9.]+ at 127.0.0.1:.*queue: 0 waiting");
      assertThat(line("folder")).startsWith("✔").contains("GB free");
      assertThat(line("camera")).startsWith("!").contains("none given");
      assertThat(redis.environment().get("RDS_PSW")).isNotEmpty();
      assertThat(command.out()).doesNotContain(redis.environment().get("RDS_PSW"));
    }
  }

  @Test
  void dataOfRedisThatWasSetAsideIsNamed() throws Exception {
    Path damaged = root.resolve(".redis/appendonlydir.damaged-1");
    Files.createDirectories(damaged);

    doctor();

    assertThat(line("Redis")).startsWith("!").contains(damaged.toString(), "set aside");
  }

  /** Configures a running Redis by its own protocol. */
  private static final class RedisShell implements AutoCloseable {
    private final Socket socket;

    RedisShell(Map<String, String> address) throws IOException {
      socket =
          new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(address.get("RDS_PORT")));
      say("AUTH " + address.get("RDS_PSW"));
    }

    void set(String name, String value) throws IOException {
      say("CONFIG SET " + name + " " + value);
    }

    private void say(String command) throws IOException {
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      byte[] answer = new byte[100];
      int length = socket.getInputStream().read(answer);
      assertThat(new String(answer, 0, length, StandardCharsets.US_ASCII)).startsWith("+OK");
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private String line(String what) {
    return command
        .out()
        .lines()
        .filter(line -> line.matches(". +" + what + " .*"))
        .findFirst()
        .orElse("no line about " + what + " in\n" + command.out() + command.err());
  }

  private int doctor(String... arguments) {
    String[] all = new String[arguments.length + 2];
    all[0] = "doctor";
    all[1] = "--video-dir=" + root;
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return command.execute(all);
  }
}
