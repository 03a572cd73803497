package org.shvideo.lab.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.shvideo.cli.pipeline.EmbeddedRedis;
import org.shvideo.cli.pipeline.Polling;
import org.shvideo.lab.chaos.QueueHistory.Call;
import org.shvideo.lab.chaos.QueueHistory.Kind;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.queue.Delivery;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueDepth;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.ClientKillParams;

/**
 * Capture and workers without cameras, clips and model: threads that queue, confirm, take, renew
 * and settle jobs of a real Redis, as {@code OutboxSender}, {@code LostClips} and {@code
 * JobHandler} do, and one that provokes faults. The outbox and the log are in memory, where they
 * lose nothing.
 */
final class QueueChaos {
  private static final int SENDERS = 2;
  private static final int WORKERS = 5;
  private static final int MAX_WAITING = 100;
  private static final Duration LEASE = Duration.ofMillis(300);
  private static final Duration TAKE_TIMEOUT = Duration.ofMillis(50);
  private static final Duration CONFIRMATION_DELAY = Duration.ofSeconds(2);
  private static final Duration FINISH_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration REPLICATION_TIMEOUT = Duration.ofSeconds(20);

  /** What is done to Redis; whether it may lose what it was told. */
  enum QueueFault {
    CONSUMERS_DELETED("consumers deleted, with what they hold", 8, false),
    STREAM_TRIMMED("stream trimmed (XTRIM)", 8, false),
    ENTRY_DELETED("an entry deleted (XDEL)", 8, false),
    STREAM_DELETED("stream deleted (DEL)", 3, false),
    RETRIES_DELETED("retry schedule deleted (DEL)", 4, false),
    GROUP_DESTROYED("group destroyed (XGROUP DESTROY)", 4, false),
    HASH_DELETED("a job's hash deleted (DEL)", 4, true),
    CLIENTS_DISCONNECTED("all clients disconnected", 6, false),
    FLUSHED("FLUSHALL", 2, true),
    FAILOVER("failover to a replica that was cut off before", 2, true),
    KILLED("SIGKILL", 1, true),
    POWER_CUT("power cut: the last second is missing, NULs, or blocks in another order", 2, true);

    final String text;
    final int weight;
    final boolean losesData;

    QueueFault(String text, int weight, boolean losesData) {
      this.text = text;
      this.weight = weight;
      this.losesData = losesData;
    }
  }

  /** A job that may be lost until Redis was asked for it a second time. */
  private record Sent(Job job, long nanos) {}

  final QueueHistory history = new QueueHistory();
  final Map<QueueFault, Integer> faults = new EnumMap<>(QueueFault.class);
  final AtomicInteger queuedAgain = new AtomicInteger();

  private final long operations;
  private final SplittableRandom random;
  private final EmbeddedRedis redis;
  private final EmbeddedRedis replica;
  private final Path data;
  private final JobQueue queue;
  private final Set<String> logged = ConcurrentHashMap.newKeySet();
  private final Map<String, Job> outbox = new ConcurrentHashMap<>();
  private final Set<String> consumers = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();
  private final AtomicInteger numbers = new AtomicInteger();
  private final AtomicInteger consumerNumbers = new AtomicInteger();
  private final AtomicBoolean sending = new AtomicBoolean(true);
  private final AtomicBoolean working = new AtomicBoolean(true);

  /**
   * Runs until all work is finished.
   *
   * @param folder an empty one, for two servers
   * @param operations how many calls of the queue to make at least
   */
  static QueueChaos run(Path folder, long operations, long seed)
      throws IOException, InterruptedException {
    VideoFolder first = new VideoFolder(Files.createDirectories(folder.resolve("primary")));
    VideoFolder second = new VideoFolder(Files.createDirectories(folder.resolve("replica")));
    try (EmbeddedRedis redis = EmbeddedRedis.start(first);
        EmbeddedRedis replica = EmbeddedRedis.start(second);
        JobQueue queue = new JobQueue(settings(redis))) {
      QueueChaos chaos =
          new QueueChaos(
              operations, seed, redis, replica, EmbeddedRedis.appendOnlyFolder(first), queue);
      chaos.run();
      return chaos;
    }
  }

  private QueueChaos(
      long operations,
      long seed,
      EmbeddedRedis redis,
      EmbeddedRedis replica,
      Path data,
      JobQueue queue) {
    this.operations = operations;
    this.random = new SplittableRandom(seed);
    this.redis = redis;
    this.replica = replica;
    this.data = data;
    this.queue = queue;
  }

  private static QueueSettings settings(EmbeddedRedis redis) {
    QueueSettings settings = QueueSettings.from(Settings.of(redis.environment()));
    return new QueueSettings(
        settings.host(),
        settings.port(),
        settings.password(),
        settings.queue(),
        LEASE,
        3,
        Duration.ofMinutes(10));
  }

  /** What went wrong, beside what the history tells. */
  List<String> problems() {
    return List.copyOf(errors);
  }

  private void run() throws IOException, InterruptedException {
    List<Thread> senders = start(SENDERS, this::send);
    List<Thread> workers = start(WORKERS, this::work);
    workers.addAll(start(1, this::queueLostClips));
    try {
      while (history.operations() < operations && senders.stream().allMatch(Thread::isAlive)) {
        Thread.sleep(50 + random.nextInt(450));
        inject(fault());
      }
      sending.set(false);
      for (Thread sender : senders) {
        sender.join();
      }
      if (!Polling.await(FINISH_TIMEOUT, this::isFinished)) {
        errors.add(
            "after %s: %s, %d clips without a line"
                .formatted(FINISH_TIMEOUT, queue.depth().text(), history.clips() - logged.size()));
      }
      checkKeys();
    } finally {
      sending.set(false);
      working.set(false);
      for (Thread worker : workers) {
        worker.join();
      }
    }
  }

  private interface Client {
    void run(SplittableRandom random) throws InterruptedException;
  }

  private List<Thread> start(int count, Client client) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SplittableRandom own = random.split();
      Thread thread =
          new Thread(
              () -> {
                try {
                  client.run(own);
                } catch (InterruptedException | RuntimeException e) {
                  errors.add("a client ended: " + e);
                  sending.set(false);
                }
              },
              "queue-chaos");
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    return threads;
  }

  private boolean isFinished() {
    try {
      QueueDepth depth = queue.depth();
      return depth.waiting() + depth.started() + depth.retrying() == 0
          && Stream.iterate(1, n -> n <= numbers.get(), n -> n + 1)
              .allMatch(n -> history.hasLine("clip-" + n));
    } catch (QueueUnavailableException e) {
      return false;
    }
  }

  /** After the end there is no job's hash that stays for ever. */
  private void checkKeys() {
    try (Jedis client = connect(redis)) {
      for (String key : client.keys("video_queue:job:*")) {
        if (client.ttl(key) < 0) {
          errors.add("%s stays for ever: %s".formatted(key, client.hgetAll(key)));
        }
      }
    }
  }

  // capture

  private void send(SplittableRandom own) throws InterruptedException {
    List<Sent> sent = new ArrayList<>();
    while (sending.get() || !sent.isEmpty()) {
      try {
        if (sending.get() && numbers.get() - logged.size() < MAX_WAITING) {
          Job job = Job.forFile("clip-" + numbers.incrementAndGet());
          history.clip(job.filename());
          outbox.put(job.filename(), job);
          sent.add(new Sent(job, 0));
        }
        for (var each = sent.listIterator(); each.hasNext(); ) {
          Sent one = each.next();
          if (one.nanos() == 0) {
            each.set(sendNow(one.job()));
          }
        }
        confirm(sent);
        Thread.sleep(numbers.get() - logged.size() < MAX_WAITING ? 0 : 1);
      } catch (QueueUnavailableException e) {
        Thread.sleep(own.nextInt(20));
      }
    }
  }

  private Sent sendNow(Job job) {
    Call call = history.call();
    if (queue.enqueue(job)) {
      call.answered(Kind.QUEUED, job.id(), null);
    }
    return new Sent(job, System.nanoTime());
  }

  private void confirm(List<Sent> sent) {
    for (var each = sent.listIterator(); each.hasNext(); ) {
      Sent one = each.next();
      if (System.nanoTime() - one.nanos() > CONFIRMATION_DELAY.toNanos()) {
        Call call = history.call();
        if (queue.enqueue(one.job())) {
          call.answered(Kind.QUEUED, one.job().id(), null);
          each.set(new Sent(one.job(), System.nanoTime()));
        } else {
          outbox.remove(one.job().filename());
          each.remove();
        }
      }
    }
  }

  private void queueLostClips(SplittableRandom own) throws InterruptedException {
    Set<String> suspects = Set.of();
    while (working.get()) {
      try {
        Set<String> missing = new HashSet<>();
        for (int number = numbers.get(); number > 0; number--) {
          String clip = "clip-" + number;
          if (!history.hasLine(clip) && !outbox.containsKey(clip)) {
            missing.add(clip);
          }
        }
        if (!missing.isEmpty()) {
          queue.mend();
          queue.forEachOpenJob(status -> missing.remove(status.job().filename()));
          missing.removeIf(history::hasLine);
        }
        for (String clip : missing) {
          if (suspects.contains(clip)) {
            queuedAgain.incrementAndGet();
            sendNow(Job.forFile(clip));
          }
        }
        suspects = missing;
      } catch (QueueUnavailableException e) {
        // next time
      }
      Thread.sleep(queue.mendInterval().toMillis());
    }
  }

  // workers

  private void work(SplittableRandom own) throws InterruptedException {
    String consumer = newConsumer();
    while (working.get()) {
      try {
        Call call = history.call();
        Optional<Delivery> taken = queue.take(consumer, TAKE_TIMEOUT);
        if (taken.isPresent()) {
          call.answered(Kind.TAKEN, taken.get().job().id(), taken.get());
          if (!handle(taken.get(), own)) {
            consumers.remove(consumer);
            consumer = newConsumer();
          }
        }
      } catch (QueueUnavailableException e) {
        Thread.sleep(own.nextInt(20));
      }
    }
  }

  private String newConsumer() {
    String consumer = "worker-" + consumerNumbers.incrementAndGet();
    consumers.add(consumer);
    return consumer;
  }

  /** Works on a job; false if the worker dies. */
  private boolean handle(Delivery delivery, SplittableRandom own) throws InterruptedException {
    Job job = delivery.job();
    if (logged.contains(job.id())) {
      end(delivery, own.nextInt(4) > 0);
      return true;
    }
    int what = own.nextInt(100);
    if (what < 4) {
      if (own.nextBoolean()) {
        history.call();
        queue.abandon(delivery.consumer());
      }
      return false; // dies before the line
    }
    if (what < 6) {
      Thread.sleep(LEASE.toMillis() + own.nextInt(200)); // stalls, and does not know
      renew(delivery, own);
      end(delivery, true);
      return true;
    }
    for (int renewals = own.nextInt(3); renewals > 0; renewals--) {
      if (!renew(delivery, own)) {
        return true;
      }
    }
    if (delivery.attempt() <= queue.settings().maxAttempts() && what < 20) {
      Call call = history.call();
      boolean done =
          what < 10
              ? queue.release(delivery)
              : queue.retry(delivery, "not yet", Duration.ofMillis(own.nextInt(300)));
      if (done) {
        call.answered(Kind.RETRIED, job.id(), delivery);
      }
      return true;
    }
    line(job);
    if (what < 22) {
      return false; // dies between the line and the end
    }
    end(delivery, what < 90);
    return true;
  }

  private boolean renew(Delivery delivery, SplittableRandom own) {
    Call call = history.call();
    boolean held = queue.renew(delivery, own.nextDouble());
    if (held) {
      call.answered(Kind.RENEWED, delivery.job().id(), delivery);
    }
    return held;
  }

  private void line(Job job) {
    if (logged.add(job.id())) {
      history.line(job.filename());
    }
  }

  private void end(Delivery delivery, boolean well) {
    if (!logged.contains(delivery.job().id())) {
      return; // a worker that stalled has lost its lease, or drops the job
    }
    Call call = history.call();
    if (well ? queue.finish(delivery, "{}") : queue.fail(delivery, "no video", "{}")) {
      call.answered(Kind.SETTLED, delivery.job().id(), delivery);
    }
  }

  // faults

  private QueueFault fault() {
    int left = random.nextInt(Stream.of(QueueFault.values()).mapToInt(fault -> fault.weight).sum());
    for (QueueFault fault : QueueFault.values()) {
      left -= fault.weight;
      if (left < 0) {
        return fault;
      }
    }
    throw new AssertionError("weights are positive");
  }

  private void inject(QueueFault fault) throws IOException, InterruptedException {
    faults.merge(fault, 1, Integer::sum);
    if (fault.losesData) {
      history.lose();
    }
    try (Jedis client = connect(redis)) {
      switch (fault) {
        case CONSUMERS_DELETED -> {
          for (String consumer : consumers) {
            if (random.nextBoolean()) {
              client.xgroupDelConsumer("video_queue", "workers", consumer);
            }
          }
        }
        case STREAM_TRIMMED -> client.xtrim("video_queue", random.nextInt(5), false);
        case ENTRY_DELETED ->
            client
                .xrange("video_queue", "-", "+", 1 + random.nextInt(20))
                .forEach(entry -> client.xdel("video_queue", entry.getID()));
        case STREAM_DELETED -> client.del("video_queue");
        case RETRIES_DELETED -> client.del("video_queue:retry");
        case GROUP_DESTROYED -> client.xgroupDestroy("video_queue", "workers");
        case HASH_DELETED ->
            client.del(client.keys("video_queue:job:*").stream().findAny().orElse("none"));
        case CLIENTS_DISCONNECTED ->
            client.clientKill(new ClientKillParams().type(ClientType.NORMAL));
        case FLUSHED -> client.flushAll();
        case FAILOVER -> failOver(client);
        case KILLED, POWER_CUT -> restart(fault == QueueFault.POWER_CUT);
      }
    } catch (JedisException e) {
      // the stream is missing after another fault
    }
    if (fault.losesData) {
      history.lose();
    }
  }

  /** The address of the primary goes to a replica that knows nothing of the last moments. */
  private void failOver(Jedis client) throws InterruptedException {
    try (Jedis other = connect(replica)) {
      follow(other, redis);
      other.replicaofNoOne();
      Thread.sleep(random.nextInt(1500));
      follow(client, replica);
      client.replicaofNoOne();
    }
  }

  private static void follow(Jedis replica, EmbeddedRedis primary) throws InterruptedException {
    try (Jedis client = connect(primary)) {
      client.configSet("repl-diskless-sync-delay", "0");
    }
    replica.configSet("masterauth", primary.environment().get("RDS_PSW"));
    replica.replicaof("127.0.0.1", Integer.parseInt(primary.environment().get("RDS_PORT")));
    if (!Polling.await(
        REPLICATION_TIMEOUT, () -> replica.info("replication").contains("master_link_status:up"))) {
      throw new IllegalStateException("the replica does not follow");
    }
  }

  private void restart(boolean powerCut) throws IOException, InterruptedException {
    Map<Path, Long> sizes = powerCut ? sizes() : Map.of();
    Thread.sleep(powerCut ? random.nextInt(1000) : 0);
    redis.process().destroyForcibly();
    if (!Polling.await(REPLICATION_TIMEOUT, () -> !redis.process().isAlive())) {
      throw new IllegalStateException("Redis does not end");
    }
    for (var size : sizes.entrySet()) {
      PowerCut.damage(size.getKey(), size.getValue(), random);
    }
    redis.restart();
  }

  private Map<Path, Long> sizes() throws IOException {
    Map<Path, Long> sizes = new TreeMap<>();
    try (Stream<Path> files = Files.list(data)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".incr.aof")).toList()) {
        sizes.put(file, Files.size(file));
      }
    }
    return sizes;
  }

  private static Jedis connect(EmbeddedRedis redis) {
    Jedis client =
        new Jedis("127.0.0.1", Integer.parseInt(redis.environment().get("RDS_PORT")), 10_000);
    client.auth(redis.environment().get("RDS_PSW"));
    return client;
  }
}
