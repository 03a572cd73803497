package org.shvideo.tasks.queue;

import java.lang.module.ModuleDescriptor.Version;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a Redis tells of itself.
 *
 * @param name as {@code Redis 7.2.4} or {@code Valkey 9.0.1}
 * @param version of Redis, as {@code 7.2.4}; Valkey tells the one that it is compatible with
 * @param appendOnly whether its data outlives a restart
 * @param maxMemory bytes it may hold; 0 for no limit
 * @param usedMemory bytes it holds
 * @param evictionPolicy what it does when full; {@code noeviction} alone loses no job
 * @param replica whether it is one, which takes no jobs
 */
public record RedisServer(
    String name,
    String version,
    boolean appendOnly,
    long maxMemory,
    long usedMemory,
    String evictionPolicy,
    boolean replica) {
  private static final Version MIN_VERSION = Version.parse("6.2");

  /** From what {@code INFO} answers. */
  static RedisServer of(String info) {
    Map<String, String> told =
        info.lines()
            .map(line -> line.split(":", 2))
            .filter(parts -> parts.length == 2)
            .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1].strip(), (a, b) -> b));
    String version = told.getOrDefault("redis_version", "unknown");
    String valkey = told.get("valkey_version");
    return new RedisServer(
        valkey == null ? "Redis " + version : "Valkey " + valkey,
        version,
        told.getOrDefault("aof_enabled", "0").equals("1"),
        Long.parseLong(told.getOrDefault("maxmemory", "0")),
        Long.parseLong(told.getOrDefault("used_memory", "0")),
        told.getOrDefault("maxmemory_policy", "unknown"),
        told.getOrDefault("role", "").equals("slave"));
  }

  /** Whether it is 6.2 or newer, as the queue needs; true if its version is not understood. */
  public boolean newEnough() {
    try {
      return Version.parse(version).compareTo(MIN_VERSION) >= 0;
    } catch (IllegalArgumentException e) {
      return true;
    }
  }
}
