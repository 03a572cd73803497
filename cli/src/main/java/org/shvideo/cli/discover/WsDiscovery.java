package org.shvideo.cli.discover;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Asks for cameras by WS-Discovery and gathers what answers. What it sends and keeps is bounded,
 * whatever arrives. Not thread-safe.
 */
final class WsDiscovery implements AutoCloseable {
  private static final int PORT = 3702;
  private static final String GROUP = "239.255.255.250";

  /** Cameras should answer the first, some older ones only the second. */
  private static final List<String> TYPES = List.of("dn:NetworkVideoTransmitter", "tds:Device");

  /** Datagrams get lost. */
  private static final long[] ROUNDS_MILLIS = {0, 300, 1000};

  /** Between two datagrams to different hosts: 200 a second. */
  private static final int PACE_MILLIS = 5;

  private static final int MAX_ANSWERS = 2000;
  private static final int MAX_DEVICES = 256;
  private static final int MAX_DEVICES_PER_ADDRESS = 8;
  private static final int MAX_URLS = 8;
  private static final int MAX_SCOPES = 64;

  private record Probe(long atMillis, DatagramChannel from, InetSocketAddress to, String types) {}

  private final Selector selector = Selector.open();
  private final Deque<Probe> probes = new ArrayDeque<>();
  private final Map<String, FoundDevice> devices = new LinkedHashMap<>();
  private final Map<InetAddress, Integer> perAddress = new HashMap<>();
  private final List<String> failures = new ArrayList<>();
  private int answers;
  private int unreadable;

  WsDiscovery() throws IOException {}

  /** Asks everybody on these networks. */
  void askInterfaces(List<NetworkInterface> interfaces) throws IOException {
    InetSocketAddress group = new InetSocketAddress(InetAddress.getByName(GROUP), PORT);
    List<DatagramChannel> channels = new ArrayList<>();
    for (NetworkInterface each : interfaces) {
      InetAddress own =
          each.inetAddresses().filter(Inet4Address.class::isInstance).findFirst().orElse(null);
      if (own != null) {
        DatagramChannel channel = open(own);
        channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, each);
        channels.add(channel);
      }
    }
    for (long millis : ROUNDS_MILLIS) {
      for (DatagramChannel channel : channels) {
        TYPES.forEach(types -> probes.add(new Probe(millis, channel, group, types)));
      }
    }
  }

  /** Asks hosts one by one. */
  void askHosts(List<Inet4Address> hosts) throws IOException {
    DatagramChannel channel = open(null);
    long millis = 0;
    for (Inet4Address host : hosts) {
      probes.add(new Probe(millis, channel, new InetSocketAddress(host, PORT), TYPES.get(0)));
      millis += PACE_MILLIS;
    }
  }

  private DatagramChannel open(InetAddress own) throws IOException {
    DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ); // which closes it
    return channel.bind(own == null ? null : new InetSocketAddress(own, 0));
  }

  /** Sends what was asked for, and gathers answers until a time after the last is sent. */
  List<FoundDevice> gather(Duration wait) throws IOException {
    long start = System.nanoTime();
    long last = probes.isEmpty() ? 0 : probes.getLast().atMillis();
    long end = Math.max(wait.toMillis(), last + PACE_MILLIS);
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    for (long now = 0; now < end; now = (System.nanoTime() - start) / 1_000_000) {
      while (!probes.isEmpty() && probes.getFirst().atMillis() <= now) {
        send(probes.removeFirst());
      }
      long next = probes.isEmpty() ? end : probes.getFirst().atMillis();
      selector.select(Math.max(1, next - now));
      for (SelectionKey key : selector.selectedKeys()) {
        receive((DatagramChannel) key.channel(), buffer.clear());
      }
      selector.selectedKeys().clear();
    }
    return List.copyOf(devices.values());
  }

  private void send(Probe probe) {
    String message =
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"\
         xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing"\
         xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"\
         xmlns:dn="http://www.onvif.org/ver10/network/wsdl"\
         xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><e:Header>\
        <w:MessageID>urn:uuid:%s</w:MessageID>\
        <w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>\
        <w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action>\
        </e:Header><e:Body><d:Probe><d:Types>%s</d:Types></d:Probe></e:Body></e:Envelope>
        """
            .formatted(UUID.randomUUID(), probe.types());
    try {
      probe.from().send(ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8)), probe.to());
    } catch (IOException e) {
      failures.add(e.getMessage());
    }
  }

  private void receive(DatagramChannel channel, ByteBuffer buffer) {
    try {
      InetSocketAddress from = (InetSocketAddress) channel.receive(buffer);
      if (from != null
          && from.getAddress() instanceof Inet4Address address
          && ++answers <= MAX_ANSWERS) {
        byte[] bytes = new byte[buffer.flip().remaining()];
        buffer.get(bytes);
        Xml answer = Xml.read(new ByteArrayInputStream(bytes));
        answer.all("ProbeMatch").limit(MAX_DEVICES_PER_ADDRESS).forEach(m -> add(address, m));
      }
    } catch (IOException e) {
      unreadable++; // or a host that says that nobody listens there
    }
  }

  private void add(Inet4Address address, Xml match) {
    List<String> scopes = words(match.text("Scopes"), MAX_SCOPES);
    boolean isCamera =
        match.text("Types").contains("NetworkVideoTransmitter")
            || scopes.stream().anyMatch(scope -> scope.startsWith("onvif://"));
    String id = match.text("EndpointReference", "Address");
    FoundDevice known = devices.get(id);
    if (known != null && !known.address().equals(address)) {
      known.note("%s says that it is the same device".formatted(address.getHostAddress()));
    } else if (isCamera
        && known == null
        && devices.size() < MAX_DEVICES
        && perAddress.merge(address, 1, Integer::sum) <= MAX_DEVICES_PER_ADDRESS) {
      List<String> notes = new ArrayList<>();
      List<String> urls = words(match.text("XAddrs"), MAX_URLS);
      devices.put(
          id, new FoundDevice(address, scopes, FoundDevice.serviceOf(address, urls, notes), notes));
    }
  }

  private static List<String> words(String text, int most) {
    return Arrays.stream(text.split("\\s+", most + 1))
        .limit(most)
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /** What went wrong, a sentence each. */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    failures.stream()
        .distinct()
        .forEach(failure -> problems.add("A probe could not be sent: " + failure + "."));
    if (unreadable > 0) {
      problems.add("Answers that nobody can read: " + unreadable + ".");
    }
    if (answers > MAX_ANSWERS || devices.size() == MAX_DEVICES) {
      problems.add("Too many answers: some were left out. Use --probe for what is missing.");
    }
    return problems;
  }

  @Override
  public void close() throws IOException {
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
