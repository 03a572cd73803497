package org.shvideo.capture.connection;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.function.BooleanSupplier;

/**
 * Lets FFmpeg use an encrypted connection that Java makes and checks: a port of this machine that
 * takes one connection and passes everything on. By the time that FFmpeg can connect, the camera's
 * certificate is accepted. Thread-safe.
 */
public final class TlsTunnel implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 15;

  private final Endpoint to;
  private final Socket camera;
  private final ServerSocket server;
  private volatile boolean opened;
  private volatile Socket client;

  /**
   * Connects to a camera.
   *
   * @param interrupt as of {@link HttpStream#get}, until this is open
   * @throws UntrustedCertificateException before anything is sent to a server that is not trusted
   */
  public TlsTunnel(Endpoint to, Trust trust, BooleanSupplier interrupt) throws IOException {
    this.to = to;
    camera = CameraSocket.open(to, trust, () -> !opened && interrupt.getAsBoolean());
    opened = true;
    boolean listening = false;
    try {
      server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      listening = true;
    } finally {
      if (!listening) {
        camera.close();
      }
    }
    start(this::serve);
  }

  /** The camera's address through this, without encryption. */
  public String url() {
    String login = to.login() == null ? "" : to.login() + "@";
    return "rtsp://%s127.0.0.1:%d%s".formatted(login, server.getLocalPort(), to.target());
  }

  private void serve() {
    try (this;
        Socket accepted = server.accept()) {
      client = accepted;
      server.close();
      accepted.setTcpNoDelay(true);
      start(() -> passOn(accepted, camera));
      pump(camera, accepted);
    } catch (IOException e) {
      // either side has closed
    }
  }

  private void passOn(Socket from, Socket into) {
    try (this) {
      pump(from, into);
    } catch (IOException e) {
      // as above
    }
  }

  private static void pump(Socket from, Socket into) throws IOException {
    InputStream in = from.getInputStream();
    OutputStream out = into.getOutputStream();
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      out.write(buffer, 0, read);
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "tls-tunnel");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      server.close();
      if (client != null) {
        client.close();
      }
      camera.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // closing a socket does not fail
    }
  }
}
