package org.shvideo.cli.discover;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.tasks.settings.Settings;
import picocli.CommandLine;

/** Devices on loopback addresses, honest ones and others. Nothing leaves the loopback interface. */
@Tag("server")
final class DiscoverCommandTest {
  private static final Map<String, String> PASSWORD =
      Map.of("ONVIF_PASSWORD", OnvifDevice.PASSWORD);

  private final List<OnvifDevice> devices = new ArrayList<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @AfterEach
  void stop() throws IOException {
    for (OnvifDevice device : devices) {
      device.close();
    }
  }

  private OnvifDevice device(String host) throws IOException {
    OnvifDevice device = new OnvifDevice(host);
    devices.add(device);
    return device;
  }

  private int discover(Map<String, String> environment, String... arguments) {
    CommandLine command = new CommandLine(new DiscoverCommand(Settings.of(environment)));
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }

  private String login() {
    discover(PASSWORD, "--interface", "lo", "--wait", "1", "--user", OnvifDevice.USER);
    assertThat(out.toString()).doesNotContain(OnvifDevice.PASSWORD).doesNotContain("word%261");
    return out.toString();
  }

  @Test
  void findsEachDeviceOnceAndMarksTheKnownOne() throws IOException {
    for (String host : List.of("127.0.0.2", "127.0.0.3", "127.0.0.4")) {
      device(host).start();
    }
    Map<String, String> known = Map.of("RTSP_URL_GATE", "rtsp://a:b@127.0.0.3/x");
    assertThat(discover(known, "--interface", "lo", "--wait", "1")).isZero();
    assertThat(out.toString().lines().filter(line -> line.startsWith("front-door")))
        .containsExactly(
            "front-door  127.0.0.2  X1",
            "front-door-2  127.0.0.3  X1  (configured as gate)",
            "front-door-3  127.0.0.4  X1");
    assertThat(devices).allSatisfy(device -> assertThat(device.requests).isEmpty());
  }

  @Test
  void printsReadyLinesForMainAndSubStream() throws IOException {
    device("127.0.0.2").start().wantsSecurity = true;
    assertThat(login())
        .contains("Acme", "X1 (firmware 2.1)")
        .contains("main   H.264, 1920 × 1080, 20 frames/s, 1920 kbit/s")
        .contains("./sh-video run 'front-door=rtsp://admin@127.0.0.2/live/m'")
        .contains("RTSP_URL_FRONT_DOOR=rtsp://admin:PASSWORD@127.0.0.2/live/m")
        .contains("DETECT_URL_FRONT_DOOR=rtsp://admin:PASSWORD@127.0.0.2/live/s")
        .contains("photo  http://admin@127.0.0.2/still.jpg")
        .doesNotContainPattern("[\\p{Cntrl}&&[^\\r\\n]]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"security", "digest", "both"})
  void logsInAsTheDeviceWantsIt(String wanted) throws IOException {
    OnvifDevice device = device("127.0.0.2").start();
    device.wantsSecurity = !wanted.equals("digest");
    device.wantsDigest = !wanted.equals("security");
    assertThat(login()).contains("rtsp://admin@127.0.0.2/live/m");
  }

  @Test
  void datesLoginsByTheDevicesClock() throws IOException {
    OnvifDevice device = device("127.0.0.2").start();
    device.wantsSecurity = true;
    device.clock = Duration.ofHours(-1);
    assertThat(login()).contains("rtsp://admin@127.0.0.2/live/m").contains("min slow");
  }

  @Test
  void asksTheSecondMediaServiceForH265() throws IOException {
    OnvifDevice device = device("127.0.0.2").start();
    device.media1 = false;
    device.media2 = true;
    assertThat(login())
        .contains("main   H.265, 2560 × 1440")
        .contains("DETECT_URL_FRONT_DOOR=rtsp://admin:PASSWORD@127.0.0.2/live/s");
  }

  @Test
  void asksAHostThatIsNamed() throws IOException {
    device("127.0.0.2").start();
    assertThat(discover(Map.of(), "--probe", "127.0.0.2", "--wait", "1")).isZero();
    assertThat(out.toString()).contains("front-door  127.0.0.2");
  }

  @Test
  void saysWhyNobodyMayHaveAnswered() {
    assertThat(discover(Map.of(), "--interface", "lo", "--wait", "1")).isEqualTo(1);
    assertThat(err.toString()).contains("ONVIF is off", "--probe", "container");
  }

  @Test
  void stopsAskingAfterARefusedLogin() throws IOException {
    OnvifDevice device = device("127.0.0.2").start();
    device.wantsSecurity = true;
    discover(
        Map.of("ONVIF_PASSWORD", "wrong"),
        "--interface",
        "lo",
        "--wait",
        "1",
        "--user",
        OnvifDevice.USER);
    assertThat(out.toString()).contains("it refuses this login");
    assertThat(device.requests).hasSize(2);
  }

  @Test
  void neverSendsThePassword() throws IOException {
    OnvifDevice device = device("127.0.0.2").start();
    device.offersBasicOnly = true;
    assertThat(login()).contains("it refuses this login");
    assertThat(device.requests)
        .noneMatch(request -> request.contains("Basic ") || request.contains("PasswordText"));
  }

  @Test
  void asksOnlyTheHostThatAnswered() throws IOException {
    OnvifDevice victim = device("127.0.0.9");
    OnvifDevice device = device("127.0.0.2");
    device.namedHost = "127.0.0.9";
    victim.copies = 0;
    victim.start();
    device.start();
    assertThat(login())
        .contains("it calls itself 127.0.0.9", "it names the host 127.0.0.9 for its streams")
        .contains("rtsp://admin@127.0.0.2/live/m");
    assertThat(victim.requests).isEmpty();
  }

  @Test
  void quotesWhatAShellWouldRun() throws IOException {
    device("127.0.0.2").start().path = "/$(reboot)'`";
    assertThat(login()).contains("@127.0.0.2/%24(reboot)%27%60/m").doesNotContain("$(");
  }

  @Test
  void survivesDuplicatesFloodsAndNonsense() throws IOException {
    OnvifDevice flood = device("127.0.0.2");
    flood.copies = 300;
    OnvifDevice nonsense = device("127.0.0.3");
    nonsense.copies = 300;
    nonsense.match = answer -> "\u0000<<<&" + answer;
    OnvifDevice twice = device("127.0.0.4");
    twice.copies = 300;
    twice.match = answer -> answer.replaceFirst("-\\d+</a:Address>", "</a:Address>");
    devices.forEach(OnvifDevice::start);
    String shown = login();
    assertThat(shown.lines().filter(line -> line.matches("front-door\\S*  127.0.0.2.*")))
        .hasSize(8);
    assertThat(shown.lines().filter(line -> line.matches("front-door\\S*  127.0.0.4.*")))
        .hasSize(1);
    assertThat(err.toString()).contains("Answers that nobody can read");
  }

  @ParameterizedTest
  @ValueSource(strings = {"silent", "endless", "slow", "nonsense", "dtd", "deep", "headers"})
  void survivesAHostileService(String kind) throws IOException {
    String start = "HTTP/1.1 200 OK\r\n\r\n";
    OnvifDevice device = device("127.0.0.2");
    device.hostile =
        out -> {
          switch (kind) {
            case "silent" -> await();
            case "nonsense" -> out.write("\u0000\u0001 what?\r\n\r\n".getBytes(UTF_8));
            case "dtd" ->
                out.write(
                    (start
                            + "<!DOCTYPE a [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">"
                            + "<!ENTITY c SYSTEM \"file:///etc/passwd\">]><a>&b;&c;</a>")
                        .getBytes(UTF_8));
            case "deep" -> out.write((start + "<a>".repeat(10_000)).getBytes(UTF_8));
            case "headers" -> {
              out.write("HTTP/1.1 200 OK\r\n".getBytes(UTF_8));
              while (true) {
                out.write("x: y\r\n".getBytes(UTF_8));
              }
            }
            default -> {
              out.write((start + "<a>").getBytes(UTF_8));
              while (true) {
                out.write("<b>c</b>".getBytes(UTF_8));
                if (kind.equals("slow")) {
                  await();
                }
              }
            }
          }
        };
    device.start();
    long began = System.nanoTime();
    assertThat(login()).contains("    !      ").doesNotContain("root:");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
  }

  private static void await() {
    try {
      Thread.sleep(Duration.ofSeconds(20).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
