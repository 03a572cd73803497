package org.shvideo.cli.discover;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A device with a device and a media service on a loopback address, found by WS-Discovery on the
 * loopback interface alone. Options are set before {@link #start}.
 */
final class OnvifDevice implements AutoCloseable {
  static final String USER = "admin";
  static final String PASSWORD = "pa:ss word&1";
  private static final String NONCE = "0123456789abcdef";

  final List<String> requests = new CopyOnWriteArrayList<>();
  private final String host;
  private final ServerSocket server;
  private final MulticastSocket udp;
  private final Set<String> nonces = ConcurrentHashMap.newKeySet();

  boolean wantsSecurity;
  boolean wantsDigest;
  boolean offersBasicOnly;
  boolean media1 = true;
  boolean media2;
  Duration clock = Duration.ZERO;
  String namedHost;
  String path = "/live";
  int copies = 1;
  UnaryOperator<String> match = answer -> answer;

  /** Replaces every HTTP answer: bytes that are written until the client leaves. */
  interface Answer {
    void write(OutputStream out) throws IOException;
  }

  Answer hostile;

  OnvifDevice(String host) throws IOException {
    this.host = host;
    namedHost = host;
    server = new ServerSocket(0, 50, InetAddress.getByName(host));
    udp = new MulticastSocket(null);
    udp.setReuseAddress(true);
    udp.bind(new InetSocketAddress(3702));
    udp.joinGroup(new InetSocketAddress("239.255.255.250", 3702), NetworkInterface.getByName("lo"));
  }

  OnvifDevice start() {
    daemon(this::answerProbes);
    daemon(this::accept);
    return this;
  }

  int port() {
    return server.getLocalPort();
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "onvif-device");
    thread.setDaemon(true);
    thread.start();
  }

  private void answerProbes() {
    byte[] buffer = new byte[8192];
    DatagramPacket probe = new DatagramPacket(buffer, buffer.length);
    try (MulticastSocket from = new MulticastSocket(new InetSocketAddress(host, 0))) {
      while (true) {
        udp.receive(probe);
        String asked = new String(buffer, 0, probe.getLength(), StandardCharsets.UTF_8);
        for (int i = 0; i < copies && asked.contains("NetworkVideoTransmitter"); i++) {
          byte[] answer = match.apply(probeMatch(i)).getBytes(StandardCharsets.UTF_8);
          from.send(new DatagramPacket(answer, answer.length, probe.getSocketAddress()));
        }
      }
    } catch (IOException e) {
      // closed
    }
  }

  private String probeMatch(int number) {
    return """
    <?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
    xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
    xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"
    xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Body><d:ProbeMatches><d:ProbeMatch>
    <a:EndpointReference><a:Address>urn:uuid:%s-%d</a:Address></a:EndpointReference>
    <d:Types>dn:NetworkVideoTransmitter</d:Types>
    <d:Scopes>onvif://www.onvif.org/name/Front%%20Door onvif://www.onvif.org/hardware/X1</d:Scopes>
    <d:XAddrs>http://%s:%d/onvif/device_service</d:XAddrs>
    </d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>\
    """
        .formatted(host, number, namedHost, port());
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        daemon(() -> serve(client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket client) {
    try (client) {
      String head = head(client.getInputStream());
      Matcher length = Pattern.compile("(?i)content-length: (\\d+)").matcher(head);
      int bytes = length.find() ? Integer.parseInt(length.group(1)) : 0;
      String body = new String(client.getInputStream().readNBytes(bytes), StandardCharsets.UTF_8);
      requests.add(head + body);
      OutputStream out = client.getOutputStream();
      if (hostile != null) {
        hostile.write(out);
      } else {
        out.write(answer(head, body).getBytes(StandardCharsets.UTF_8));
      }
    } catch (Exception e) {
      // the client left
    }
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int c = in.read();
      if (c < 0) {
        throw new IOException("closed");
      }
      head.write(c);
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  private String answer(String head, String body) throws Exception {
    String operation = group("<s:Body><(\\w+)", body);
    if (!operation.equals("GetSystemDateAndTime")) {
      if ((wantsDigest || offersBasicOnly) && !digestIsRight(head)) {
        String challenge =
            offersBasicOnly
                ? "Basic realm=\"cam\""
                : "Digest realm=\"cam\", qop=\"auth\", nonce=\"" + NONCE + "\"";
        return "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: "
            + (challenge + "\r\nContent-Length: 0\r\n\r\n");
      }
      if (wantsSecurity && !securityIsRight(body)) {
        return http(
            "400 Bad Request",
            "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized"
                + "</s:Value></s:Subcode></s:Code></s:Fault>");
      }
    }
    String content = content(operation, body);
    return content == null
        ? http("500 Internal", "<s:Fault><s:Reason><s:Text>no</s:Text></s:Reason></s:Fault>")
        : http(
            "200 OK", "<x:" + operation + "Response>" + content + "</x:" + operation + "Response>");
  }

  private String content(String operation, String body) {
    String media = "http://%s:%d/onvif/media".formatted(namedHost, port());
    Instant now = Instant.now().plus(clock);
    return switch (operation) {
      case "GetSystemDateAndTime" -> {
        var time = now.atOffset(ZoneOffset.UTC);
        yield "<UTCDateTime><Time><Hour>%d</Hour><Minute>%d</Minute><Second>%d</Second></Time>"
                .formatted(time.getHour(), time.getMinute(), time.getSecond())
            + "<Date><Year>%d</Year><Month>%d</Month><Day>%d</Day></Date></UTCDateTime>"
                .formatted(time.getYear(), time.getMonthValue(), time.getDayOfMonth());
      }
      case "GetDeviceInformation" ->
          "<Manufacturer>Acme\u001b[31m</Manufacturer><Model>X1</Model>".replace("\u001b", "&#x9b;")
              + "<FirmwareVersion>2.1</FirmwareVersion>";
      case "GetServices" ->
          media2
              ? service("http://www.onvif.org/ver20/media/wsdl", media)
                  + (media1 ? service("http://www.onvif.org/ver10/media/wsdl", media) : "")
              : null;
      case "GetCapabilities" ->
          media1
              ? "<Capabilities><Media><XAddr>" + media + "</XAddr></Media></Capabilities>"
              : null;
      case "GetProfiles" ->
          body.contains("ver20")
              ? profile2("m", "H265", 2560, 1440) + profile2("s", "H264", 640, 360)
              : profile("m", "H264", 1920, 1080)
                  + profile("s", "H264", 640, 360)
                  + profile("t", "JPEG", 320, 240);
      case "GetStreamUri" -> {
        String uri = "rtsp://%s:554%s/%s".formatted(namedHost, path, group("Token>(\\w+)", body));
        yield body.contains("ver20")
            ? "<Uri>" + uri + "</Uri>"
            : "<MediaUri><Uri>" + uri + "</Uri></MediaUri>";
      }
      case "GetSnapshotUri" -> "<Uri>http://" + namedHost + "/still.jpg</Uri>";
      default -> null;
    };
  }

  private static String service(String namespace, String address) {
    return "<Service><Namespace>"
        + namespace
        + "</Namespace><XAddr>"
        + address
        + "</XAddr></Service>";
  }

  private static String profile(String token, String codec, int width, int height) {
    return """
    <Profiles token="%s"><Name>%s</Name><VideoSourceConfiguration><SourceToken>v</SourceToken>
    </VideoSourceConfiguration><VideoEncoderConfiguration>%s</VideoEncoderConfiguration>
    </Profiles>\
    """
        .formatted(token, token, encoder(codec, width, height));
  }

  private static String profile2(String token, String codec, int width, int height) {
    return """
    <Profiles token="%s"><Name>%s</Name><Configurations><VideoSource><SourceToken>v</SourceToken>
    </VideoSource><VideoEncoder>%s</VideoEncoder></Configurations></Profiles>\
    """
        .formatted(token, token, encoder(codec, width, height));
  }

  private static String encoder(String codec, int width, int height) {
    return """
    <Encoding>%s</Encoding><Resolution><Width>%d</Width><Height>%d</Height></Resolution>
    <RateControl><FrameRateLimit>20</FrameRateLimit><BitrateLimit>%d</BitrateLimit></RateControl>\
    """
        .formatted(codec, width, height, width);
  }

  private static String http(String status, String body) {
    String envelope =
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:x=\"urn:x\"><s:Body>"
            + (body + "</s:Body></s:Envelope>");
    return "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(status, envelope.getBytes(StandardCharsets.UTF_8).length, envelope);
  }

  private boolean digestIsRight(String head) throws Exception {
    String secret = md5(USER + ":cam:" + PASSWORD);
    String own = group("cnonce=\"([^\"]*)\"", head);
    String request = md5("POST:" + group("uri=\"([^\"]*)\"", head));
    String expected = md5(secret + ":" + NONCE + ":00000001:" + own + ":auth:" + request);
    return group("response=\"([^\"]*)\"", head).equals(expected);
  }

  /** Each nonce once, and dated within a minute by this device's clock. */
  private boolean securityIsRight(String body) throws Exception {
    String nonce = group("Nonce [^>]*>([^<]*)", body);
    String created = group("Created [^>]*>([^<]*)", body);
    if (nonce.isEmpty() || !nonces.add(nonce)) {
      return false;
    }
    Duration age = Duration.between(Instant.parse(created), Instant.now().plus(clock));
    MessageDigest digest = MessageDigest.getInstance("SHA-1");
    digest.update(Base64.getDecoder().decode(nonce));
    digest.update((created + PASSWORD).getBytes(StandardCharsets.UTF_8));
    return age.abs().toSeconds() < 60
        && group("PasswordDigest\">([^<]*)", body)
            .equals(Base64.getEncoder().encodeToString(digest.digest()));
  }

  private static String md5(String text) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("MD5");
    return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String group(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    return matcher.find() ? matcher.group(1) : "";
  }

  @Override
  public void close() throws IOException {
    server.close();
    udp.close();
  }
}
