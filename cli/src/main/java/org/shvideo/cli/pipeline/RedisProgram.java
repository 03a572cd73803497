package org.shvideo.cli.pipeline;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.embedded.RedisExecProvider;

/**
 * The program of the {@linkplain EmbeddedRedis embedded Redis}: an installed Valkey or Redis, which
 * the system's updates keep current, or else the one that comes with this product. Immutable.
 *
 * @param name {@code Valkey} or {@code Redis}
 * @param version as {@code 9.0.1}
 * @param installed where it is; null for the built-in one
 */
public record RedisProgram(String name, String version, Path installed) {
  static final Setting<String> SETTING =
      Setting.text(
          "REDIS_SERVER",
          "",
          "The server that `run` and `notebooks` start: a path, or `builtin`. Default: an installed"
              + " `valkey-server` or `redis-server` that is not older than the built-in one, else"
              + " that.");

  private static final Logger log = LoggerFactory.getLogger(RedisProgram.class);
  private static final String BUILT_IN_VERSION = RedisExecProvider.redisVersion;
  private static final RedisProgram BUILT_IN = new RedisProgram("Redis", BUILT_IN_VERSION, null);
  private static final Pattern TOLD = Pattern.compile("(Valkey|Redis) server v=(\\d[\\d.]*).*");
  private static final long TIMEOUT_SECONDS = 5;

  /**
   * The program to start.
   *
   * @param settings with {@code REDIS_SERVER} and {@code PATH}
   * @throws UserException when {@code REDIS_SERVER} names none that can be used
   */
  public static RedisProgram choose(Settings settings) {
    String wanted = settings.get(SETTING);
    if (wanted.equals("builtin")) {
      return BUILT_IN;
    }
    if (!wanted.isEmpty()) {
      return probe(Path.of(wanted))
          .orElseThrow(
              () ->
                  new UserException(
                      "REDIS_SERVER names %s, which is no Valkey or Redis server of version %s or later. Correct it, or set it to builtin."
                          .formatted(wanted, BUILT_IN_VERSION)));
    }
    String[] folders = settings.environment().getOrDefault("PATH", "").split(File.pathSeparator);
    return Stream.of("valkey-server", "redis-server")
        .flatMap(name -> Arrays.stream(folders).map(folder -> Path.of(folder, name)))
        .flatMap(file -> probe(file).stream())
        .findFirst()
        .orElse(BUILT_IN);
  }

  /** What the program says of itself; empty if it is none, or older than the built-in one. */
  private static Optional<RedisProgram> probe(Path file) {
    if (!Files.isExecutable(file)) {
      return Optional.empty();
    }
    try {
      Process process =
          new ProcessBuilder(file.toString(), "--version").redirectErrorStream(true).start();
      try (InputStream output = process.getInputStream()) {
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
          return Optional.empty();
        }
        Matcher told =
            TOLD.matcher(new String(output.readNBytes(1000), StandardCharsets.UTF_8).strip());
        return told.matches()
                && Version.parse(told.group(2)).compareTo(Version.parse(BUILT_IN_VERSION)) >= 0
            ? Optional.of(new RedisProgram(told.group(1), told.group(2), file.toAbsolutePath()))
            : Optional.empty();
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      log.debug("Cannot run {}: {}", file, e.getMessage());
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** The built-in one, in place of this. */
  static RedisProgram builtIn() {
    return BUILT_IN;
  }

  /** Whether it is the one that comes with this product. */
  public boolean isBuiltIn() {
    return installed == null;
  }

  /** As {@code Valkey 9.0.1 (/usr/bin/valkey-server)}. */
  @Override
  public String toString() {
    return "%s %s (%s)".formatted(name, version, isBuiltIn() ? "built-in" : installed);
  }

  /**
   * The file to execute. The built-in program is unpacked once, to {@code ~/.cache/sh-video}.
   *
   * @param folder for the built-in program where the user has no home
   */
  Path executable(Path folder) throws IOException {
    return isBuiltIn() ? unpack(folder) : installed;
  }

  private static Path unpack(Path folder) throws IOException {
    String system = System.getProperty("os.name").startsWith("Mac") ? "darwin" : "linux";
    String machine = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    String name = "redis-server-%s-%s-%s".formatted(BUILT_IN_VERSION, system, machine);
    byte[] program;
    try (InputStream in = RedisExecProvider.class.getResourceAsStream("/" + name)) {
      program = in.readAllBytes();
    }
    Path cache = Path.of(System.getProperty("user.home"), ".cache", "sh-video");
    try {
      Files.createDirectories(cache);
    } catch (IOException e) {
      cache = folder;
    }
    Path file = cache.resolve(name);
    if (!Files.isExecutable(file) || !Arrays.equals(Files.readAllBytes(file), program)) {
      Path unpacked = Files.createTempFile(cache, name, ".new"); // for the user only
      Files.write(unpacked, program);
      if (!unpacked.toFile().setExecutable(true)) {
        log.debug("Cannot make {} executable", unpacked);
      }
      Files.move(unpacked, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return file;
  }
}
