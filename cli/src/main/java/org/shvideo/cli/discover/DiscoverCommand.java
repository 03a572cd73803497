package org.shvideo.cli.discover;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.shvideo.capture.Camera;
import org.shvideo.capture.CaptureSettings;
import org.shvideo.capture.connection.Endpoint;
import org.shvideo.cli.pipeline.CameraArguments;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.settings.Secret;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Finds cameras by ONVIF. */
@Command(
    name = "discover",
    mixinStandardHelpOptions = true,
    description = {
      "Finds IP cameras by ONVIF, and prints how to record them.",
      "",
      "Without --user it lists who answers on the networks of this machine. With --user it also"
          + " asks each for its streams. The password is asked for, or read from ONVIF_PASSWORD or"
          + " the file that ONVIF_PASSWORD_FILE names; cameras get digests of it, never itself."
          + " Exit status: 0 if a camera was found, else 1."
    },
    footer = {
      "",
      "Examples:",
      "  sh-video discover",
      "  sh-video discover --user admin",
      "  sh-video discover --user admin --probe 192.168.1.0/24"
    })
public final class DiscoverCommand implements Callable<Integer> {
  private static final int DEVICES_AT_ONCE = 32;
  private static final int MAX_WAIT_SECONDS = 60;

  private static final String NOBODY =
      """
      No camera answered. Possible reasons, and what to do:
        ONVIF is off in the camera: switch it on there (often with a user of its own).
        The camera is in another network: multicast does not cross routers.
          sh-video discover --probe 192.168.2.0/24 asks each address there.
        Wi-Fi, a VPN or a firewall drops multicast, or the answers to it (UDP from port 3702): use --probe.
        This runs in a container: run it on the host, or with the host's network (--network host).
      A camera without ONVIF: docs/guide/cameras.md has the addresses of many.\
      """;

  private static final String NOBODY_THERE =
      """
      No camera at these addresses. Check that the camera is on, its address (the router lists it), and
      that ONVIF or RTSP is switched on in it; a camera may be set to ports that are not tried here.\
      """;

  private static final Setting<Secret> PASSWORD =
      Setting.secret("ONVIF_PASSWORD", "The password that discover logs in with.");

  @Option(
      names = "--user",
      paramLabel = "NAME",
      description = "Log in to each camera that is found, and ask for its streams.")
  private String user;

  @Option(
      names = "--probe",
      paramLabel = "RANGE",
      description =
          "Ask these addresses one by one, instead of all networks at once: 192.168.1.50 or"
              + " 192.168.1.0/24 (1024 at most).")
  private String range;

  @Option(
      names = "--interface",
      paramLabel = "NAME",
      description = "Ask only on this network interface; can be repeated (default: all).")
  private List<String> interfaces = List.of();

  @Option(
      names = "--wait",
      paramLabel = "S",
      defaultValue = "3",
      description =
          "Seconds to wait for answers; twice as long for all that is asked after a login"
              + " (default: ${DEFAULT-VALUE}).")
  private int waitSeconds;

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Spec private CommandSpec spec;

  private final Settings settings;

  public DiscoverCommand() {
    this(Settings.ofProcess());
  }

  DiscoverCommand(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Integer call() throws IOException, InterruptedException, ExecutionException {
    LogLevel.CRITICAL.apply();
    if (waitSeconds < 1 || waitSeconds > MAX_WAIT_SECONDS) {
      throw new UserException("--wait must be 1 to 60 seconds, not " + waitSeconds);
    }
    String password = user == null ? "" : password();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    List<FoundDevice> devices = find(err);
    List<DeviceInterview.Answers> answers = interview(devices, password);
    List<Camera> configured = CaptureSettings.from(settings).cameras();
    Set<String> names =
        configured.stream().map(Camera::name).collect(Collectors.toCollection(HashSet::new));
    List<DiscoveredCamera> cameras = new ArrayList<>();
    for (int i = 0; i < devices.size(); i++) {
      FoundDevice device = devices.get(i);
      cameras.addAll(
          DiscoveredCamera.of(device, answers.get(i), nameOf(device, configured), names));
    }
    DiscoverReport report = new DiscoverReport(cameras, user, password);
    if (asJson) {
      out.println(report.json());
    } else {
      report.print(out);
    }
    if (devices.isEmpty()) {
      err.println(range == null ? NOBODY : NOBODY_THERE);
    }
    return devices.isEmpty() ? 1 : 0;
  }

  private String password() {
    String asked = CameraArguments.askedPassword(settings);
    String password = asked != null ? asked : settings.read(s -> s.getSecret(PASSWORD)).value();
    if (asked == null && password.isEmpty()) {
      throw new UserException(
          "No password: --user asks for it on a terminal. Elsewhere set ONVIF_PASSWORD, or"
              + " ONVIF_PASSWORD_FILE to a file that holds it.");
    }
    return password;
  }

  private List<FoundDevice> find(PrintWriter err)
      throws IOException, InterruptedException, ExecutionException {
    Duration wait = Duration.ofSeconds(waitSeconds);
    Stream<FoundDevice> all;
    try (WsDiscovery discovery = new WsDiscovery()) {
      if (range == null) {
        discovery.askInterfaces(interfaces());
        all = discovery.gather(wait).stream();
      } else {
        HostProbe probe = HostProbe.of(range);
        discovery.askHosts(probe.hosts());
        List<FoundDevice> answered = discovery.gather(wait);
        Set<Inet4Address> known =
            answered.stream().map(FoundDevice::address).collect(Collectors.toSet());
        all = Stream.concat(answered.stream(), probe.without(known).find().stream());
      }
      discovery.problems().forEach(problem -> err.println("sh-video: " + problem));
    }
    // The hash code of an IPv4 address is its number.
    return all.sorted(
            Comparator.comparing(device -> Integer.toUnsignedLong(device.address().hashCode())))
        .toList();
  }

  private List<NetworkInterface> interfaces() throws SocketException {
    List<NetworkInterface> found = new ArrayList<>();
    for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
      boolean isAsked =
          interfaces.isEmpty()
              ? !each.isLoopback() && each.supportsMulticast()
              : interfaces.contains(each.getName());
      if (each.isUp() && isAsked) {
        found.add(each);
      }
    }
    for (String name : interfaces) {
      if (found.stream().noneMatch(each -> each.getName().equals(name))) {
        throw new UserException("There is no interface %s that is up.".formatted(name));
      }
    }
    return found;
  }

  /** All together have a limited time: a slow one gets what others leave. */
  private List<DeviceInterview.Answers> interview(List<FoundDevice> devices, String password)
      throws InterruptedException, ExecutionException {
    long end = System.nanoTime() + Duration.ofSeconds(2L * waitSeconds).toNanos();
    ExecutorService pool = Executors.newFixedThreadPool(DEVICES_AT_ONCE);
    try {
      List<Callable<DeviceInterview.Answers>> each = new ArrayList<>();
      for (FoundDevice device : devices) {
        each.add(
            () ->
                user == null || device.service() == null
                    ? DeviceInterview.Answers.NONE
                    : new DeviceInterview(
                            device, new OnvifClient(user, password, () -> System.nanoTime() > end))
                        .ask());
      }
      List<DeviceInterview.Answers> answers = new ArrayList<>();
      for (Future<DeviceInterview.Answers> answer : pool.invokeAll(each)) {
        answers.add(answer.get());
      }
      return answers;
    } finally {
      pool.shutdownNow();
    }
  }

  private static String nameOf(FoundDevice device, List<Camera> configured) {
    for (Camera camera : configured) {
      String host = camera.url().host();
      if (!host.isEmpty()
          && new Endpoint("rtsp", null, host, 554, "/")
              .hasAddress(device.address().getHostAddress())) {
        return camera.name();
      }
    }
    return "";
  }
}
