package org.shvideo.capture.connection;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * A connection whose reading ends when somebody no longer wants to wait. The thread that reads asks
 * ten times a second; TLS above it never sees a read that timed out, which it would not survive.
 */
final class CameraSocket extends Socket {
  private static final int POLL_MILLIS = 100;

  /** A host with several addresses may be reached at the next. */
  private static final int CONNECT_MILLIS = 3000;

  private final BooleanSupplier interrupt;

  private CameraSocket(BooleanSupplier interrupt) {
    this.interrupt = interrupt;
  }

  /**
   * Connects, and encrypts if the endpoint's scheme says so.
   *
   * @param interrupt asked ten times a second while this or a later read waits; true ends it with
   *     an {@link InterruptedIOException}
   * @return to be closed by the caller
   * @throws UntrustedCertificateException before anything is sent to a server that is not trusted
   */
  static Socket open(Endpoint to, Trust trust, BooleanSupplier interrupt) throws IOException {
    AtomicBoolean abandoned = new AtomicBoolean();
    BooleanSupplier ends = () -> abandoned.get() || interrupt.getAsBoolean();
    // Neither resolving a name nor connecting can be interrupted: a thread of its own does both.
    FutureTask<Socket> opening =
        new FutureTask<>(
            () -> {
              Socket connected = connect(to, ends);
              Socket secured = to.isEncrypted() ? trust.secure(connected, to) : connected;
              if (abandoned.get()) {
                secured.close();
              }
              return secured;
            });
    Thread thread = new Thread(opening, "connecting");
    thread.setDaemon(true);
    thread.start();
    try {
      while (!interrupt.getAsBoolean()) {
        try {
          return opening.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          // asks again
        }
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    abandoned.set(true); // whatever is open by then is closed by that thread
    throw new InterruptedIOException("interrupted");
  }

  private static CameraSocket connect(Endpoint to, BooleanSupplier interrupt) throws IOException {
    IOException failure = null;
    for (InetAddress address : InetAddress.getAllByName(to.host())) {
      CameraSocket socket = new CameraSocket(interrupt);
      try {
        socket.setSoTimeout(POLL_MILLIS);
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(address, to.port()), CONNECT_MILLIS);
        return socket;
      } catch (IOException e) {
        socket.close();
        failure = e;
      }
      if (interrupt.getAsBoolean()) {
        break;
      }
    }
    throw failure;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new FilterInputStream(super.getInputStream()) {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        while (!interrupt.getAsBoolean()) {
          try {
            return super.read(bytes, from, length);
          } catch (SocketTimeoutException e) {
            // asks again
          }
        }
        throw new InterruptedIOException("interrupted");
      }
    };
  }
}
