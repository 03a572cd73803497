package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.camera.media.VideoFile;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.capture.connection.Trust;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.capture.stream.StreamSettings.Transport;

/** Cameras with TLS: who is trusted, and that nobody else gets the password. */
@Tag("camera")
@Tag("process")
class EncryptedCameraTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(Integer.getInteger("test.timeout", 2));

  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir static Path folder;

  /** One key store each, with what keytool makes of these options. */
  private static final Map<String, KeyStore> CERTIFICATES = new HashMap<>();

  private final List<String> heard = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void makeCertificates() throws Exception {
    make("own", "-ext", "san=ip:127.0.0.1", "-validity", "10");
    make("other", "-ext", "san=ip:127.0.0.1", "-validity", "10");
    make("expired", "-ext", "san=ip:127.0.0.1", "-startdate", "-20d", "-validity", "10");
    make("misnamed", "-ext", "san=dns:elsewhere.invalid", "-validity", "10");
  }

  private static void make(String name, String... options) throws Exception {
    Path file = folder.resolve(name + ".p12");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                file.toString(),
                "-storepass",
                new String(PASSWORD),
                "-alias",
                "camera",
                "-dname",
                "CN=camera",
                "-keyalg",
                "EC"));
    command.addAll(List.of(options));
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    CERTIFICATES.put(name, store);
  }

  @ParameterizedTest
  @CsvSource({
    "https, own, verify", "https, expired, verify", "https, misnamed, verify", "https, own, other",
    "rtsps, own, verify", "rtsps, expired, verify", "rtsps, misnamed, verify", "rtsps, own, other"
  })
  void nothingIsSentToACameraThatIsNotTrusted(String scheme, String shown, String rule)
      throws Exception {
    Trust trust = rule.equals("verify") ? Trust.VERIFY : Trust.parse(fingerprint(rule));
    try (ScriptedServer camera = camera(shown)) {
      StreamException failure = failure(camera.url(scheme, "me:hush", "/live"), trust);

      assertThat(failure.kind()).isEqualTo(Kind.UNTRUSTED);
      assertThat(failure.fingerprint()).contains(fingerprint(shown));
      assertThat(failure)
          .hasMessageContaining("RTSP_TLS_<NAME>=" + fingerprint(shown))
          .hasMessageNotContaining("hush");
      assertThat(heard).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "https, own, own", "https, expired, expired", "https, misnamed, misnamed", "https, own, off",
    "rtsps, own, own", "rtsps, expired, expired", "rtsps, misnamed, misnamed", "rtsps, own, off"
  })
  void aPinnedCertificateIsTrustedWhateverItSays(String scheme, String shown, String rule)
      throws Exception {
    Trust trust = Trust.parse(rule.equals("off") ? rule : fingerprint(rule));
    try (ScriptedServer camera = camera(shown)) {
      assertThat(failure(camera.url(scheme, "me:hush", "/live"), trust).kind())
          .isEqualTo(Kind.UNAUTHORIZED);
      assertThat(heard).anyMatch(line -> line.startsWith("Authorization: Basic "));
    }
  }

  /** In a process that trusts both certificates: Java reads which ones once. */
  @ParameterizedTest
  @CsvSource({
    "https, own, UNAUTHORIZED",
    "rtsps, own, UNAUTHORIZED",
    "https, misnamed, UNTRUSTED",
    "rtsps, misnamed, UNTRUSTED"
  })
  void aCertificateThatJavaTrustsMustBeOfTheHost(String scheme, String shown, Kind kind)
      throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    for (String each : CERTIFICATES.keySet()) {
      trusted.setCertificateEntry(each, CERTIFICATES.get(each).getCertificate("camera"));
    }
    Path file = folder.resolve("trusted.p12");
    try (OutputStream out = Files.newOutputStream(file)) {
      trusted.store(out, PASSWORD);
    }
    try (ScriptedServer camera = camera(shown)) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Djavax.net.ssl.trustStore=" + file,
                  "-Dtest.timeout=20",
                  "-Djavax.net.ssl.trustStorePassword=" + new String(PASSWORD),
                  "-cp",
                  System.getProperty("java.class.path"),
                  EncryptedCameraTest.class.getName(),
                  camera.url(scheme, "me:hush", "/live"))
              .redirectErrorStream(true)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(said).contains("kind " + kind);
      assertThat(heard.isEmpty()).isEqualTo(kind == Kind.UNTRUSTED);
    }
  }

  /** Says what becomes of a camera whose certificate is verified. */
  public static void main(String[] arguments) {
    System.out.println("kind " + failure(arguments[0], Trust.VERIFY).kind());
  }

  @ParameterizedTest
  @ValueSource(strings = {"https", "rtsps"})
  void aCameraWithoutTlsIsTold(String scheme) throws Exception {
    try (ScriptedServer camera = ScriptedServer.http("200 OK")) {
      StreamException failure = failure(camera.url(scheme, "me:hush", "/live"), Trust.VERIFY);
      assertThat(failure).hasMessageNotContaining("hush");
      assertThat(failure.kind()).isIn(Kind.BROKEN, Kind.TIMED_OUT);
    }
  }

  @Test
  void aSilentCameraTimesOut() throws Exception {
    try (ScriptedServer camera = ScriptedServer.silent()) {
      long start = System.nanoTime();
      assertThat(failure(camera.url("rtsps", "/live"), Trust.VERIFY).kind())
          .isEqualTo(Kind.TIMED_OUT);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void picturesOfAnEncryptedCameraAreRead() throws Exception {
    byte[] picture = new TestVideo("mjpeg", 320, 240, 50, 1, 1, 0, 0).jpegs().pictures().get(0);
    ScriptedServer.Answer answer =
        (request, out) -> {
          ScriptedServer.send(
              out,
              "HTTP/1.1 200 OK",
              "Content-Type: image/jpeg",
              "Content-Length: " + picture.length);
          out.write(picture);
          return true;
        };
    try (ScriptedServer camera = new ScriptedServer(listening("own"), answer);
        CameraStream stream = open(camera.url("https", "/live"), Trust.parse(fingerprint("own")))) {
      for (int i = 0; i < 3; i++) {
        stream.read().close();
      }
    }
  }

  /** The encrypted side of a real session: each connection is passed on to a camera without. */
  @Test
  void packetsOfAnEncryptedCameraAreReadAndItsConnectionEnds() throws Exception {
    Path file = TestVideo.of("libopenh264", 25, 2).write(folder.resolve("camera.mp4"));
    var video = VideoFile.read(file);
    try (RtspCamera camera = RtspCamera.serving(video).credentials("me", "hush").start();
        ServerSocket server = listening("own")) {
      Thread forward = new Thread(() -> forward(server, camera.port()));
      forward.setDaemon(true);
      forward.start();
      String url =
          camera
              .url()
              .replace("rtsp:", "rtsps:")
              .replace(":" + camera.port(), ":" + server.getLocalPort());
      try (CameraStream stream = open(url, Trust.parse(fingerprint("own")))) {
        for (int i = 0; i < 50; i++) {
          stream.read().close();
        }
        assertThat(camera.totalConnections()).isEqualTo(1);
      }
      await().until(() -> camera.connections() == 0);
    }
  }

  private static void forward(ServerSocket server, int port) {
    try (Socket from = server.accept();
        Socket into = new Socket(InetAddress.getLoopbackAddress(), port)) {
      Thread back = new Thread(() -> copy(into, from));
      back.setDaemon(true);
      back.start();
      copy(from, into);
    } catch (IOException e) {
      // closed
    }
  }

  private static void copy(Socket from, Socket into) {
    try (from;
        into) {
      from.getInputStream().transferTo(into.getOutputStream());
    } catch (IOException e) {
      // closed
    }
  }

  /** Asks for a login by sending the password. */
  private ScriptedServer camera(String certificate) throws Exception {
    return new ScriptedServer(
        listening(certificate),
        (request, out) -> {
          heard.addAll(request);
          ScriptedServer.send(
              out,
              request.get(0).replaceFirst(".* (\\S+)$", "$1") + " 401 Unauthorized",
              ScriptedServer.sequence(request),
              "WWW-Authenticate: Basic realm=\"camera\"",
              "Content-Length: 0");
          return true;
        });
  }

  private static ServerSocket listening(String certificate) throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(CERTIFICATES.get(certificate), PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context
        .getServerSocketFactory()
        .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  private static String fingerprint(String certificate) throws Exception {
    byte[] encoded = CERTIFICATES.get(certificate).getCertificate("camera").getEncoded();
    return HexFormat.ofDelimiter(":")
        .withUpperCase()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(encoded));
  }

  private static StreamException failure(String url, Trust trust) {
    return catchThrowableOfType(StreamException.class, () -> open(url, trust).close());
  }

  private static CameraStream open(String url, Trust trust) throws StreamException {
    StreamSettings settings =
        new StreamSettings(Transport.AUTO, TIMEOUT, Duration.ofMillis(100), trust);
    return CameraStream.open(CameraUrl.parse(url), settings, new CountDownLatch(1));
  }
}
