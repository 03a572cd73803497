package org.shvideo.notebook.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.notebook.SceneClip;
import org.shvideo.tasks.video.VideoFolder;

/** Downloads from a web server of this process, and through a script in the place of yt-dlp. */
@Tag("server")
class DownloadTest {
  private static final Duration SILENCE = Duration.ofMillis(300);

  @TempDir private Path folder;
  @TempDir private Path elsewhere;
  private byte[] clip;
  private HttpServer web;
  private ExecutorService answering;

  /** Answers one request. */
  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  @BeforeEach
  void start() throws Exception {
    Path file = elsewhere.resolve("clip.avi");
    SceneClip.write(file, 0, 3);
    clip = Files.readAllBytes(file);
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    answering = Executors.newCachedThreadPool();
    web.setExecutor(answering);
    web.start();
  }

  @AfterEach
  void stop() {
    if (web != null) {
      web.stop(0);
      answering.shutdownNow();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/a/cars.avi, video/x-msvideo, cars.avi",
    "/cars.avi, application/octet-stream, cars.avi",
    "/cars.avi?token=x&name=../y.mp4, video/x-msvideo, cars.avi",
    "/my%20cars%C3%A9.avi, video/x-msvideo, my-cars-.avi",
    "/watch.php, video/x-msvideo; charset=x, watch.php.avi",
    "/, video/mp4, video.mp4",
    "/..%2F..%2Fetc%2Fpasswd, video/x-msvideo, etc-passwd.avi",
    "/%2e%2e%2fcars.avi, video/x-msvideo, cars.avi",
    "/.hidden.avi, video/x-msvideo, hidden.avi",
    "/--option.avi, video/x-msvideo, option.avi",
    "/100%25.avi, video/x-msvideo, 100-.avi",
    "/a%00b.avi, video/x-msvideo, a-b.avi",
  })
  void storesAVideoUnderASafeName(String path, String type, String name) throws IOException {
    serve(exchange -> send(exchange, type, clip));

    assertThat(download().fetch(url(path))).isEqualTo(name);
    assertThat(folder.resolve(name)).hasBinaryContent(clip);
    assertOnly(name);
  }

  @Test
  void truncatesLongNamesAtTheStart() {
    assertThat(Download.safeName("x".repeat(300) + ".avi", "")).hasSize(100).endsWith("x.avi");
    assertThat(Download.safeName(".".repeat(50) + "é".repeat(300), "mp4")).isEqualTo("video.mp4");
  }

  @Test
  void doesNotReplaceAnExistingFile() throws IOException {
    serve(exchange -> send(exchange, "video/x-msvideo", clip));
    Files.writeString(folder.resolve("cars.avi"), "mine");

    assertThat(download().fetch(url("/cars.avi"))).isEqualTo("cars.avi");
    assertThat(folder.resolve("cars.avi")).hasContent("mine");
    assertOnly("cars.avi");
  }

  @Test
  void discardsAFileThatIsNotAVideo() {
    serve(exchange -> send(exchange, "video/mp4", "hello".getBytes(StandardCharsets.UTF_8)));

    assertRefused(url("/cars.mp4"))
        .hasMessageMatching("cars.mp4 is not a video that FFmpeg can read.*[.] Discarded it.");
  }

  @Test
  void followsALimitedNumberOfRedirects() throws IOException {
    serve(
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          if (path.equals("/cars.avi")) {
            send(exchange, "video/x-msvideo", clip);
          } else {
            redirect(exchange, path.equals("/start") ? "cars.avi" : "/round");
          }
        });

    assertThat(download().fetch(url("/start"))).isEqualTo("cars.avi");
    Files.deleteIfExists(folder.resolve("cars.avi"));
    assertRefused(url("/round")).hasMessageContaining("more than 5 redirects");
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:///etc/passwd", "ftp://127.0.0.1/x.avi", "http:///x.avi", "//["})
  void doesNotFollowRedirectsToOtherProtocols(String location) {
    serve(exchange -> redirect(exchange, location));

    assertRefused(url("/cars.avi")).hasMessageContaining("It must begin with http:// or https://");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "cars.avi", "file:///etc/passwd", "http://", "http://h:99999/", "http://[x"})
  void rejectsInvalidAddresses(String address) {
    assertRefused(address).hasMessageContaining("Invalid address: ");
  }

  @Test
  void reportsTheStatusCodeOfAnError() {
    serve(exchange -> exchange.sendResponseHeaders(404, -1));

    assertRefused(url("/cars.avi")).hasMessageContaining("the server responded with 404");
  }

  @Test
  void reportsAnUnreachableServer() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }

    assertRefused("http://user:geheim@127.0.0.1:%d/cars.avi".formatted(port))
        .hasMessageContaining("Cannot connect to http://***@127.0.0.1:%d/cars.avi".formatted(port))
        .hasMessageNotContaining("geheim");
    assertRefused("http://nowhere.invalid/x.avi").hasMessageContaining("unknown host");
  }

  @Test
  void anInterruptedDownloadLeavesNoFile() {
    serve(
        exchange -> {
          exchange.getResponseHeaders().add("Content-Type", "video/x-msvideo");
          exchange.sendResponseHeaders(200, clip.length);
          exchange.getResponseBody().write(clip, 0, clip.length / 2);
          exchange.getResponseBody().flush();
          throw new IOException("breaks off");
        });

    assertRefused(url("/cars.avi"))
        .hasMessageMatching("Download of cars.avi ended after .*Run the cell again.");
  }

  @Test
  void timesOutWhenTheServerDoesNotRespond() {
    CompletableFuture<Void> never = new CompletableFuture<>();
    serve(
        exchange -> {
          if (exchange.getRequestURI().getPath().equals("/cars.avi")) {
            exchange.getResponseHeaders().add("Content-Type", "video/x-msvideo");
            exchange.sendResponseHeaders(200, clip.length);
            exchange.getResponseBody().write(clip, 0, 100);
            exchange.getResponseBody().flush();
          }
          never.join();
        });

    assertRefused(url("/cars.avi")).hasMessageContainingAll("ended after", "does not respond");
    assertRefused(url("/never")).hasMessageContainingAll("Cannot connect", "does not respond");
    never.complete(null);
  }

  @Test
  void reportsAMissingFolder() {
    serve(exchange -> send(exchange, "video/x-msvideo", clip));
    Download download = Download.into(new VideoFolder(folder.resolve("missing")));

    assertThatThrownBy(() -> download.fetch(url("/cars.avi")))
        .isInstanceOf(NotebookException.class)
        .hasMessageContaining("missing does not exist. Set VIDEO_DIR");
  }

  @Test
  void saysHowToInstallYtDlpForPages() {
    serve(exchange -> send(exchange, "text/html; charset=utf-8", new byte[10]));

    assertRefused(url("/watch")).hasMessageContainingAll("but text/html", "pip install yt-dlp");
    assertRefused(url("/page.mp4")).hasMessageContaining("is not a video file but text/html");
  }

  @Test
  void passesPagesToYtDlpWithoutTheAddressInTheArguments() throws Exception {
    serve(exchange -> send(exchange, "text/html", new byte[10]));
    String script =
        """
        echo "$@" > '%1$s/arguments'; cat > '%1$s/input'
        while [ "$1" != --output ]; do shift; done
        echo '[download]  50.0%% of 1MiB'
        cp '%1$s/clip.avi' "$(dirname "$2")/A page's video-x1.avi"
        """
            .formatted(elsewhere);
    String address = url("/watch").replace("http://", "http://user:geheim@");

    assertThat(download(script).fetch(address)).isEqualTo("A-page-s-video-x1.avi");
    assertThat(elsewhere.resolve("input")).hasContent(address);
    assertThat(elsewhere.resolve("arguments")).content().doesNotContain("geheim");
    assertThat(download(script).fetch(address)).as("again").isEqualTo("A-page-s-video-x1.avi");
    assertOnly("A-page-s-video-x1.avi");
  }

  @ParameterizedTest
  @CsvSource({
    "echo 'ERROR: geheim at http://u:geheim@h/ is private'; exit 1, 'cannot fetch .*private'",
    "echo 'nothing here', 'found no video at .*: nothing here'",
    "true, 'found no video at .*: no output'",
    "sleep 60, 'hung .* was stopped.*no output'",
  })
  void reportsFailuresInTheWordsOfYtDlp(String script, String message) throws Exception {
    serve(exchange -> send(exchange, "text/html", new byte[10]));
    Download download = download("cat > /dev/null; " + script);

    assertThatThrownBy(() -> download.fetch(url("/watch")))
        .isInstanceOf(NotebookException.class)
        .hasMessageMatching("(?s)yt-dlp .*" + message + ".*")
        .hasMessageNotContaining("u:geheim");
    assertOnly();
  }

  @Test
  void stoppingTheCellStopsYtDlp() throws Exception {
    serve(exchange -> send(exchange, "text/html", new byte[10]));
    Download download = download("echo $$ > '%s/pid'; sleep 60".formatted(elsewhere));
    CompletableFuture<Throwable> failed = new CompletableFuture<>();
    Thread cell =
        new Thread(
            () -> {
              try {
                download.fetch(url("/watch"));
                failed.complete(null);
              } catch (IOException | RuntimeException e) {
                failed.complete(e);
              }
            },
            "cell");
    cell.start();
    Path pid = elsewhere.resolve("pid");
    await().until(() -> Files.exists(pid) && Files.size(pid) > 0);

    cell.interrupt();

    assertThat(failed.get(20, TimeUnit.SECONDS)).hasMessage("Stopped. Discarded the download.");
    assertThat(ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))).isEmpty();
    assertOnly();
  }

  private org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
      String address) {
    var thrown =
        assertThatThrownBy(() -> NotebookException.explain(() -> download().fetch(address)));
    assertOnly();
    return thrown
        .isInstanceOf(NotebookException.class)
        .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
  }

  private void assertOnly(String... names) {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .as("leftovers")
          .containsExactlyInAnyOrder(names);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Download download() {
    return new Download(folder, new YtDlp(elsewhere.resolve("no-yt-dlp").toString(), SILENCE));
  }

  private Download download(String script) throws IOException {
    Path program = elsewhere.resolve("yt-dlp");
    Files.writeString(program, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return new Download(folder, new YtDlp(program.toString(), SILENCE));
  }

  private void serve(Answer answer) {
    web.createContext(
        "/",
        exchange -> {
          try (exchange) {
            answer.to(exchange);
          }
        });
  }

  private String url(String path) {
    return "http://127.0.0.1:%d%s".formatted(web.getAddress().getPort(), path);
  }

  private static void send(HttpExchange exchange, String type, byte[] body) throws IOException {
    exchange.getResponseHeaders().add("Content-Type", type);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  private static void redirect(HttpExchange exchange, String location) throws IOException {
    exchange.getResponseHeaders().add("Location", location);
    exchange.sendResponseHeaders(302, -1);
  }
}
