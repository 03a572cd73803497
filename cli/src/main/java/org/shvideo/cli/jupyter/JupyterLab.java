package org.shvideo.cli.jupyter;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.shvideo.cli.pipeline.LogTail;
import org.shvideo.cli.pipeline.Polling;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.lifecycle.Watchdog;

/**
 * A JupyterLab server: a process on the loopback interface that requires a random token, makes no
 * requests to the internet and offers only the Java kernel. Its configuration, with the token, is
 * in a folder that only the user can read, because every user of the machine can read the arguments
 * of a process. Closing it ends the server and its kernels, as does the end of this process. Not
 * thread-safe.
 */
final class JupyterLab implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  /** No question at the first start, and no requests for news or updates. */
  private static final String LAB_SETTINGS =
      """
      {"@jupyterlab/apputils-extension:notification":
        {"fetchNews": "false", "checkForUpdates": false}}
      """;

  private final HttpClient client = HttpClient.newHttpClient();
  private final Process process;
  private final Path home;
  private final Path log;
  private final int port;
  private final String token;

  private JupyterLab(Process process, Path home, Path log, int port, String token) {
    this.process = process;
    this.home = home;
    this.log = log;
    this.port = port;
    this.token = token;
  }

  /**
   * Starts the server and waits until it responds.
   *
   * @param python has JupyterLab and the kernel
   * @param folder the root folder of the notebooks
   * @param environment added to the environment of this process, for the kernels
   * @param port 0 for any free port
   * @throws UserException when the port is in use, or the server does not start
   */
  static JupyterLab start(
      VirtualEnvironment python,
      Path folder,
      Map<String, String> environment,
      int port,
      boolean browser)
      throws InterruptedException {
    int freePort = requireFree(port);
    byte[] random = new byte[24];
    new SecureRandom().nextBytes(random);
    String token = HexFormat.of().formatHex(random);
    try {
      Path home = Files.createTempDirectory("sh-video-notebooks"); // only the user can read it
      Files.writeString(
          home.resolve("jupyter_server_config.json"),
          configuration(folder, freePort, token, browser));
      Path log = home.resolve("jupyter.log");
      Path share = python.home().resolve("share/jupyter");
      Path settings = Files.createDirectories(share.resolve("lab/settings"));
      Files.writeString(settings.resolve("overrides.json"), LAB_SETTINGS);
      ProcessBuilder builder =
          new ProcessBuilder(command(python))
              .directory(folder.toFile())
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().putAll(environment);
      builder.environment().put("JUPYTER_CONFIG_DIR", home.toString());
      builder.environment().put("JUPYTER_RUNTIME_DIR", home.resolve("runtime").toString());
      builder.environment().put("JUPYTER_PATH", share.toString());
      builder.environment().put("JUPYTERLAB_SETTINGS_DIR", python.home() + "/lab/settings");
      builder.environment().put("JUPYTERLAB_WORKSPACES_DIR", python.home() + "/lab/workspaces");
      JupyterLab lab = new JupyterLab(builder.start(), home, log, freePort, token);
      try {
        Watchdog.over(lab.process.toHandle());
        lab.awaitResponse();
        return lab;
      } catch (IOException | InterruptedException | RuntimeException e) {
        lab.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UserException("Cannot start JupyterLab: " + e.getMessage(), e);
    }
  }

  static List<String> command(VirtualEnvironment python) {
    return List.of(python.program("python").toString(), "-m", "jupyterlab");
  }

  /**
   * The configuration as JSON. Root is allowed, because containers may run as root, and the token
   * and the loopback interface protect the server. It answers its own question at Ctrl-C, which
   * reaches it too, so that it ends with its kernels.
   */
  static String configuration(Path folder, int port, String token, boolean browser) {
    return """
    {
      "ServerApp": {"ip": "127.0.0.1", "port": %d, "port_retries": 0, "root_dir": %s,
        "open_browser": %s, "allow_root": true, "answer_yes": true},
      "IdentityProvider": {"token": "%s"},
      "LabApp": {"news_url": null, "extension_manager": "readonly",
        "check_for_updates_class": "jupyterlab.NeverCheckForUpdate"},
      "KernelSpecManager": {"allowed_kernelspecs": ["java"], "ensure_native_kernel": false},
      "MappingKernelManager": {"default_kernel_name": "java"}
    }
    """
        .formatted(port, Json.write(folder.toString()), browser, token);
  }

  /** The port, or any free port if it is 0. */
  private static int requireFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UserException(
          "Port %d is in use. Choose another with --port (0 for any free port).".formatted(port),
          e);
    }
  }

  private void awaitResponse() throws IOException, InterruptedException {
    boolean unused = Polling.await(START_TIMEOUT, () -> !process.isAlive() || responds());
    if (!responds()) {
      throw new UserException("JupyterLab did not start:\n" + LogTail.of(log).replace(token, "…"));
    }
  }

  private boolean responds() throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/status"))
            .header("Authorization", "token " + token)
            .timeout(Duration.ofSeconds(10))
            .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false; // it does not listen yet
    }
  }

  /** The address for a browser, with the token. */
  String url() {
    return "http://127.0.0.1:" + port + "/lab?token=" + token;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends the server and its kernels. Takes at most some seconds. */
  @Override
  public void close() {
    List<ProcessHandle> kernels = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    kernels.forEach(ProcessHandle::destroyForcibly);
    try {
      FileOperations.deleteTree(home);
    } catch (IOException e) {
      // It is a temporary folder, and its token is of no use any more.
    }
  }
}
