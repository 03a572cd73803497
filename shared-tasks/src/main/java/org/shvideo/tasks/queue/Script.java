package org.shvideo.tasks.queue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * The changes that take several commands, each a Lua script that Redis runs as one: the header of
 * {@code <name>.lua} beside this class documents its keys, arguments and result. All times are
 * taken from Redis' own clock, so that hosts whose clocks differ agree on leases and delays.
 */
enum Script {
  ENQUEUE("fields"),
  TAKE("readable", "fields", "entries"),
  RENEW,
  FINISH,
  FAIL,
  RETRY("fields"),
  DEPTH,
  OLDEST,
  OPEN("readable"),
  MEND("entries"),
  LEAVE,
  ABANDON;

  private final String text;
  private final String sha1;

  /**
   * @param functions files whose functions stand before the script, for those that share them
   */
  Script(String... functions) {
    var whole = new StringBuilder();
    for (String function : functions) {
      whole.append(load(function + ".lua"));
    }
    text = whole.append(load(name().toLowerCase(Locale.ROOT) + ".lua")).toString();
    sha1 = sha1(text);
  }

  /** Sends the script's hash, and its text only when Redis does not know it, as after a restart. */
  Object run(RedisClient redis, List<String> keys, String... arguments) {
    try {
      return redis.evalsha(sha1, keys, List.of(arguments));
    } catch (JedisNoScriptException e) {
      return redis.eval(text, keys, List.of(arguments));
    }
  }

  private static String load(String name) {
    try (InputStream in = Script.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha1(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
