package org.shvideo.lab.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.cli.pipeline.Polling;
import org.shvideo.cli.pipeline.ShutdownSignal;
import org.shvideo.lab.chaos.ChaosPlan.Injection;
import org.shvideo.lab.measure.ServiceProcess;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.resps.StreamGroupInfo;

/** Injects the faults of a plan into a pipeline, and ends them. Not thread-safe. */
final class FaultInjector {
  private static final String STREAM = "video_queue";
  private static final Duration REDIS_EXIT_TIMEOUT = Duration.ofSeconds(12);

  /** Redis syncs its data to disk every second; a power cut loses what is younger. */
  private static final Duration POWER_CUT_LOSS = Duration.ofSeconds(1);

  private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(3);

  /** How often each fault was injected. */
  final Map<ChaosFault, Integer> counts = new EnumMap<>(ChaosFault.class);

  /** The bytes that Redis had written and power cuts removed. */
  long bytesLostInPowerCuts;

  private final ChaosPipeline pipeline;
  private final FolderObserver observer;
  private final EmbeddedRedis redis;
  private final List<String> cameraNames;

  FaultInjector(ChaosPipeline pipeline, FolderObserver observer) {
    this.pipeline = pipeline;
    this.observer = observer;
    this.redis = pipeline.redis;
    this.cameraNames = List.copyOf(pipeline.cameras.keySet());
  }

  /** Carries out a plan until the end or the signal; tells of each injection when it begins. */
  void run(ChaosPlan plan, ShutdownSignal shutdown, BiConsumer<Duration, Injection> listener)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    PriorityQueue<Injection> active = new PriorityQueue<>(Comparator.comparing(Injection::end));
    Deque<Injection> pending = new ArrayDeque<>(plan.injections());
    while (!pending.isEmpty() || !active.isEmpty()) {
      // Keeps the order of the plan if a slow process delays it: a fault ends before the next one
      // of the same component begins.
      boolean endsNext =
          pending.isEmpty()
              || (!active.isEmpty() && active.peek().end().compareTo(pending.peek().at()) <= 0);
      Duration due = endsNext ? active.peek().end() : pending.peek().at();
      Duration now = Duration.ofNanos(System.nanoTime() - start);
      if (due.compareTo(now) > 0) {
        if (shutdown.await(due.minus(now))) {
          return;
        }
      } else if (endsNext) {
        end(active.remove());
      } else {
        Injection injection = pending.remove();
        listener.accept(now, injection);
        begin(injection);
        active.add(injection);
      }
    }
  }

  private void begin(Injection injection) throws IOException, InterruptedException {
    ChaosFault fault = injection.fault();
    counts.merge(fault, 1, Integer::sum);
    ServiceProcess capture = pipeline.capture;
    switch (fault) {
      case CAPTURE_KILLED -> killCapture();
      case CAPTURE_TERMINATED -> pipeline.terminate(capture);
      case CAPTURE_SUSPENDED -> {
        cameraNames.forEach(observer::disturbed);
        capture.suspend();
      }
      case WORKER_KILLED -> worker(injection).kill();
      case WORKER_TERMINATED -> pipeline.terminate(worker(injection));
      case WORKER_SUSPENDED -> worker(injection).suspend();
      case REDIS_KILLED -> killRedis();
      case REDIS_RESTARTED -> redis.process().destroy();
      case REDIS_SUSPENDED -> ServiceProcess.signal(redis.process(), "STOP");
      case REDIS_POWER_CUT -> {
        observer.awaitRedisWrite(WRITE_TIMEOUT); // so that there is something to lose
        Map<Path, Long> sizesOnDisk = observer.redisFileSizes(POWER_CUT_LOSS);
        killRedis();
        cutPower(sizesOnDisk, injection);
      }
      case REDIS_CONSUMERS_DELETED -> inRedis(FaultInjector::deleteConsumers);
      case REDIS_STREAM_TRIMMED -> inRedis(client -> client.xtrim(STREAM, 0, false));
      case REDIS_FLUSHED -> inRedis(Jedis::flushAll);
      case ALL_KILLED -> {
        killCapture();
        for (ServiceProcess worker : pipeline.workers) {
          worker.kill();
        }
        killRedis();
      }
      default -> {
        String name = cameraNames.get(injection.index());
        observer.disturbed(name);
        pipeline.cameras.get(name).inject(fault.cameraFaults(injection.length()));
      }
    }
  }

  private void end(Injection injection) throws IOException, InterruptedException {
    switch (injection.fault()) {
      case CAPTURE_KILLED, CAPTURE_TERMINATED -> pipeline.capture.start();
      case CAPTURE_SUSPENDED -> {
        pipeline.capture.resume();
        cameraNames.forEach(observer::disturbed);
      }
      case WORKER_KILLED, WORKER_TERMINATED -> worker(injection).start();
      case WORKER_SUSPENDED -> worker(injection).resume();
      case REDIS_KILLED, REDIS_RESTARTED, REDIS_POWER_CUT -> restartRedis();
      case REDIS_SUSPENDED -> ServiceProcess.signal(redis.process(), "CONT");
      case REDIS_CONSUMERS_DELETED, REDIS_STREAM_TRIMMED, REDIS_FLUSHED -> {}
      case ALL_KILLED -> {
        restartRedis();
        pipeline.startServices();
      }
      default -> {
        String name = cameraNames.get(injection.index());
        pipeline.cameras.get(name).clearFaults();
        observer.disturbed(name);
      }
    }
  }

  private ServiceProcess worker(Injection injection) {
    return pipeline.workers.get(injection.index());
  }

  private void killCapture() throws InterruptedException {
    observer.beforeCaptureIsKilled(Instant.now());
    pipeline.capture.kill();
  }

  private void killRedis() throws InterruptedException {
    redis.process().destroyForcibly();
    awaitRedisExit();
  }

  private void restartRedis() throws IOException, InterruptedException {
    awaitRedisExit();
    redis.restart();
  }

  private void awaitRedisExit() throws InterruptedException {
    if (!Polling.await(REDIS_EXIT_TIMEOUT, () -> !redis.process().isAlive())) {
      throw new IllegalStateException("Redis does not end");
    }
  }

  /** Damages what was written to the files but not yet synced to disk. */
  private void cutPower(Map<Path, Long> sizesOnDisk, Injection injection) throws IOException {
    RandomGenerator random = new SplittableRandom(injection.at().toMillis());
    for (var size : sizesOnDisk.entrySet()) {
      bytesLostInPowerCuts += PowerCut.damage(size.getKey(), size.getValue(), random);
    }
  }

  private void inRedis(Consumer<Jedis> action) {
    int port = Integer.parseInt(redis.environment().get("RDS_PORT"));
    try (Jedis client = new Jedis("127.0.0.1", port)) {
      client.auth(redis.environment().get("RDS_PSW"));
      action.accept(client);
    }
  }

  private static void deleteConsumers(Jedis client) {
    if (client.exists(STREAM)) {
      for (StreamGroupInfo group : client.xinfoGroups(STREAM)) {
        for (var consumer : client.xinfoConsumers2(STREAM, group.getName())) {
          client.xgroupDelConsumer(STREAM, group.getName(), consumer.getName());
        }
      }
    }
  }
}
