package org.shvideo.camera.rtsp;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.shvideo.camera.Fault;
import org.shvideo.camera.Request;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client: answers its requests until it leaves, is thrown out or falls silent for longer than
 * the session's timeout. A connection has one session at most, with one track.
 */
final class RtspConnection implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RtspConnection.class);
  private static final String METHODS =
      "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN";
  private static final Pattern INTERLEAVED = Pattern.compile("interleaved=(\\d{1,3}-\\d{1,3})");
  private static final Pattern CLIENT_PORTS = Pattern.compile("client_port=(\\d{1,5})-(\\d{1,5})");

  private final RtspCamera camera;
  private final Socket socket;
  private final InterleavedOutput output;
  private final String session;
  private PacketOutput packets;
  private Playback playback;

  RtspConnection(RtspCamera camera, Socket socket) throws IOException {
    this.camera = camera;
    this.socket = socket;
    this.output = new InterleavedOutput(socket.getOutputStream());
    this.session = HexFormat.of().toHexDigits(camera.random().nextLong());
  }

  void serve() throws IOException, InterruptedException {
    socket.setSoTimeout((int) camera.sessionTimeout().toMillis());
    InputStream in = new BufferedInputStream(socket.getInputStream());
    try {
      for (boolean more = true; more; ) {
        in.mark(1);
        int first = in.read();
        if (first == '$') {
          skipPacket(in);
        } else {
          in.reset();
          more = answer(Request.read(in));
        }
      }
    } catch (SocketTimeoutException e) {
      log.debug("session {} timed out", session);
    } catch (ProtocolException e) {
      output.write(Request.bytes("RTSP/1.0 400 Bad Request\r\n\r\n"));
    }
  }

  /** Receiver reports: that the client lives is all they tell us. */
  private static void skipPacket(InputStream in) throws IOException {
    in.skipNBytes(1);
    in.skipNBytes(in.read() << 8 | in.read());
  }

  /** Whether the connection goes on. */
  private boolean answer(Request request) throws IOException, InterruptedException {
    if (camera.faults().standing(Fault.NoResponse.class).isPresent()) {
      return true;
    }
    Optional<Fault.DelayResponses> delay = camera.faults().standing(Fault.DelayResponses.class);
    if (delay.isPresent()) {
      Thread.sleep(delay.get().by().toMillis());
    }
    Optional<Fault.ErrorResponse> fault = camera.faults().standing(Fault.ErrorResponse.class);
    if (fault.isPresent()) {
      respond(request, fault.get().status(), "");
      return true;
    }
    if (request.method().equals("OPTIONS")) {
      respond(request, 200, "Public: " + METHODS + "\r\n");
      return true;
    }
    if (!camera.authentication().admits(request)) {
      respond(request, 401, "");
      return true;
    }
    if (!camera.serves(request.path())) {
      respond(request, 404, "");
      return true;
    }
    return answerAdmitted(request);
  }

  private boolean answerAdmitted(Request request) throws IOException {
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
    return true;
  }

  private void describe(Request request) throws IOException {
    String host = socket.getLocalAddress().getHostAddress();
    String description = SessionDescription.of(camera.served().get(), host);
    String base = request.uri().endsWith("/") ? request.uri() : request.uri() + "/";
    respond(
        request,
        200,
        "Content-Base: "
            + base
            + "\r\nContent-Type: application/sdp\r\nContent-Length: "
            + description.length()
            + "\r\n",
        description);
  }

  private void setUp(Request request) throws IOException {
    if (playback != null) {
      respond(request, 455, sessionHeader());
      return;
    }
    // A client may offer several ways, the one it likes best first.
    for (String transport : request.header("Transport").orElse("").split(",", -1)) {
      Optional<String> chosen = transport(transport.strip());
      if (chosen.isPresent()) {
        respond(request, 200, "Transport: " + chosen.get() + "\r\n" + sessionHeader());
        return;
      }
    }
    respond(request, 461, "");
  }

  /** What is answered to a transport that can be served, now {@link #packets}. */
  private Optional<String> transport(String wanted) throws IOException {
    Matcher channels = INTERLEAVED.matcher(wanted);
    Matcher ports = CLIENT_PORTS.matcher(wanted);
    if (wanted.startsWith("RTP/AVP/TCP")) {
      String pair = channels.find() ? channels.group(1) : "0-1";
      int dash = pair.indexOf('-');
      output.channels(
          Integer.parseInt(pair.substring(0, dash)), Integer.parseInt(pair.substring(dash + 1)));
      take(output);
      return Optional.of("RTP/AVP/TCP;unicast;interleaved=" + pair);
    }
    if (wanted.startsWith("RTP/AVP") && !wanted.contains("multicast") && ports.find()) {
      int rtp = Integer.parseInt(ports.group(1));
      int rtcp = Integer.parseInt(ports.group(2));
      UdpOutput udp = new UdpOutput(socket.getLocalAddress(), socket.getInetAddress(), rtp, rtcp);
      take(udp);
      return Optional.of(
          "RTP/AVP;unicast;client_port=" + rtp + "-" + rtcp + ";server_port=" + udp.ports());
    }
    return Optional.empty();
  }

  private void take(PacketOutput chosen) {
    if (packets != null) {
      packets.close();
    }
    packets = chosen;
  }

  private void play(Request request) throws IOException {
    if (packets == null) {
      respond(request, 455, "");
      return;
    }
    if (playback != null) {
      respond(request, 200, sessionHeader());
      return;
    }
    playback = camera.playbackTo(packets, socket);
    String track = camera.address() + "/" + SessionDescription.CONTROL;
    respond(
        request,
        200,
        sessionHeader()
            + "Range: npt=now-\r\nRTP-Info: url="
            + track
            + ";"
            + playback.rtpInfo()
            + "\r\n");
    playback.start();
  }

  private String sessionHeader() {
    return "Session: " + session + ";timeout=" + camera.sessionTimeout().toSeconds() + "\r\n";
  }

  private void respond(Request request, int status, String headers) throws IOException {
    respond(request, status, headers, "");
  }

  private void respond(Request request, int status, String headers, String body)
      throws IOException {
    String challenge =
        status == 401 ? "WWW-Authenticate: " + camera.authentication().challenge() + "\r\n" : "";
    output.write(
        Request.bytes(
            "RTSP/1.0 "
                + Request.statusLine(status)
                + "\r\nCSeq: "
                + request.header("CSeq").orElse("0")
                + "\r\nServer: sh-video camera\r\n"
                + challenge
                + headers
                + "\r\n"
                + body));
  }

  @Override
  public void close() throws IOException {
    // The socket first: it may be where the playback's thread is stuck.
    socket.close();
    if (playback != null) {
      playback.close();
    }
    if (packets != null) {
      packets.close();
    }
  }
}
