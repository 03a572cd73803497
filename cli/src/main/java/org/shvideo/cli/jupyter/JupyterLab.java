package org.shvideo.cli.jupyter;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.shvideo.cli.pipeline.UserException;

/**
 * A JupyterLab of our own: a process on the loopback interface that opens with a random token, asks
 * nothing of the outside and offers the Java kernel alone. Its configuration, with the token, lies
 * in a folder that the user alone can read, because the arguments of a process can be read by every
 * user of the machine. Ends with everything it started when closed.
 */
final class JupyterLab implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration STOP = Duration.ofSeconds(10);
  private static final Duration LOOKS_EVERY = Duration.ofMillis(200);
  private static final ObjectMapper json = new ObjectMapper();

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
   * Starts it and waits until it answers.
   *
   * @param python holds JupyterLab and the kernel
   * @param folder the notebooks, its root
   * @param environment what the kernels find in their environment beside this process' own
   * @param port 0 for a free one
   * @throws UserException when the port is taken, or it does not start
   */
  static JupyterLab start(
      VirtualEnvironment python,
      Path folder,
      Map<String, String> environment,
      int port,
      boolean browser)
      throws InterruptedException {
    int chosen = checked(port);
    byte[] random = new byte[24];
    new SecureRandom().nextBytes(random);
    String token = HexFormat.of().formatHex(random);
    try {
      Path home = Files.createTempDirectory("sh-video-notebooks", forUser("rwx------"));
      Files.write(
          Files.createFile(home.resolve("jupyter_server_config.json"), forUser("rw-------")),
          json.writeValueAsBytes(configuration(folder, chosen, token, browser)));
      Path log = Files.createFile(home.resolve("jupyter.log"), forUser("rw-------"));
      Path share = python.home().resolve("share/jupyter");
      Path settings = Files.createDirectories(share.resolve("lab/settings"));
      Files.write(settings.resolve("overrides.json"), json.writeValueAsBytes(labSettings()));
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
      JupyterLab lab = new JupyterLab(builder.start(), home, log, chosen, token);
      try {
        lab.awaitAnswer();
        return lab;
      } catch (InterruptedException | RuntimeException e) {
        lab.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UserException("JupyterLab does not start: " + e.getMessage(), e);
    }
  }

  static List<String> command(VirtualEnvironment python) {
    return List.of(python.program("python").toString(), "-m", "jupyterlab");
  }

  static Map<String, Object> configuration(Path folder, int port, String token, boolean browser) {
    Map<String, Object> server = new LinkedHashMap<>();
    server.put("ip", "127.0.0.1");
    server.put("port", port);
    server.put("port_retries", 0);
    server.put("root_dir", folder.toString());
    server.put("open_browser", browser);
    // Root is who runs containers; the token and the loopback interface guard this server.
    server.put("allow_root", true);
    // Ctrl-C reaches this process too: no question then, and its kernels end with it.
    server.put("answer_yes", true);
    Map<String, Object> lab = new LinkedHashMap<>();
    lab.put("news_url", null);
    lab.put("check_for_updates_class", "jupyterlab.NeverCheckForUpdate");
    lab.put("extension_manager", "readonly");
    return Map.of(
        "ServerApp",
        server,
        "IdentityProvider",
        Map.of("token", token),
        "LabApp",
        lab,
        "KernelSpecManager",
        Map.of("allowed_kernelspecs", List.of("java"), "ensure_native_kernel", false),
        "MappingKernelManager",
        Map.of("default_kernel_name", "java"));
  }

  /** Asked nothing at the first start, and nothing fetched later. */
  private static Map<String, Object> labSettings() {
    return Map.of(
        "@jupyterlab/apputils-extension:notification",
        Map.of("fetchNews", "false", "checkForUpdates", false));
  }

  private static int checked(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UserException(
          "Port %d is taken: end what uses it, or choose another with --port (0 for any free one)."
              .formatted(port),
          e);
    }
  }

  private void awaitAnswer() throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest question =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/status"))
            .header("Authorization", "token " + token)
            .timeout(Duration.ofSeconds(10))
            .build();
    long deadline = System.nanoTime() + START.toNanos();
    while (process.isAlive() && System.nanoTime() < deadline) {
      try {
        if (client.send(question, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // not yet
      }
      TimeUnit.MILLISECONDS.sleep(LOOKS_EVERY.toMillis());
    }
    List<String> said = Files.readString(log).replace(token, "…").lines().toList();
    String last = String.join("\n", said.subList(Math.max(0, said.size() - 15), said.size()));
    throw new UserException("JupyterLab does not start:\n" + last.indent(2).stripTrailing());
  }

  /** Where a browser opens it, with the token. */
  String url() {
    return "http://127.0.0.1:" + port + "/lab?token=" + token;
  }

  /** Whether it ended; waits for that for so long. */
  boolean awaitEnd(Duration atMost) throws InterruptedException {
    return process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Ends it and its kernels; waits for at most some seconds. */
  @Override
  public void close() {
    List<ProcessHandle> kernels = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    kernels.forEach(ProcessHandle::destroyForcibly);
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // In the system's folder for temporary files, and worthless from now on.
    }
  }

  private static FileAttribute<?> forUser(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }
}
