package org.shvideo.tasks.queue;

/** What keeps a Redis that runs and answers from serving; to be begun and ended while it runs. */
public enum RedisFault {
  PASSWORD_CHANGED("wants a password: set RDS_PSW") {
    @Override
    public void begin(TestRedis redis) {
      redis.changePassword("another");
    }

    @Override
    public void end(TestRedis redis) {
      redis.changePassword("");
    }
  },
  FULL("is out of memory: raise its maxmemory") {
    @Override
    public void begin(TestRedis redis) {
      redis.command("CONFIG", "SET", "maxmemory", "1");
    }

    @Override
    public void end(TestRedis redis) {
      redis.command("CONFIG", "SET", "maxmemory", "0");
    }
  },
  READ_ONLY("is a read-only replica: RDS_HOST must name the primary") {
    @Override
    public void begin(TestRedis redis) {
      redis.command("REPLICAOF", "127.0.0.1", "1");
    }

    @Override
    public void end(TestRedis redis) {
      redis.command("REPLICAOF", "NO", "ONE");
    }
  };

  private final String sentence;

  RedisFault(String sentence) {
    this.sentence = sentence;
  }

  public abstract void begin(TestRedis redis);

  public abstract void end(TestRedis redis);

  /** What a client is told that asks for a change. */
  public String sentence() {
    return sentence;
  }
}
