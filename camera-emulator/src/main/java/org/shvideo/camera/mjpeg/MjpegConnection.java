package org.shvideo.camera.mjpeg;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.shvideo.camera.Connection;
import org.shvideo.camera.Fault;
import org.shvideo.camera.Request;
import org.shvideo.camera.StreamFaults;

/** A client and its only request. */
final class MjpegConnection extends Connection {
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
  private static final String BOUNDARY = "picture";

  private final MjpegCamera camera;
  private final OutputStream out;
  private int picturesToDrop;

  MjpegConnection(MjpegCamera camera, Socket socket) throws IOException {
    super(camera, socket, "HTTP/1.1");
    this.camera = camera;
    this.out = socket.getOutputStream();
  }

  @Override
  protected void serve() throws IOException, InterruptedException {
    socket.setSoTimeout((int) REQUEST_TIMEOUT.toMillis());
    Request request;
    try {
      request = Request.read(in);
    } catch (ProtocolException e) {
      respond(400, "");
      return;
    }
    if (isSilent()) {
      isClientThereAfter(Fault.FOREVER);
      return;
    }
    int status = check(request, false);
    if (status != 200) {
      respond(status, "");
    } else if (!request.method().equals("GET")) {
      respond(405, "");
    } else if (request.path().equals(camera.path()) && camera.stills) {
      byte[] picture = camera.still();
      respond(200, "Content-Type: image/jpeg\r\nContent-Length: " + picture.length + "\r\n", "");
      out.write(picture);
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
    respond(status, "Content-Type: text/html\r\nContent-Length: " + page.length() + "\r\n", page);
  }

  private void respond(int status, String headers, String page) throws IOException {
    out.write(response(status, "Connection: close\r\nCache-Control: no-store\r\n" + headers, page));
  }

  private void play() throws IOException, InterruptedException {
    respond(200, "Content-Type: multipart/x-mixed-replace; boundary=" + BOUNDARY + "\r\n", "");
    List<byte[]> pictures = camera.video.pictures();
    try (StreamFaults faults = openStream()) {
      long startNanos = System.nanoTime();
      for (long number = 0; ; number++) {
        long dueNanos = startNanos + Math.round(number * 1e9 / camera.video.framesPerSecond());
        TimeUnit.NANOSECONDS.sleep(dueNanos - System.nanoTime());
        if (!apply(faults.due(number))) {
          return;
        }
        if (picturesToDrop > 0) {
          picturesToDrop--;
        } else {
          send(pictures.get((int) (number % pictures.size())));
        }
      }
    }
  }

  private void send(byte[] picture) throws IOException {
    String head =
        "--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
            .formatted(BOUNDARY, picture.length);
    ByteArrayOutputStream part = new ByteArrayOutputStream(picture.length + 100);
    part.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    part.writeBytes(picture);
    part.writeBytes(new byte[] {'\r', '\n'});
    part.writeTo(out);
  }

  /** Whether the stream continues. */
  private boolean apply(List<Fault.StreamFault> due) throws IOException {
    for (Fault.StreamFault fault : due) {
      if (fault instanceof Fault.Disconnect
          || (fault instanceof Fault.Stall stall && !isClientThereAfter(stall.length()))) {
        return false;
      } else if (fault instanceof Fault.Garbage garbage) {
        byte[] bytes = new byte[garbage.bytes()];
        camera.random.nextBytes(bytes);
        out.write(bytes);
      } else if (fault instanceof Fault.DropPackets drop) {
        picturesToDrop = drop.packets();
      }
    }
    return true;
  }

  /** Waits; false as soon as the client closes the connection. */
  private boolean isClientThereAfter(Duration time) throws IOException {
    long endNanos = System.nanoTime() + time.toNanos();
    try {
      while (true) {
        long leftMillis = (endNanos - System.nanoTime()) / 1_000_000;
        socket.setSoTimeout((int) Math.max(1, Math.min(leftMillis, Integer.MAX_VALUE)));
        if (in.read() < 0) {
          return false;
        }
      }
    } catch (SocketTimeoutException e) {
      return true;
    }
  }
}
