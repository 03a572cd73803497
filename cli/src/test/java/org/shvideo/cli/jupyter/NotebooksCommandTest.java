package org.shvideo.cli.jupyter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.cli.jupyter.NotebooksCommand.QueueSource;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;

/** What {@code ./sh-video notebooks} does before a browser connects. */
@Tag("server")
final class NotebooksCommandTest {
  private static final Path root = Path.of(System.getProperty("shvideo.root"));

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();

  @Test
  void theConfiguredRedisIsPreferred() {
    VideoFolder video = new VideoFolder(folder);
    try (EmbeddedRedis redis = EmbeddedRedis.start(video)) {
      assertThat(NotebooksCommand.queueSource(Settings.of(Map.of("RDS_HOST", "redis")), video))
          .isEqualTo(QueueSource.CONFIGURED);
      assertThat(NotebooksCommand.queueSource(Settings.of(Map.of()), video))
          .isEqualTo(QueueSource.RUNNING);
      assertThat(redis.environment()).isNotEmpty();
    }
  }

  @Test
  void redisIsEmbeddedIfNoneResponds() throws Exception {
    VideoFolder video = new VideoFolder(folder);
    assertThat(NotebooksCommand.queueSource(Settings.of(Map.of()), video))
        .isEqualTo(QueueSource.EMBEDDED);

    // A killed run leaves an address whose process ID may belong to another process by now.
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    Files.createDirectories(folder.resolve(".redis"));
    Files.writeString(
        folder.resolve(".redis/address.properties"),
        "pid=%d\nRDS_HOST=127.0.0.1\nRDS_PORT=%d\n".formatted(ProcessHandle.current().pid(), free));
    assertThat(NotebooksCommand.queueSource(Settings.of(Map.of()), video))
        .isEqualTo(QueueSource.EMBEDDED);
  }

  @Test
  void kernelsGetAbsolutePathsAndNoPassword() {
    Settings settings =
        Settings.of(
            Map.of(
                "YOLO_MODEL", "models/own.torchscript",
                "RDS_PSW_FILE", "'psw.txt'",
                "RDS_PSW", "not passed on"));
    Path here = Path.of("").toAbsolutePath();
    assertThat(NotebooksCommand.environment(settings, new VideoFolder(Path.of("clips"))))
        .isEqualTo(
            Map.of(
                "VIDEO_DIR", here.resolve("clips").toString(),
                "YOLO_MODEL", here.resolve("models/own.torchscript").toString(),
                "RDS_PSW_FILE", here.resolve("psw.txt").toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"jjava", "ijava"})
  void kernelSpecIsRenderedForThisMachine(String kernel) throws Exception {
    Path template = root.resolve("notebooks/kernels/" + kernel + "/kernel.json");
    String odd = "it's a \"folder\" \\ of clips";
    new KernelSpec(Path.of("/opt/java/bin/java"), folder.resolve("jars"), folder.resolve(odd))
        .install(template, folder.resolve("kernel"));

    JsonNode spec =
        Json.read(Files.readString(folder.resolve("kernel/kernel.json")), JsonNode.class);
    assertThat(spec.get("display_name").asText()).isEqualTo("Java");
    assertThat(spec.get("language").asText()).isEqualTo("java");
    assertThat(spec.get("interrupt_mode").asText()).isEqualTo("message");
    assertThat(spec.get("argv").get(0).asText()).isEqualTo("/opt/java/bin/java");
    assertThat(spec.get("argv"))
        .map(JsonNode::asText)
        .contains("-Dshvideo.root=" + folder.resolve(odd), "{connection_file}")
        .contains("@" + folder.resolve("jars") + "/../java.options")
        .noneMatch(argument -> argument.matches(".*@\\w+@.*"))
        // Our libraries come first: the kernels bring other versions.
        .anyMatch(path -> path.startsWith(folder.resolve("jars") + "/*:{resource_dir}/"));
    assertThat(Files.readString(template)).doesNotContain(root.toString()).doesNotContain("/home/");
  }

  @Test
  void tokenIsInAFileAndNotInTheArguments() throws IOException {
    var python = new VirtualEnvironment(folder, folder, "python3", new PrintWriter(out));
    assertThat(JupyterLab.command(python)).noneMatch(argument -> argument.contains("token"));

    JsonNode configuration =
        Json.read(JupyterLab.configuration(folder, 1234, "the-token", false), JsonNode.class);
    assertThat(configuration.at("/ServerApp/root_dir").asText()).isEqualTo(folder.toString());
    assertThat(configuration.at("/IdentityProvider/token").asText()).isEqualTo("the-token");
    assertThat(configuration.at("/ServerApp/ip").asText()).isEqualTo("127.0.0.1");
    assertThat(configuration.at("/ServerApp/open_browser").asBoolean()).isFalse();
    assertThat(configuration.at("/KernelSpecManager/allowed_kernelspecs/0").asText())
        .isEqualTo("java");
    assertThat(configuration.at("/LabApp/news_url").isNull()).isTrue();
  }

  @Test
  void missingPythonIsReported() {
    assertThatThrownBy(() -> environment(folder.resolve("no-python3")).prepare())
        .isInstanceOf(UserException.class)
        .hasMessageContaining("no-python3 was found")
        .hasMessageContaining("apt install python3-venv");
  }

  @ParameterizedTest
  @CsvSource({"3, is older", "4, venv module"})
  void unsuitablePythonIsReported(int status, String message) throws Exception {
    Path python = program("python", "exit " + status);
    assertThatThrownBy(() -> environment(python).prepare())
        .isInstanceOf(UserException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("apt install python3-venv");
  }

  @Test
  void unreachablePackageIndexIsReportedAndTheNextStartTriesAgain() throws Exception {
    // Stands in for Python: makes an environment whose pip has no network.
    Path python =
        program(
            "python",
            """
            case "$1" in
              -c) echo 3.12 /usr ;;
              *) mkdir -p "$3/bin" && cp "$0.pip" "$3/bin/python" ;;
            esac\
            """);
    program(
        "python.pip",
        """
        echo "WARNING: Retrying after connection broken by 'NewConnectionError'"
        exit 1\
        """);
    VirtualEnvironment environment = environment(python);
    assertThatThrownBy(environment::prepare)
        .isInstanceOf(UserException.class)
        .hasMessageContaining("pip cannot reach its package index")
        .hasMessageContaining("install.log");

    program("python.pip", "echo 'ERROR: hashes do not match'; exit 1");
    assertThatThrownBy(environment::prepare)
        .isInstanceOf(UserException.class)
        .hasMessageContaining("hashes do not match")
        .hasMessageContaining("install.log");

    program("python.pip", "exit 0");
    environment.prepare();
    out.getBuffer().setLength(0);
    environment.prepare();
    assertThat(out.toString()).as("nothing to do the second time").isEmpty();

    Files.writeString(folder.resolve("requirements.txt"), "jupyterlab==9\n");
    environment.prepare();
    assertThat(out.toString())
        .as("created again after the requirements changed")
        .contains("downloads");
  }

  @Test
  void portInUseIsReported() throws Exception {
    var python = new VirtualEnvironment(folder, folder, "python3", new PrintWriter(out));
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(
              () -> JupyterLab.start(python, folder, Map.of(), socket.getLocalPort(), false))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("Port %d is in use".formatted(socket.getLocalPort()))
          .hasMessageContaining("--port");
    }
  }

  private VirtualEnvironment environment(Path python) throws Exception {
    Path requirements = folder.resolve("requirements.txt");
    Files.writeString(requirements, "jupyterlab==1\n");
    return new VirtualEnvironment(
        folder.resolve("venv"), requirements, python.toString(), new PrintWriter(out, true));
  }

  private Path program(String name, String script) throws Exception {
    Path file = folder.resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return file;
  }
}
