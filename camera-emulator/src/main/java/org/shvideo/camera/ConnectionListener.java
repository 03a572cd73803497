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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts connections, each served by its own thread. It can refuse them for a while and listen at
 * the same port again. Thread-safe.
 */
final class ConnectionListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ConnectionListener.class);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  /** Takes over a client. */
  interface Service {
    Connection connect(Socket client) throws IOException;
  }

  private final String name;
  private final Service service;
  private final Map<Socket, Thread> clients = new ConcurrentHashMap<>();
  private final AtomicInteger total = new AtomicInteger();
  private InetSocketAddress address;
  private ServerSocket server;
  private Thread accepting;
  private boolean closed;

  /** Does not listen yet. Threads have this name; port 0 is any free one. */
  ConnectionListener(String name, InetAddress host, int port, Service service) {
    this.name = name;
    this.address = new InetSocketAddress(host, port);
    this.service = service;
  }

  /** Binds the port and listens, or refuses connections from the start. */
  void start(boolean refusing) throws IOException {
    synchronized (this) {
      listen();
      address = new InetSocketAddress(address.getAddress(), server.getLocalPort());
    }
    if (refusing) {
      refuse();
    }
  }

  private void listen() throws IOException {
    ServerSocket opened;
    try {
      opened = new ServerSocket(address.getPort(), 0, address.getAddress());
    } catch (IOException e) {
      throw new IOException(
          "cannot listen at %s:%d: %s"
              .formatted(address.getHostString(), address.getPort(), e.getMessage()),
          e);
    }
    server = opened;
    accepting = new Thread(() -> accept(opened), name + "-" + opened.getLocalPort() + "-accept");
    accepting.setDaemon(true);
    accepting.start();
  }

  private void accept(ServerSocket from) {
    while (!from.isClosed()) {
      try {
        Socket client = from.accept();
        client.setTcpNoDelay(true);
        serve(client);
      } catch (IOException e) {
        log.debug("{} stopped accepting connections: {}", name, e.getMessage());
      }
    }
  }

  private synchronized void serve(Socket client) throws IOException {
    if (closed) {
      client.close();
      return;
    }
    Thread thread =
        new Thread(() -> run(client), name + "-" + port() + "-" + total.incrementAndGet());
    thread.setDaemon(true);
    clients.put(client, thread); // before it starts, because it removes itself
    thread.start();
  }

  private void run(Socket client) {
    try (client;
        Connection connection = service.connect(client)) {
      connection.serve();
    } catch (IOException e) {
      log.debug("{}: connection ended: {}", name, e.getMessage());
    } catch (InterruptedException e) {
      log.debug("{}: connection ended because the camera is closing", name);
    } finally {
      clients.remove(client);
    }
  }

  /** Lets the operating system refuse connections from now on. */
  void refuse() {
    Thread stopping;
    synchronized (this) {
      closeServer();
      stopping = accepting;
    }
    // The operating system lets clients in for as long as a thread is in accept().
    join(stopping, System.nanoTime() + CLOSE_TIMEOUT.toNanos());
  }

  /** Listens at the same port again if connections are refused. */
  synchronized void accept() {
    if (!closed && server.isClosed()) {
      try {
        listen();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  synchronized int port() {
    return address.getPort();
  }

  /** The number of open connections. */
  int connections() {
    return clients.size();
  }

  /** The number of connections since the start. */
  int totalConnections() {
    return total.get();
  }

  /** Closes every connection and waits for the threads, up to 5 s. */
  @Override
  public void close() {
    Thread stopping;
    synchronized (this) {
      closed = true;
      closeServer();
      stopping = accepting;
    }
    Map<Socket, Thread> last = Map.copyOf(clients);
    last.forEach(
        (client, thread) -> {
          closeQuietly(client);
          thread.interrupt();
        });
    long deadline = System.nanoTime() + CLOSE_TIMEOUT.toNanos();
    last.values().forEach(thread -> join(thread, deadline));
    join(stopping, deadline);
  }

  private void closeServer() {
    if (server != null) {
      closeQuietly(server);
    }
  }

  private static void closeQuietly(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception e) {
      log.debug("Cannot close a socket: {}", e.getMessage());
    }
  }

  private static void join(Thread thread, long deadline) {
    try {
      if (thread != null) {
        TimeUnit.NANOSECONDS.timedJoin(thread, deadline - System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
