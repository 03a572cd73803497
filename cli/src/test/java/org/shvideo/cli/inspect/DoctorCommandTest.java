package org.shvideo.cli.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.camera.Fault;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.camera.scene.Scene;
import org.shvideo.camera.scene.SceneVideo;
import org.shvideo.cli.ShVideo;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine;

/** What {@code doctor} says of cameras that are well and of cameras that are not. */
final class DoctorCommandTest {
  private static EncodedVideo video;

  @TempDir private Path root;
  private final StringWriter out = new StringWriter();

  @BeforeAll
  static void drawScene() throws IOException {
    video = SceneVideo.encode(Scene.demo());
  }

  @Test
  void aCameraThatIsWellIsMeasured() throws Exception {
    try (RtspCamera camera = RtspCamera.serving(video).credentials("me", "hush").start()) {
      doctor("--seconds=3", "front-door=" + camera.url());
    }

    assertThat(line("camera front-door"))
        .startsWith("✔")
        .contains(
            "h264, 1280 × 720, 15.0 frames and", "Mbit a second", "no sound", "a keyframe every");
    assertThat(out.toString()).contains("its clock is right");
    assertThat(line("room")).contains("hours of motion");
    assertThat(out.toString()).doesNotContain("hush");
  }

  @Test
  void aClockThatIsWrongIsTold() throws Exception {
    Clock behind = Clock.offset(Clock.systemUTC(), Duration.ofHours(-2));
    try (RtspCamera camera = RtspCamera.serving(video).clock(behind).start()) {
      doctor("--seconds=2", "gate=" + camera.url());
    }

    assertThat(out.toString())
        .containsPattern("!  camera gate +its clock is 7(199|200|201) s slow")
        .contains("NTP");
  }

  @Test
  void settingsOfRedisThatMayCostAJobAreNamed() throws Exception {
    try (EmbeddedRedis redis = EmbeddedRedis.start(new VideoFolder(root));
        RedisShell client = new RedisShell(redis.environment())) {
      client.set("maxmemory", "100mb");
      client.set("maxmemory-policy", "allkeys-lru");
      client.set("appendonly", "no");

      assertThat(doctor()).isEqualTo(1);

      assertThat(out.toString()).contains("allkeys-lru): set it to noeviction", "appendonly yes");
    }
  }

  @Test
  void eachThingThatCanBeWrongWithACameraIsNamed() throws Exception {
    int nobody;
    try (ServerSocket socket = new ServerSocket(0)) {
      nobody = socket.getLocalPort();
    }
    try (RtspCamera locked = RtspCamera.serving(video).credentials("me", "right").start();
        RtspCamera elsewhere =
            RtspCamera.serving(video).faults(new Fault.ErrorResponse(404)).start()) {
      int status =
          doctor(
              "password=rtsp://me:wrong@127.0.0.1:" + locked.port() + "/live",
              "path=" + elsewhere.url(),
              "port=rtsp://127.0.0.1:" + nobody + "/live",
              "name=rtsp://no-such-host.invalid/live");

      assertThat(status).isEqualTo(1);
      assertThat(line("camera password")).startsWith("✘").contains("wrong user or password");
      assertThat(line("camera path")).startsWith("✘").contains("404", "is the path right?");
      assertThat(line("camera port")).startsWith("✘").contains("refused");
      assertThat(line("camera name")).startsWith("✘").contains("no host of that name");
      assertThat(out.toString()).doesNotContain("wrong@");
    }
  }

  @Test
  void theQueueOfTheFolderIsAsked() throws Exception {
    try (EmbeddedRedis redis = EmbeddedRedis.start(new VideoFolder(root))) {
      doctor();

      assertThat(line("Redis")).startsWith("✔").contains("video_queue: 0 waiting");
      assertThat(line("folder")).startsWith("✔").contains("GB free");
      assertThat(line("camera")).startsWith("!").contains("none given");
      assertThat(redis.environment().get("RDS_PSW")).isNotEmpty();
      assertThat(out.toString()).doesNotContain(redis.environment().get("RDS_PSW"));
    }
  }

  /** Changes a running Redis in its own words. */
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
    return out.toString()
        .lines()
        .filter(line -> line.matches(". +" + what + " .*"))
        .findFirst()
        .orElse("nothing is said of " + what + " in\n" + out);
  }

  private int doctor(String... arguments) {
    String[] all = new String[arguments.length + 2];
    all[0] = "doctor";
    all[1] = "--video-dir=" + root;
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    CommandLine commandLine = ShVideo.commandLine(new ShVideo());
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(out, true));
    return commandLine.execute(all);
  }
}
