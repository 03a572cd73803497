package org.shvideo.tasks.queue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between clients and a Redis, and makes it slow or loses what it answers. */
public final class RedisProxy implements AutoCloseable {
  private final TestRedis redis;
  private final ServerSocket server;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile Duration delay = Duration.ZERO;
  private volatile String lost;

  public RedisProxy(TestRedis redis) {
    this.redis = redis;
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon(this::accept);
  }

  /** To the Redis through this. */
  public QueueSettings settings(Duration lease) {
    QueueSettings direct = redis.settings(lease);
    return new QueueSettings(
        direct.host(),
        server.getLocalPort(),
        direct.password(),
        direct.queue(),
        direct.lease(),
        direct.maxAttempts(),
        direct.resultTtl());
  }

  /** Every request reaches Redis so much later. */
  public void delay(Duration by) {
    delay = by;
  }

  /**
   * Redis does what is asked next with this word in it; the answer gets lost with its connection.
   */
  public void loseAnswerTo(String word) {
    lost = word;
  }

  /** How many requests were passed on so far. */
  public int requests() {
    return requests.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        Socket toRedis = new Socket(InetAddress.getLoopbackAddress(), redis.port());
        sockets.add(client);
        sockets.add(toRedis);
        var losing = new CountDownLatch(1);
        daemon(() -> passRequests(client, toRedis, losing));
        daemon(() -> passAnswers(toRedis, client, losing));
      }
    } catch (IOException e) {
      // closed
    }
  }

  /** Clients wait for each answer, so what can be read at once is one request. */
  private void passRequests(Socket client, Socket toRedis, CountDownLatch losing) {
    byte[] buffer = new byte[1 << 16];
    try (client;
        toRedis) {
      InputStream in = client.getInputStream();
      OutputStream out = toRedis.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        requests.incrementAndGet();
        if (closed.await(delay.toNanos(), TimeUnit.NANOSECONDS)) {
          return;
        }
        String word = lost;
        if (word != null
            && new String(buffer, 0, read, StandardCharsets.ISO_8859_1).contains(word)) {
          lost = null;
          losing.countDown();
        }
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // one of them has left
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void passAnswers(Socket toRedis, Socket client, CountDownLatch losing) {
    byte[] buffer = new byte[1 << 16];
    try (client;
        toRedis) {
      InputStream in = toRedis.getInputStream();
      OutputStream out = client.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (losing.getCount() == 0) {
          return;
        }
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // one of them has left
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "redis-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      server.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
