package org.shvideo.worker;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.log.DetectionLine;
import org.shvideo.tasks.monitoring.Monitoring;
import org.shvideo.tasks.queue.Delivery;

/**
 * The process that started this worker and restarts it, as the worker sees it. It gets a {@link
 * WorkerMessage} a line on standard output. The end of standard input says that the worker is to
 * stop, or that the parent has died, however it did. Thread-safe.
 */
final class ParentProcess implements WorkerListener {
  private static final long STATUS_SECONDS = 1;

  private final PrintStream messages =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
  private volatile Runnable status = () -> {};

  private ParentProcess() {}

  /** Standard output is the parent's from now on; what libraries print goes to standard error. */
  static ParentProcess connect() {
    System.setOut(System.err);
    daemon(ParentProcess::awaitEnd).start();
    return new ParentProcess();
  }

  private static void awaitEnd() {
    try {
      while (System.in.read() >= 0) {}
    } catch (IOException e) {
      // As good as its end.
    }
    System.exit(0); // the worker's shutdown hook gives back the clip in progress
  }

  /** The worker is about to take jobs. From now on its state is told every second. */
  void ready(Worker worker, String model, Monitoring monitoring) {
    send(WorkerMessage.ready(worker.consumer(), model));
    status = () -> send(WorkerMessage.status(worker.check(), monitoring.metrics().text()));
    daemon(this::tellStatus).start();
  }

  private void tellStatus() {
    try {
      while (true) {
        status.run();
        TimeUnit.SECONDS.sleep(STATUS_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void started(Delivery delivery) {
    send(WorkerMessage.started(delivery.job().id(), delivery.attempt()));
  }

  @Override
  public void ended(DetectionLine line) {
    status.run();
  }

  /** The worker cannot work. */
  void failed(String reason) {
    send(WorkerMessage.failed(reason));
  }

  private void send(WorkerMessage message) {
    messages.println(Json.write(message));
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "parent");
    thread.setDaemon(true);
    return thread;
  }
}
