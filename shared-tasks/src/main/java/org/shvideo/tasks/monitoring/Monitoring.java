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
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
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
 * {@code /metrics}. Where the settings name no port it serves nothing, and what was added costs
 * nothing. Thread-safe.
 *
 * <p>Its threads, few and of its own, are all that a client can hold up: one that does not get its
 * request out or its answer in within some seconds is cut off.
 */
public final class Monitoring implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Monitoring.class);

  private static final int THREADS = 3;
  private static final int MOST_CONNECTIONS = 32;
  private static final int SLOW_CLIENT_SECONDS = 5;
  private static final Duration CLOSING = Duration.ofSeconds(2);

  static {
    // The JDK's server takes these from nowhere else. Without them a client may take for ever.
    limit("sun.net.httpserver.maxReqTime", SLOW_CLIENT_SECONDS);
    limit("sun.net.httpserver.maxRspTime", SLOW_CLIENT_SECONDS);
    limit("jdk.httpserver.maxConnections", MOST_CONNECTIONS);
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
   * Adds the queue: its figures and the check {@code redis}. Redis is asked when somebody looks,
   * every few seconds at most.
   *
   * @param borrowed to be closed after this
   * @param away how it stands with the service while Redis is away
   */
  public synchronized void watch(JobQueue borrowed, State away) {
    queue = new QueueMonitor(borrowed);
    queue.addTo(this, away);
  }

  /** Adds the disk of the video folder: its figures and the check {@code disk}. */
  public void watch(VideoFolder folder) {
    new DiskMonitor(folder).addTo(this);
  }

  /**
   * Starts to serve, once.
   *
   * @throws IOException when it cannot listen there; the message says what to do
   */
  public synchronized void start() throws IOException {
    if (settings.port().isEmpty()) {
      return;
    }
    int port = settings.port().getAsInt();
    HttpServer created = listen(settings.host(), port);
    metrics.addProcess();
    AtomicInteger number = new AtomicInteger();
    // More can never wait: the server takes no more connections.
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(2 * MOST_CONNECTIONS),
            task -> {
              Thread thread = new Thread(task, "monitoring-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    created.setExecutor(threads);
    created.createContext("/", this::answer);
    created.start();
    server = created;
    LOG.info(
        "Health and metrics at http://{}:{}/health and /metrics",
        settings.host(),
        created.getAddress().getPort());
  }

  private static HttpServer listen(String host, int port) throws IOException {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved() || !isOwn(address.getAddress())) {
      throw new IOException(
          "METRICS_HOST %s is no address of this machine: set it to 127.0.0.1, or to 0.0.0.0 for all"
                  .formatted(host)
              + " of its addresses.");
    }
    try {
      return HttpServer.create(address, MOST_CONNECTIONS);
    } catch (BindException e) {
      throw new IOException(
          ("METRICS_PORT %d cannot be had at %s (%s): another program has it, or this one may not."
                  + " Set METRICS_PORT to a free port above 1023, or to 0 to go without.")
              .formatted(port, host, e.getMessage()),
          e);
    }
  }

  private static boolean isOwn(InetAddress address) throws SocketException {
    return address.isAnyLocalAddress() || NetworkInterface.getByInetAddress(address) != null;
  }

  /** Where it listens; it serves. */
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
      default -> new Response(404, "text/plain; charset=utf-8", "/health and /metrics are here\n");
    };
  }

  private void answer(HttpExchange exchange) throws IOException {
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
      LOG.warn("A request for {} failed", exchange.getRequestURI(), e);
      throw e;
    }
  }

  /** Cuts clients off, and waits for its threads, two seconds at most. */
  @Override
  public synchronized void close() {
    if (server != null) {
      server.stop(0);
      threads.shutdownNow();
      try {
        if (!threads.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS)) {
          LOG.warn("A request for health or metrics still hangs; it is left behind");
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
