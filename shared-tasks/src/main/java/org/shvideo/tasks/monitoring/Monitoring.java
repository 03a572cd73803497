package org.shvideo.tasks.monitoring;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.shvideo.tasks.monitoring.CheckResult.State;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a service's {@link Health} at {@code /health}, with 200 or 503, and its {@link Metrics} at
 * {@code /metrics}. Without a port in the settings it serves nothing. Thread-safe.
 *
 * <p>Clients occupy its own threads only, 200 at most, and are disconnected when they take more
 * than some seconds to send a request or to receive the response.
 */
public final class Monitoring implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Monitoring.class);

  /** Each may be silent, or have a thread to itself that waits for the rest of its request. */
  private static final int MAX_CONNECTIONS = 200;

  private static final Duration IDLE_TIME = Duration.ofSeconds(10);
  private static final int CLIENT_TIMEOUT_SECONDS = 5;
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  static {
    // The JDK's server has no other settings for these; by default a client may take for ever.
    limit("sun.net.httpserver.maxReqTime", CLIENT_TIMEOUT_SECONDS);
    limit("sun.net.httpserver.maxRspTime", CLIENT_TIMEOUT_SECONDS);
    limit("jdk.httpserver.maxConnections", MAX_CONNECTIONS);
  }

  private final MonitoringSettings settings;
  private final Metrics metrics = new Metrics();
  private final Health health = new Health();
  private QueueMonitor queue;
  private HttpServer server;
  private ExecutorService threads;

  public Monitoring(MonitoringSettings settings) {
    this.settings = settings;
  }

  private static void limit(String property, int value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(value));
    }
  }

  public Metrics metrics() {
    return metrics;
  }

  public Health health() {
    return health;
  }

  /**
   * Adds the queue's metrics and the check {@code redis}. Redis is queried on request, every few
   * seconds at most.
   *
   * @param borrowed to be closed after this
   * @param unavailable the service's state while Redis is unavailable
   */
  public synchronized void watch(JobQueue borrowed, State unavailable) {
    queue = new QueueMonitor(borrowed);
    queue.addTo(this, unavailable);
  }

  /** Adds the metrics of the video folder's disk and the check {@code disk}. */
  public void watch(VideoFolder folder) {
    new DiskMonitor(folder).addTo(this);
  }

  /**
   * Starts to serve; called once.
   *
   * @throws IOException when it cannot listen on the address; the message says what to do
   */
  public synchronized void start() throws IOException {
    if (settings.port().isEmpty()) {
      return;
    }
    int port = settings.port().getAsInt();
    HttpServer created = listen(settings.host(), port);
    metrics.addProcess();
    AtomicInteger number = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            0,
            MAX_CONNECTIONS,
            IDLE_TIME.toSeconds(),
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread = new Thread(task, "monitoring-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    created.setExecutor(threads);
    created.createContext("/", this::handle);
    created.start();
    server = created;
    LOG.info(
        "Serving http://{}:{}/health and /metrics",
        settings.host(),
        created.getAddress().getPort());
  }

  private static HttpServer listen(String host, int port) throws IOException {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved() || !isLocal(address.getAddress())) {
      throw new IOException(
          "METRICS_HOST %s is not an address of this machine. Set it to 127.0.0.1, or to 0.0.0.0 for"
                  .formatted(host)
              + " all its addresses.");
    }
    try {
      return HttpServer.create(address, MAX_CONNECTIONS);
    } catch (BindException e) {
      throw new IOException(
          ("Cannot listen on METRICS_PORT %d of %s (%s): another program uses it, or this one has"
                  + " no permission. Set METRICS_PORT to a free port above 1023, or to 0 to disable"
                  + " it.")
              .formatted(port, host, e.getMessage()),
          e);
    }
  }

  private static boolean isLocal(InetAddress address) throws SocketException {
    return address.isAnyLocalAddress() || NetworkInterface.getByInetAddress(address) != null;
  }

  /** The port that it listens on, after the start; the system's choice where that was 0. */
  public synchronized int port() {
    return server.getAddress().getPort();
  }

  private record Response(int status, String type, String body) {}

  private Response response(String path) {
    return switch (path) {
      case "/health" -> {
        Health.Report report = health.report();
        int status = report.state() == State.FAILED ? 503 : 200;
        yield new Response(status, "application/json", report.json() + "\n");
      }
      case "/metrics" ->
          new Response(200, "text/plain; version=0.0.4; charset=utf-8", metrics.text());
      default ->
          new Response(404, "text/plain; charset=utf-8", "Not found. Try /health or /metrics.\n");
    };
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      boolean head = method.equals("HEAD");
      if (!head && !method.equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      Response response = response(exchange.getRequestURI().getPath());
      byte[] body = response.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", response.type());
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      exchange.sendResponseHeaders(response.status(), head ? -1 : body.length);
      if (!head) {
        try (OutputStream out = exchange.getResponseBody()) {
          out.write(body);
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("Request for {} failed", exchange.getRequestURI(), e);
      throw e;
    }
  }

  /** Disconnects clients, and waits two seconds at most for the threads. */
  @Override
  public synchronized void close() {
    if (server != null) {
      server.stop(0);
      threads.shutdownNow();
      try {
        if (!threads.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
          LOG.warn("A request for health or metrics hangs. Closing without it.");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      server = null;
    }
    if (queue != null) {
      queue.close();
    }
    metrics.close();
  }
}
