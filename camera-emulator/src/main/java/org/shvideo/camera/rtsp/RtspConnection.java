package org.shvideo.camera.rtsp;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.shvideo.camera.Connection;
import org.shvideo.camera.Request;
import org.shvideo.camera.media.EncodedVideo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client, served until it leaves, is disconnected or sends nothing for the session timeout. A
 * connection has at most one session, with one track.
 */
final class RtspConnection extends Connection {
  private static final Logger log = LoggerFactory.getLogger(RtspConnection.class);
  private static final String METHODS =
      "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN";
  private static final Pattern INTERLEAVED = Pattern.compile("interleaved=(\\d{1,3}-\\d{1,3})");
  private static final Pattern CLIENT_PORTS = Pattern.compile("client_port=(\\d{1,5})-(\\d{1,5})");

  private final RtspCamera camera;
  private final TcpOutput output;
  private final String session;
  private PacketOutput packets;
  private Playback playback;

  RtspConnection(RtspCamera camera, Socket socket) throws IOException {
    super(camera, socket, "RTSP/1.0");
    this.camera = camera;
    this.output = new TcpOutput(socket.getOutputStream());
    this.session = HexFormat.of().toHexDigits(camera.random.nextLong());
  }

  @Override
  protected void serve() throws IOException, InterruptedException {
    socket.setSoTimeout((int) camera.sessionTimeout.toMillis());
    try {
      for (boolean open = true; open; ) {
        in.mark(1);
        if (in.read() == '$') {
          skipReceiverReport();
        } else {
          in.reset();
          open = handle(Request.read(in));
        }
      }
    } catch (SocketTimeoutException e) {
      log.debug("Session {} timed out", session);
    } catch (ProtocolException e) {
      output.write(response(400, "", ""));
    }
  }

  private void skipReceiverReport() throws IOException {
    in.skipNBytes(1);
    in.skipNBytes(in.read() << 8 | in.read());
  }

  /** Whether the connection stays open. */
  private boolean handle(Request request) throws IOException, InterruptedException {
    if (isSilent()) {
      return true;
    }
    boolean isOptions = request.method().equals("OPTIONS");
    int status = check(request, isOptions);
    if (status != 200) {
      respond(request, status, "");
    } else if (isOptions) {
      respond(request, 200, "Public: " + METHODS + "\r\n");
    } else if (!camera.serves(request.path())) {
      respond(request, 404, "");
    } else {
      switch (request.method()) {
        case "DESCRIBE" -> describe(request);
        case "SETUP" -> setUp(request);
        case "PLAY" -> play(request);
        case "GET_PARAMETER", "SET_PARAMETER" -> respond(request, 200, sessionHeader());
        case "TEARDOWN" -> {
          respond(request, 200, sessionHeader());
          return false;
        }
        default -> respond(request, 405, "Allow: " + METHODS + "\r\n");
      }
    }
    return true;
  }

  private void describe(Request request) throws IOException {
    String description = sessionDescription(camera.video.get());
    String base = request.uri().endsWith("/") ? request.uri() : request.uri() + "/";
    respond(
        request,
        200,
        "Content-Base: %s\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n"
            .formatted(base, description.length()),
        description);
  }

  /** SDP (RFC 4566) with the parameters of RFC 6184. */
  private String sessionDescription(EncodedVideo video) {
    List<byte[]> sets = video.parameterSets();
    String encoded =
        sets.stream().map(Base64.getEncoder()::encodeToString).collect(Collectors.joining(","));
    String profile = HexFormat.of().withUpperCase().formatHex(sets.get(0), 1, 4);
    return String.format(
            Locale.ROOT,
            """
            v=0
            o=- 0 0 IN IP4 %1$s
            s=sh-video camera
            c=IN IP4 0.0.0.0
            t=0 0
            a=control:*
            a=range:npt=now-
            m=video 0 RTP/AVP %2$d
            a=rtpmap:%2$d H264/%3$d
            a=fmtp:%2$d packetization-mode=1;profile-level-id=%4$s;sprop-parameter-sets=%5$s
            a=framerate:%6$.3f
            a=control:%7$s
            """,
            socket.getLocalAddress().getHostAddress(),
            RtpPacketizer.PAYLOAD_TYPE,
            RtpPacketizer.CLOCK_RATE,
            profile,
            encoded,
            video.frameRate(),
            RtspCamera.TRACK)
        .replace("\n", "\r\n");
  }

  private void setUp(Request request) throws IOException {
    if (playback != null) {
      respond(request, 455, sessionHeader());
      return;
    }
    // A client may offer several transports, the preferred one first.
    for (String transport : request.header("Transport").orElse("").split(",", -1)) {
      Optional<String> accepted = accept(transport.strip().replaceFirst("^RTP/AVP/UDP", "RTP/AVP"));
      if (accepted.isPresent()) {
        respond(request, 200, "Transport: " + accepted.get() + "\r\n" + sessionHeader());
        return;
      }
    }
    respond(request, camera.refusalStatus, "");
  }

  /** Sets {@link #packets} if the transport is supported; returns the Transport of the response. */
  private Optional<String> accept(String transport) throws IOException {
    if (!camera.refusedTransport.isEmpty() && transport.startsWith(camera.refusedTransport)) {
      return Optional.empty();
    }
    Matcher channels = INTERLEAVED.matcher(transport);
    Matcher ports = CLIENT_PORTS.matcher(transport);
    if (transport.startsWith("RTP/AVP/TCP")) {
      String pair = channels.find() ? channels.group(1) : "0-1";
      String[] numbers = pair.split("-", -1);
      output.channels(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
      sendTo(output);
      return Optional.of("RTP/AVP/TCP;unicast;interleaved=" + pair);
    }
    if (transport.startsWith("RTP/AVP") && !transport.contains("multicast") && ports.find()) {
      int rtp = Integer.parseInt(ports.group(1));
      int rtcp = Integer.parseInt(ports.group(2));
      UdpOutput udp = new UdpOutput(socket.getLocalAddress(), socket.getInetAddress(), rtp, rtcp);
      sendTo(udp);
      return Optional.of("RTP/AVP;unicast;%s;server_port=%s".formatted(ports.group(), udp.ports()));
    }
    return Optional.empty();
  }

  private void sendTo(PacketOutput chosen) {
    if (packets != null) {
      packets.close();
    }
    packets = chosen;
  }

  private void play(Request request) throws IOException {
    if (packets == null) {
      respond(request, 455, "");
    } else if (playback != null) {
      respond(request, 200, sessionHeader());
    } else {
      playback = camera.playbackTo(packets, socket);
      respond(
          request,
          200,
          "%sRange: npt=now-\r\nRTP-Info: url=%s/%s;%s\r\n"
              .formatted(sessionHeader(), camera.address(), RtspCamera.TRACK, playback.rtpInfo()));
      playback.start();
    }
  }

  private String sessionHeader() {
    return "Session: " + session + ";timeout=" + camera.sessionTimeout.toSeconds() + "\r\n";
  }

  private void respond(Request request, int status, String headers) throws IOException {
    respond(request, status, headers, "");
  }

  private void respond(Request request, int status, String headers, String body)
      throws IOException {
    String common =
        "CSeq: " + request.header("CSeq").orElse("0") + "\r\nServer: sh-video camera\r\n";
    output.write(response(status, common + headers, body));
  }

  @Override
  public void close() throws IOException {
    // The socket first: it may be what blocks the playback's thread.
    super.close();
    if (playback != null) {
      playback.close();
    }
    if (packets != null) {
      packets.close();
    }
  }
}
