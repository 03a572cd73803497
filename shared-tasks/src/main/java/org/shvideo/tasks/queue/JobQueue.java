package org.shvideo.tasks.queue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.job.JobStatus;
import org.shvideo.tasks.json.Json;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.XReadParams;

/**
 * The queue. Every method throws {@link QueueUnavailableException} when Redis cannot serve it, at
 * the latest some seconds after Redis stopped responding. Nothing is lost then, and the call may be
 * repeated on the same object. Thread-safe.
 *
 * <p>Methods that take a delivery return false, and change nothing, if its lease was lost or it was
 * settled before. Needs a single Redis, 6.2 or newer, not a cluster: scripts find the keys of jobs
 * by themselves.
 */
public final class JobQueue implements AutoCloseable {
  /** The longest delay until an interrupt or an expired lease is noticed. */
  private static final Duration MAX_BLOCK_TIME = Duration.ofSeconds(1);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration MAX_CONSUMER_IDLE = Duration.ofDays(1);
  private static final Duration MAX_MEND_INTERVAL = Duration.ofMinutes(2);
  private static final int MAX_CONNECTIONS = 16;

  /** How many jobs a script looks at, which takes Redis some milliseconds. */
  private static final int PAGE = 500;

  private static final Pattern ENTRY = Pattern.compile("\\d{1,19}-\\d{1,19}");

  private final QueueSettings settings;
  private final QueueKeys keys;
  private final RedisClient redis;

  /** Consumers whose last call failed: they may hold a job without knowing, or one that ended. */
  private final Set<String> unconfirmed = ConcurrentHashMap.newKeySet();

  /** {@link System#nanoTime} of the next {@link #mend}. */
  private final AtomicLong mendNanos = new AtomicLong();

  /** Opens no connection yet: Redis may come later. */
  public JobQueue(QueueSettings settings) {
    this.settings = settings;
    this.keys = new QueueKeys(settings.queue());
    this.redis = client(settings);
    mendNanos.set(System.nanoTime() + mendInterval().toNanos());
  }

  public QueueSettings settings() {
    return settings;
  }

  /** Returns when Redis responded. Tells a wrong address or password from an empty queue. */
  public void ping() {
    call(redis::ping);
  }

  /** The properties of the Redis server. */
  public RedisServer server() {
    return RedisServer.of(call(() -> redis.info()));
  }

  /** Adds the job unless its id is already known; returns whether it was added now. */
  public boolean enqueue(Job job) {
    return applied(
        Script.ENQUEUE,
        List.of(keys.stream(), keys.job(job.id())),
        job.id(),
        job.filename(),
        job.camera() == null ? "" : job.camera(),
        job.recordedAt() == null ? "" : Json.formatTime(job.recordedAt()));
  }

  /**
   * Takes a job under a lease: first one whose lease expired, then the oldest that waits. Retries
   * that are due are appended to those that wait. A job that was taken {@code maxAttempts} times
   * already is returned too, with an attempt above that number, so that the caller can log and
   * {@link #fail} it.
   *
   * <p>A consumer works on one job at a time. After a call of its that failed, what it holds is
   * delivered first, as the same attempt: Redis may have given it a job whose delivery got lost on
   * the way, or could not be told how a job ended.
   *
   * @param consumer the worker's name, unique among all workers
   * @param wait how long to wait for one
   * @return empty when none came, or when the thread was interrupted, which is noticed within a
   *     second and leaves its interrupt flag set
   */
  public Optional<Delivery> take(String consumer, Duration wait) {
    long deadline = System.nanoTime() + wait.toNanos();
    while (!Thread.currentThread().isInterrupted()) {
      List<?> answer = takeNow(consumer);
      if (answer.size() > 2) {
        return Optional.of(delivery(consumer, answer));
      }
      long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      if (left <= 0) {
        return Optional.empty();
      }
      awaitEntry((long) answer.get(0), left, (String) answer.get(1));
    }
    return Optional.empty();
  }

  /**
   * Queues each open job again whose entry is gone because somebody trimmed or deleted the stream
   * or the retry schedule, with its id and its attempts. {@link #take} does it by itself every
   * {@link #mendInterval}. Reads the hashes of all jobs, in pages.
   *
   * @return how many were queued again
   */
  public long mend() {
    String cursor = "0";
    long mended = 0;
    do {
      List<?> answer =
          list(
              Script.MEND,
              List.of(keys.stream(), keys.retry()),
              QueueKeys.GROUP,
              keys.jobPrefix(),
              cursor,
              Integer.toString(PAGE),
              resultTtlMillis());
      cursor = (String) answer.get(0);
      mended += (long) answer.get(1);
    } while (!cursor.equals("0"));
    return mended;
  }

  /** How often lost jobs are looked for: every four leases, and every two minutes at least. */
  public Duration mendInterval() {
    Duration interval = settings.lease().multipliedBy(4);
    return interval.compareTo(MAX_MEND_INTERVAL) < 0 ? interval : MAX_MEND_INTERVAL;
  }

  private void mendIfDue() {
    long due = mendNanos.get();
    long now = System.nanoTime();
    if (now - due >= 0 && mendNanos.compareAndSet(due, now + mendInterval().toNanos())) {
      mend();
    }
  }

  private List<?> takeNow(String consumer) {
    mendIfDue();
    boolean again = unconfirmed.contains(consumer);
    unconfirmed.add(consumer);
    List<?> answer =
        list(
            Script.TAKE,
            List.of(keys.stream(), keys.retry()),
            QueueKeys.GROUP,
            consumer,
            Long.toString(settings.lease().toMillis()),
            keys.jobPrefix(),
            again ? "1" : "0");
    unconfirmed.remove(consumer);
    return answer;
  }

  /**
   * Renews the lease and reports the progress, 0 to 1. If it was lost, the work should be dropped.
   */
  public boolean renew(Delivery delivery, double progress) {
    return change(Script.RENEW, List.of(), delivery, Double.toString(progress));
  }

  /** Settles the delivery as finished, with the log's line as JSON. */
  public boolean finish(Delivery delivery, String result) {
    return change(Script.FINISH, List.of(), delivery, resultTtlMillis(), result);
  }

  /**
   * Settles the delivery as failed for good, with the log's line as JSON: the job goes to the dead
   * letters.
   */
  public boolean fail(Delivery delivery, String error, String result) {
    return change(Script.FAIL, List.of(keys.dead()), delivery, resultTtlMillis(), result, error);
  }

  /** Settles the delivery as failed for now: the job comes back after the delay. */
  public boolean retry(Delivery delivery, String error, Duration delay) {
    return retry(delivery, error, delay, "1");
  }

  /** Gives the job back, as when the worker stops: the attempt does not count. */
  public boolean release(Delivery delivery) {
    return retry(delivery, "its worker stopped", Duration.ZERO, "0");
  }

  private boolean retry(Delivery delivery, String error, Duration delay, String attempts) {
    String millis = Long.toString(delay.toMillis());
    String job = delivery.job().id();
    return change(Script.RETRY, List.of(keys.retry()), delivery, job, error, millis, attempts);
  }

  /** Empty when the id is unknown or its status has expired. */
  public Optional<JobStatus> status(String jobId) {
    Map<String, String> hash = call(() -> redis.hgetAll(keys.job(jobId)));
    if (!hash.isEmpty()) {
      return Optional.of(new JobFields(hash).status());
    }
    if (!ENTRY.matcher(jobId).matches()) {
      return Optional.empty();
    }
    return call(() -> redis.xrange(keys.stream(), jobId, jobId)).stream()
        .map(entry -> JobFields.waiting(jobId, entry.getFields()).status())
        .findFirst();
  }

  public QueueDepth depth() {
    List<?> counts =
        list(Script.DEPTH, List.of(keys.stream(), keys.retry(), keys.dead()), QueueKeys.GROUP);
    return new QueueDepth(
        (long) counts.get(0), (long) counts.get(1), (long) counts.get(2), (long) counts.get(3));
  }

  /** How long the oldest job that waits has waited since it was queued; empty when none waits. */
  public Optional<Duration> oldestWaiting() {
    long millis = (long) run(Script.OLDEST, List.of(keys.stream()), QueueKeys.GROUP);
    return millis < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
  }

  /**
   * Jobs not yet ended, in the order in which they are served: those started, those waiting, then
   * those to be retried by the time they are due. Read in pages, so that Redis serves others
   * meanwhile: one that ends while the list is read may be missing or be in it.
   */
  public List<JobStatus> openJobs(int limit) {
    Map<String, JobStatus> jobs = new LinkedHashMap<>();
    readOpenJobs(limit, status -> jobs.put(status.job().id(), status));
    return List.copyOf(jobs.values());
  }

  /** Passes on all jobs not yet ended, as {@link #openJobs}; one may come twice. */
  public void forEachOpenJob(Consumer<JobStatus> action) {
    readOpenJobs(Integer.MAX_VALUE, action);
  }

  private void readOpenJobs(int limit, Consumer<JobStatus> action) {
    int[] left = {limit};
    String next = readStream("-", left, action);
    if (left[0] > 0) {
      List<String> ids = call(() -> redis.zrange(keys.retry(), 0, left[0] - 1L));
      for (int from = 0; from < ids.size(); from += PAGE) {
        readPage("", ids.subList(from, Math.min(ids.size(), from + PAGE)), left, action);
      }
      readStream(next, left, action); // retries that became due in between
    }
  }

  /** Reads from the first entry as of XRANGE on; returns the first to be read next. */
  private String readStream(String first, int[] left, Consumer<JobStatus> action) {
    String from = first;
    int read = PAGE;
    while (read == PAGE && left[0] > 0) {
      List<?> page = readPage(from, List.of(), left, action);
      read = page.size();
      from = read == 0 ? from : "(" + ((List<?>) page.get(read - 1)).get(0);
    }
    return from;
  }

  private List<?> readPage(String first, List<String> ids, int[] left, Consumer<JobStatus> action) {
    List<String> arguments =
        new ArrayList<>(
            List.of(keys.jobPrefix(), first, Integer.toString(Math.min(PAGE, left[0]))));
    arguments.addAll(ids);
    List<?> page = list(Script.OPEN, List.of(keys.stream()), arguments.toArray(String[]::new));
    for (Object parts : page) {
      JobStatus status = openJob((List<?>) parts);
      if (!status.job().id().isEmpty() && status.ended() == null) {
        left[0]--;
        action.accept(status);
      }
    }
    return page;
  }

  private static JobStatus openJob(List<?> parts) {
    JobFields hash = JobFields.of((List<?>) parts.get(2));
    JobFields message = JobFields.of((List<?>) parts.get(1));
    return hash.fields().isEmpty()
        ? JobFields.waiting((String) parts.get(0), message.fields()).status()
        : hash.status();
  }

  /** The latest dead letters, newest first. */
  public List<DeadLetter> deadLetters(int limit) {
    return call(() -> redis.xrevrange(keys.dead(), "+", "-", limit)).stream()
        .map(entry -> new JobFields(entry.getFields()).deadLetter())
        .toList();
  }

  /**
   * Removes a consumer that holds no job; for a worker that stops. Also removes consumers that hold
   * no job and were inactive for a day.
   */
  public void leave(String consumer) {
    run(
        Script.LEAVE,
        List.of(keys.stream()),
        QueueKeys.GROUP,
        consumer,
        Long.toString(MAX_CONSUMER_IDLE.toMillis()));
  }

  /**
   * Ends the leases of a consumer that has died, for whoever knows that it has: its job is taken
   * next, as another attempt, without waiting until its lease expires.
   */
  public void abandon(String consumer) {
    run(
        Script.ABANDON,
        List.of(keys.stream()),
        QueueKeys.GROUP,
        consumer,
        Long.toString(settings.lease().toMillis()));
  }

  @Override
  public void close() {
    redis.close();
  }

  private static RedisClient client(QueueSettings settings) {
    var config =
        DefaultJedisClientConfig.builder()
            .resp2()
            .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
            .connectionTimeoutMillis((int) CONNECT_TIMEOUT.toMillis())
            .socketTimeoutMillis((int) REPLY_TIMEOUT.toMillis())
            .blockingSocketTimeoutMillis((int) MAX_BLOCK_TIME.plus(REPLY_TIMEOUT).toMillis());
    if (!settings.password().isEmpty()) {
      config.password(settings.password().value());
    }
    var pool = new GenericObjectPoolConfig<Connection>();
    pool.setMaxTotal(MAX_CONNECTIONS);
    pool.setMaxIdle(2);
    pool.setMaxWait(REPLY_TIMEOUT);
    // An idle connection may have died with a restart of Redis, or silently in a firewall.
    pool.setTestOnBorrow(true);
    pool.setJmxEnabled(false);
    return RedisClient.builder()
        .hostAndPort(settings.host(), settings.port())
        .clientConfig(config.build())
        .poolConfig(pool)
        .build();
  }

  private static Delivery delivery(String consumer, List<?> answer) {
    var fields =
        JobFields.of(
            List.of(
                "id",
                answer.get(2),
                "filename",
                answer.get(3),
                "camera",
                answer.get(4),
                "recorded_at",
                answer.get(5)));
    return new Delivery(
        (String) answer.get(0), consumer, fields.job(), Math.toIntExact((long) answer.get(1)));
  }

  /**
   * Waits for an entry without taking it, so that a job is taken and its attempt counted in one
   * step. All idle workers wake up; one gets it.
   */
  private void awaitEntry(long untilRetry, long left, String last) {
    long block = Math.min(left, MAX_BLOCK_TIME.toMillis());
    if (untilRetry >= 0) {
      block = Math.min(block, untilRetry);
    }
    if (block > 0) { // to Redis 0 means for ever
      var parameters = XReadParams.xReadParams().count(1).block((int) block);
      call(() -> redis.xread(parameters, Map.of(keys.stream(), new StreamEntryID(last))));
    }
  }

  private boolean change(
      Script script, List<String> moreKeys, Delivery delivery, String... moreArguments) {
    List<String> allKeys = new ArrayList<>(List.of(keys.stream(), keys.job(delivery.job().id())));
    allKeys.addAll(moreKeys);
    List<String> arguments =
        new ArrayList<>(List.of(QueueKeys.GROUP, delivery.consumer(), delivery.entry()));
    arguments.addAll(List.of(moreArguments));
    try {
      return applied(script, allKeys, arguments.toArray(String[]::new));
    } catch (QueueUnavailableException e) {
      unconfirmed.add(delivery.consumer());
      throw e;
    }
  }

  private String resultTtlMillis() {
    return Long.toString(settings.resultTtl().toMillis());
  }

  private boolean applied(Script script, List<String> scriptKeys, String... arguments) {
    return (long) run(script, scriptKeys, arguments) == 1;
  }

  private List<?> list(Script script, List<String> scriptKeys, String... arguments) {
    return (List<?>) run(script, scriptKeys, arguments);
  }

  private Object run(Script script, List<String> scriptKeys, String... arguments) {
    return call(() -> script.run(redis, scriptKeys, arguments));
  }

  private <T> T call(Supplier<T> command) {
    try {
      return command.get();
    } catch (JedisConnectionException e) {
      redis.getPool().clear(); // the others are most likely dead too
      throw RedisErrorMessages.of(e, settings);
    } catch (JedisException e) {
      throw RedisErrorMessages.of(e, settings);
    }
  }
}
