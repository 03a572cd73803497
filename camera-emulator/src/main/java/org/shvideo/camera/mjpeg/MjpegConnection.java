package org.shvideo.camera.mjpeg;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.shvideo.camera.Fault;
import org.shvideo.camera.Faults;
import org.shvideo.camera.Request;

/** One client and its one request. */
final class MjpegConnection {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String BOUNDARY = "picture";

  private final MjpegCamera camera;
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private int losses;

  MjpegConnection(MjpegCamera camera, Socket socket) throws IOException {
    this.camera = camera;
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  void serve() throws IOException, InterruptedException {
    socket.setSoTimeout((int) PATIENCE.toMillis());
    Request request;
    try {
      request = Request.read(in);
    } catch (ProtocolException e) {
      respond(400, "");
      return;
    }
    Faults faults = camera.faults();
    if (faults.standing(Fault.NoResponse.class).isPresent()) {
      waitForClient(Fault.FOREVER);
      return;
    }
    Optional<Fault.DelayResponses> delay = faults.standing(Fault.DelayResponses.class);
    if (delay.isPresent()) {
      Thread.sleep(delay.get().by().toMillis());
    }
    Optional<Fault.ErrorResponse> answer = faults.standing(Fault.ErrorResponse.class);
    if (answer.isPresent()) {
      respond(answer.get().status(), "");
    } else if (!request.method().equals("GET")) {
      respond(405, "");
    } else if (!camera.authentication().admits(request)) {
      respond(401, "");
    } else if (request.path().equals(camera.path())) {
      play();
    } else if (request.path().equals(camera.path() + "test")) {
      respond(
          200,
          "<!DOCTYPE html>\n<title>sh-video camera</title>\n<img src=\"" + camera.path() + "\">\n");
    } else {
      respond(404, "");
    }
  }

  private void respond(int status, String page) throws IOException {
    String challenge =
        status == 401 ? "WWW-Authenticate: " + camera.authentication().challenge() + "\r\n" : "";
    head(
        status,
        challenge + "Content-Type: text/html\r\nContent-Length: " + page.length() + "\r\n",
        page);
  }

  private void head(int status, String headers, String page) throws IOException {
    out.write(
        Request.bytes(
            "HTTP/1.1 "
                + Request.statusLine(status)
                + "\r\nConnection: close\r\nCache-Control: no-store\r\n"
                + headers
                + "\r\n"
                + page));
    out.flush();
  }

  private void play() throws IOException, InterruptedException {
    head(200, "Content-Type: multipart/x-mixed-replace; boundary=" + BOUNDARY + "\r\n", "");
    try (Faults.OfOneStream faults = camera.faults().ofNewStream()) {
      long startNanos = System.nanoTime();
      for (long number = 0; ; number++) {
        long dueNanos = startNanos + Math.round(number * 1e9 / camera.framesPerSecond());
        long waitNanos = dueNanos - System.nanoTime();
        if (waitNanos > 0) {
          Thread.sleep(waitNanos / 1_000_000, (int) (waitNanos % 1_000_000));
        }
        if (!suffer(faults.before(number))) {
          return;
        }
        if (losses > 0) {
          losses--;
        } else {
          send(camera.picture(number));
        }
      }
    }
  }

  private void send(byte[] picture) throws IOException {
    ByteArrayOutputStream part = new ByteArrayOutputStream(picture.length + 100);
    part.writeBytes(
        Request.bytes(
            "--"
                + BOUNDARY
                + "\r\nContent-Type: image/jpeg\r\nContent-Length: "
                + picture.length
                + "\r\n\r\n"));
    part.writeBytes(picture);
    part.writeBytes(Request.bytes("\r\n"));
    out.write(part.toByteArray());
    out.flush();
  }

  /** Whether the stream goes on. */
  private boolean suffer(List<Fault.StreamFault> due) throws IOException {
    for (Fault.StreamFault fault : due) {
      if (fault instanceof Fault.Disconnect) {
        return false;
      } else if (fault instanceof Fault.Stall stall) {
        if (!waitForClient(stall.length())) {
          return false;
        }
      } else if (fault instanceof Fault.Garbage garbage) {
        byte[] bytes = new byte[garbage.bytes()];
        camera.random().nextBytes(bytes);
        out.write(bytes);
      } else if (fault instanceof Fault.DropPackets lose) {
        losses = lose.packets();
      }
    }
    return true;
  }

  /** Whether the client was still there after this time. */
  private boolean waitForClient(Duration time) throws IOException {
    long until = System.nanoTime() + time.toNanos();
    while (true) {
      long leftMillis = (until - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        return true;
      }
      try {
        socket.setSoTimeout((int) Math.min(leftMillis, Integer.MAX_VALUE));
        if (in.read() < 0) {
          return false;
        }
      } catch (SocketTimeoutException e) {
        return true;
      }
    }
  }
}
