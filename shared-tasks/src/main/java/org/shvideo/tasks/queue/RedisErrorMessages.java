package org.shvideo.tasks.queue;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;
import org.shvideo.tasks.settings.Masking;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** Says in a user's words what went wrong with Redis, and what to do about it. */
final class RedisErrorMessages {

  /**
   * What Redis' error codes mean; found anywhere, because 6.2 wraps those of a script's commands.
   */
  private enum Refusal {
    NOAUTH("wants a password: set RDS_PSW"),
    WRONGPASS("refused the password: check RDS_PSW"),
    NOPERM("does not let this user do what the queue needs: check its access rules"),
    NOPERM_IN_SCRIPT("can't run this command", NOPERM.sentence),
    DENIED("is in protected mode: give it a password (requirepass) and set RDS_PSW"),
    LOADING("is still loading its data: it will be ready soon"),
    CROSSSLOT("is a cluster, in which the queue does not work: RDS_HOST must name a single Redis"),
    MOVED("MOVED ", CROSSSLOT.sentence),
    READONLY("is a read-only replica: RDS_HOST must name the primary"),
    MASTERDOWN("is a replica that lost its primary: RDS_HOST must name the primary"),
    OOM("is out of memory: raise its maxmemory"),
    MISCONF("cannot save to its disk and so accepts no changes: see its log, check the disk"),
    BUSY("BUSY ", "is busy with a script of someone else's: SCRIPT KILL ends it"),
    MAX_CLIENTS("max number of clients", "has too many clients: raise its maxclients"),
    WRONGTYPE(
        "holds something else under the queue's name, such as another program's queue:"
            + " choose another RDSQ_OUTMSG"),
    TOO_OLD("nknown command", "is too old: it must be 6.2 or newer"),
    TOO_OLD_IN_SCRIPT("Unknown Redis command", "is too old: it must be 6.2 or newer");

    final String mark;
    final String sentence;

    Refusal(String sentence) {
      this.mark = name();
      this.sentence = sentence;
    }

    Refusal(String mark, String sentence) {
      this.mark = mark;
      this.sentence = sentence;
    }
  }

  private RedisErrorMessages() {}

  static QueueUnavailableException of(JedisException e, QueueSettings settings) {
    return new QueueUnavailableException(
        "Redis at "
            + Masking.mask(settings.host())
            + ":"
            + settings.port()
            + " "
            + Masking.mask(sentence(e)),
        e);
  }

  private static String sentence(JedisException e) {
    List<Throwable> all = all(e).toList();
    for (Throwable each : all) {
      if (each instanceof JedisDataException) {
        for (Refusal refusal : Refusal.values()) {
          if (String.valueOf(each.getMessage()).contains(refusal.mark)) {
            return refusal.sentence;
          }
        }
      } else if (each instanceof UnknownHostException) {
        return "cannot be found: there is no such host, check RDS_HOST";
      } else if (each instanceof SocketTimeoutException) {
        return "does not answer: check RDS_HOST, RDS_PORT and whether the machine is up";
      } else if (each instanceof ConnectException) {
        return "refuses the connection: check that it runs, and RDS_HOST and RDS_PORT";
      }
    }
    return e instanceof JedisConnectionException
        ? "broke off the connection: "
            + e.getMessage()
            + " If RDS_PORT is its port for TLS, give the one without"
        : "failed: " + e.getMessage();
  }

  /** With causes, and what Jedis met at each address of a host, which it adds as suppressed. */
  private static Stream<Throwable> all(Throwable e) {
    return e == null
        ? Stream.empty()
        : Stream.concat(
            Stream.of(e),
            Stream.concat(
                Stream.of(e.getSuppressed()).flatMap(RedisErrorMessages::all), all(e.getCause())));
  }
}
