package org.shvideo.camera;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts connections, each served by a thread of its own, and can refuse them for a while without
 * losing its port. Thread-safe.
 */
public final class ConnectionListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ConnectionListener.class);
  private static final Duration CLOSING = Duration.ofSeconds(5);

  /** Serves one connection until it ends; the socket is closed after it returns. */
  public interface Service {
    /** Anything it throws ends the connection and is nobody's trouble but the client's. */
    void serve(Socket client) throws IOException, InterruptedException;
  }

  private final String name;
  private final InetSocketAddress wanted;
  private final Service service;
  private final Map<Socket, Thread> open = new ConcurrentHashMap<>();
  private final AtomicInteger soFar = new AtomicInteger();
  private InetSocketAddress bound;
  private ServerSocket socket;
  private Thread accepting;
  private boolean closed;

  /**
   * @param name of its threads
   * @param port 0 for any that is free
   */
  public ConnectionListener(String name, InetAddress host, int port, Service service) {
    this.name = name;
    this.wanted = new InetSocketAddress(host, port);
    this.service = service;
  }

  /** Takes the port and, unless it is to refuse at first, listens. */
  public void start(boolean refusing) throws IOException {
    synchronized (this) {
      bound = wanted;
      listen();
      bound = new InetSocketAddress(wanted.getAddress(), socket.getLocalPort());
    }
    if (refusing) {
      refuse();
    }
  }

  private void listen() throws IOException {
    ServerSocket fresh = new ServerSocket();
    try {
      fresh.setReuseAddress(true);
      fresh.bind(bound);
    } catch (IOException e) {
      fresh.close();
      throw new IOException(
          "cannot listen at "
              + bound.getHostString()
              + ":"
              + bound.getPort()
              + ": "
              + e.getMessage(),
          e);
    }
    socket = fresh;
    accepting = daemon(name + "-" + fresh.getLocalPort() + "-accept", () -> accept(fresh));
  }

  private void accept(ServerSocket from) {
    while (!from.isClosed()) {
      try {
        Socket client = from.accept();
        client.setTcpNoDelay(true);
        begin(client);
      } catch (IOException e) {
        log.debug("{} accepts no more: {}", name, e.getMessage());
      }
    }
  }

  private synchronized void begin(Socket client) throws IOException {
    if (closed) {
      client.close();
      return;
    }
    int number = soFar.incrementAndGet();
    // Registered before it runs, so that it can take itself out.
    Thread thread = new Thread(() -> serve(client), name + "-" + port() + "-" + number);
    thread.setDaemon(true);
    open.put(client, thread);
    thread.start();
  }

  private void serve(Socket client) {
    try (client) {
      service.serve(client);
    } catch (IOException e) {
      log.debug("{}: connection ended: {}", name, e.getMessage());
    } catch (InterruptedException e) {
      log.debug("{}: connection ended by closing the camera", name);
    } finally {
      open.remove(client);
    }
  }

  private static Thread daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** From now on connections are refused by the operating system. */
  public void refuse() {
    Thread listening;
    synchronized (this) {
      closeQuietly(socket);
      listening = accepting;
    }
    // While a thread is still in accept(), the operating system lets clients in.
    try {
      listening.join(CLOSING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Listens again, at the same port, if it refused. */
  public synchronized void admit() {
    if (!closed && socket.isClosed()) {
      try {
        listen();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  public synchronized int port() {
    return bound.getPort();
  }

  /** How many are open. */
  public int connections() {
    return open.size();
  }

  /** How many there have been since the start. */
  public int totalConnections() {
    return soFar.get();
  }

  /** Ends every connection and waits for the threads, 5 s at most. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (socket != null) {
        closeQuietly(socket);
      }
    }
    Map<Socket, Thread> last = Map.copyOf(open);
    last.forEach(
        (client, thread) -> {
          closeQuietly(client);
          thread.interrupt();
        });
    long until = System.nanoTime() + CLOSING.toNanos();
    try {
      for (Thread thread : last.values()) {
        thread.join(Math.max(1, (until - System.nanoTime()) / 1_000_000));
      }
      if (accepting != null) {
        accepting.join(Math.max(1, (until - System.nanoTime()) / 1_000_000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      log.debug("closing: {}", e.getMessage());
    }
  }
}
