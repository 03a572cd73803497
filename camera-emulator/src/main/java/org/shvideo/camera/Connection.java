package org.shvideo.camera;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A client's connection. Used by the thread that serves it. */
public abstract class Connection implements AutoCloseable {
  protected final Socket socket;
  protected final InputStream in;
  private final Camera camera;
  private final String protocol;

  /** Takes over a client; the protocol is as in a status line: {@code RTSP/1.0}. */
  protected Connection(Camera camera, Socket socket, String protocol) throws IOException {
    this.camera = camera;
    this.socket = socket;
    this.protocol = protocol;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  /** Serves the client until it leaves; an exception ends the connection. */
  protected abstract void serve() throws IOException, InterruptedException;

  /** Whether requests get no response now. */
  protected final boolean isSilent() {
    return camera.fault(Fault.NoResponse.class).isPresent();
  }

  /**
   * Applies the faults of responses and checks the credentials.
   *
   * @param open whether the request needs no credentials
   * @return the status to respond with; 200 if the request may be served
   */
  protected final int check(Request request, boolean open) throws InterruptedException {
    Optional<Fault.DelayResponses> delay = camera.fault(Fault.DelayResponses.class);
    if (delay.isPresent()) {
      Thread.sleep(delay.get().by().toMillis());
    }
    boolean admitted = open || camera.authentication().admits(request);
    return camera
        .fault(Fault.ErrorResponse.class)
        .map(Fault.ErrorResponse::status)
        .orElse(admitted ? 200 : 401);
  }

  /** The faults of a stream that begins now. */
  protected final StreamFaults openStream() {
    return camera.openStream();
  }

  /** The bytes of a response; each of its headers ends with CR LF. */
  protected final byte[] response(int status, String headers, String body) {
    String reason =
        switch (status) {
          case 200 -> "OK";
          case 400 -> "Bad Request";
          case 401 -> "Unauthorized";
          case 404 -> "Not Found";
          case 405 -> "Method Not Allowed";
          case 453 -> "Not Enough Bandwidth";
          case 455 -> "Method Not Valid In This State";
          case 461 -> "Unsupported Transport";
          case 503 -> "Service Unavailable";
          default -> "Injected Fault";
        };
    String challenge =
        status == 401 ? "WWW-Authenticate: " + camera.authentication().challenge() + "\r\n" : "";
    String retry =
        camera
            .fault(Fault.ErrorResponse.class)
            .filter(fault -> fault.status() == status && !fault.retryAfter().isEmpty())
            .map(fault -> "Retry-After: " + fault.retryAfter() + "\r\n")
            .orElse("");
    String head = protocol + " " + status + " " + reason + "\r\n" + challenge + retry + headers;
    return (head + "\r\n" + body).getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
