package org.shvideo.worker.yolo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The zoo is played by a server of the test, laid out as the real one. */
@Tag("server")
final class ModelSourceTest {
  private static final String LIST = "/model/cv/object_detection/ai/djl/pytorch/yolov8n/";

  @TempDir private Path folder;
  private Path root;
  private HttpServer server;
  private final Map<String, byte[]> served = new HashMap<>();
  private final AtomicInteger requests = new AtomicInteger();

  @BeforeEach
  void start() throws IOException {
    root = Files.createDirectories(folder.resolve("checkout"));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.incrementAndGet();
          byte[] body = served.get(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
          if (body != null) {
            exchange.getResponseBody().write(body);
          }
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void theSettingComesFirst() throws Exception {
    Path own = write(folder.resolve("own.torchscript"));
    write(root.resolve("models/yolov8n.torchscript"));

    assertThat(source(Optional.of(own), true).find()).isEqualTo(own);
  }

  @Test
  void theSettingIsNeverPassedOver() throws Exception {
    write(root.resolve("models/yolov8n.torchscript"));

    assertThatThrownBy(() -> source(Optional.of(folder.resolve("typo.pt")), true).find())
        .isInstanceOf(ModelUnavailableException.class)
        .hasMessageContaining("YOLO_MODEL is " + folder.resolve("typo.pt"));
  }

  @Test
  void theCheckoutComesBeforeItsNeighbour() throws Exception {
    Path beside = write(folder.resolve("shared/models/yolov8n.torchscript"));
    assertThat(source(Optional.empty(), true).find()).isEqualTo(beside);

    Path own = write(root.resolve("models/yolov8n.torchscript"));
    assertThat(source(Optional.empty(), true).find()).isEqualTo(own);
    assertThat(requests).hasValue(0);
  }

  @Test
  void theZooIsAskedLastAndOnce() throws Exception {
    serveModel("the weights");

    Path fetched = source(Optional.empty(), true).find();

    assertThat(fetched).hasFileName("yolov8n.torchscript").hasContent("the weights");
    int asked = requests.get();
    server.stop(0);
    assertThat(source(Optional.empty(), true).find()).isEqualTo(fetched);
    assertThat(source(Optional.empty(), false).find()).isEqualTo(fetched);
    assertThat(requests).hasValue(asked);
  }

  @Test
  void aBrokenDownloadIsNotKept() throws Exception {
    serveModel("the weights");
    String archive = LIST + "0.0.1/yolov8n.zip";
    byte[] whole = served.get(archive);
    served.put(archive, zip("yolov8n.torchscript", "other weights"));
    assertThatThrownBy(() -> source(Optional.empty(), true).find())
        .isInstanceOf(ModelUnavailableException.class);

    served.put(archive, whole);
    assertThat(source(Optional.empty(), true).find()).hasContent("the weights");
  }

  @Test
  void allFourPlacesAreNamedWhenTheZooIsNotReachable() throws Exception {
    int nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = socket.getLocalPort();
    }
    URI zoo = URI.create("http://127.0.0.1:" + nobody + "/");
    ModelSource source =
        new ModelSource(Optional.empty(), root, new ZooModelFile(zoo, cache(), true));

    assertThatThrownBy(source::find)
        .isInstanceOf(ModelUnavailableException.class)
        .hasMessageContainingAll(
            "YOLO_MODEL",
            root.resolve("models/yolov8n.torchscript").toString(),
            folder.resolve("shared/models/yolov8n.torchscript").toString(),
            "model zoo (djl://ai.djl.pytorch/yolov8n): not reachable (Connection refused)",
            "yolo export");
  }

  @Test
  void offlineTheZooIsNotAsked() {
    assertThatThrownBy(() -> source(Optional.empty(), false).find())
        .isInstanceOf(ModelUnavailableException.class)
        .hasMessageContaining("not tried because DJL is set to offline");
    assertThat(requests).hasValue(0);
  }

  @Test
  void aPortalThatAnswersForTheZooIsNoModel() {
    served.put(LIST + "metadata.json", "<html>Log in</html>".getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> source(Optional.empty(), true).find())
        .isInstanceOf(ModelUnavailableException.class)
        .hasMessageContaining("list of files");
  }

  private ModelSource source(Optional<Path> chosen, boolean online) {
    URI zoo = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    return new ModelSource(chosen, root, new ZooModelFile(zoo, cache(), online));
  }

  private Path cache() {
    return folder.resolve("cache");
  }

  private static Path write(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "a model");
  }

  private void serveModel(String content) throws Exception {
    byte[] archive = zip("yolov8n.torchscript", content);
    String sha1 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(archive));
    served.put(LIST + "0.0.1/yolov8n.zip", archive);
    served.put(
        LIST + "metadata.json",
        """
        {"metadataVersion": "0.2", "resourceType": "model", "application": "cv/object_detection",
         "groupId": "ai.djl.pytorch", "artifactId": "yolov8n", "name": "YoloV8",
         "artifacts": [{"version": "0.0.1", "snapshot": false, "name": "yolov8n",
           "files": {"model": {"uri": "0.0.1/yolov8n.zip", "name": "", "sha1Hash": "%s",
                               "size": %d}}}]}
        """
            .formatted(sha1, archive.length)
            .getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] zip(String name, String content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry(name));
      zip.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}
