package org.shvideo.cli.discover;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.shvideo.cli.pipeline.UserException;

/**
 * Looks for cameras host by host, where nobody answers a multicast: tries the few ports that
 * cameras use, 64 hosts at a time. Immutable.
 */
record HostProbe(List<Inet4Address> hosts) {
  /** Of device services: the usual one, Tapo's, Hikvision's, and two that are common. */
  private static final int[] SERVICE_PORTS = {80, 2020, 8000, 8080, 8899};

  private static final int RTSP_PORT = 554;
  private static final int CONNECT_MILLIS = 300;
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(2);
  private static final int HOSTS_AT_ONCE = 64;

  /** A /22. */
  private static final int MAX_HOSTS = 1024;

  private static final Pattern RANGE =
      Pattern.compile("(\\d{1,3}(?:\\.\\d{1,3}){3})(?:/(\\d{1,2}))?");

  /**
   * Of a range such as {@code 192.168.1.0/24}, or one address.
   *
   * @throws UserException for others' networks, and those that are too large
   */
  static HostProbe of(String range) {
    Matcher parts = RANGE.matcher(range);
    int bits = parts.matches() && parts.group(2) != null ? Integer.parseInt(parts.group(2)) : 32;
    if (!parts.matches() || bits > 32) {
      throw new UserException(
          "--probe %s is neither an address nor a range such as 192.168.1.0/24"
              .formatted(FoundDevice.clean(range)));
    }
    int first = 0;
    for (String part : parts.group(1).split("\\.", -1)) {
      if (Integer.parseInt(part) > 255) {
        throw new UserException("--probe " + range + " has a number above 255");
      }
      first = first << 8 | Integer.parseInt(part);
    }
    long count = 1L << (32 - bits);
    first &= (int) -count;
    Inet4Address network = address(first);
    boolean isPrivate =
        network.isSiteLocalAddress() || network.isLoopbackAddress() || network.isLinkLocalAddress();
    if (count > MAX_HOSTS || (count > 1 && !isPrivate)) {
      throw new UserException(
          "--probe %s: at most %d addresses of a private network are asked, as in 192.168.1.0/24"
              .formatted(range, MAX_HOSTS));
    }
    List<Inet4Address> hosts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean isHost = count <= 2 || (i > 0 && i < count - 1);
      if (isHost) {
        hosts.add(address(first + i));
      }
    }
    return new HostProbe(List.copyOf(hosts));
  }

  private static Inet4Address address(int bits) {
    byte[] bytes = {(byte) (bits >> 24), (byte) (bits >> 16), (byte) (bits >> 8), (byte) bits};
    try {
      return (Inet4Address) InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // four bytes are an address
    }
  }

  /** The hosts without some. */
  HostProbe without(Set<Inet4Address> known) {
    return new HostProbe(hosts.stream().filter(host -> !known.contains(host)).toList());
  }

  /** Those that have a device service or RTSP. */
  List<FoundDevice> find() throws InterruptedException, ExecutionException {
    ExecutorService pool = Executors.newFixedThreadPool(HOSTS_AT_ONCE);
    try {
      List<Callable<FoundDevice>> each =
          hosts.stream().<Callable<FoundDevice>>map(host -> () -> probe(host)).toList();
      List<FoundDevice> found = new ArrayList<>();
      for (Future<FoundDevice> result : pool.invokeAll(each)) {
        found.add(result.get());
      }
      return found.stream().filter(Objects::nonNull).toList();
    } finally {
      pool.shutdownNow();
    }
  }

  private static FoundDevice probe(Inet4Address host) {
    for (int port : SERVICE_PORTS) {
      if (isOpen(host, port) && isDeviceService(host, port)) {
        return new FoundDevice(
            host, List.of(), FoundDevice.serviceAt(host, port), new ArrayList<>());
      }
    }
    if (!isOpen(host, RTSP_PORT)) {
      return null;
    }
    List<String> notes = new ArrayList<>();
    notes.add(
        "it offers RTSP (port 554), but no ONVIF: switch that on in the camera, or take the path"
            + " from docs/guide/cameras.md");
    return new FoundDevice(host, List.of(), null, notes);
  }

  private static boolean isOpen(Inet4Address host, int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isDeviceService(Inet4Address host, int port) {
    long end = System.nanoTime() + ANSWER_TIMEOUT.toNanos();
    OnvifClient client = new OnvifClient("", "", () -> System.nanoTime() > end);
    try {
      return client
          .ask(FoundDevice.serviceAt(host, port), DeviceInterview.timeRequest())
          .all("GetSystemDateAndTimeResponse")
          .findAny()
          .isPresent();
    } catch (OnvifClient.LoginRefused e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
