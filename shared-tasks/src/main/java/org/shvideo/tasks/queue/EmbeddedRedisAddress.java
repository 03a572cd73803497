package org.shvideo.tasks.queue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;

/**
 * Where the Redis is that a running {@code ./sh-video} embeds for a video folder: a file beside its
 * data, readable by the user alone, so that whoever knows the folder finds the queue.
 */
public final class EmbeddedRedisAddress {
  private EmbeddedRedisAddress() {}

  /** The folder of the embedded Redis: its data, its log, its address. */
  public static Path home(VideoFolder folder) {
    return folder.root().resolve(".redis");
  }

  /** The properties {@code RDS_HOST}, {@code RDS_PORT}, {@code RDS_PSW} and {@code pid}. */
  public static Path file(VideoFolder folder) {
    return home(folder).resolve("address.properties");
  }

  /** The address as settings; empty when no Redis runs for this folder. */
  public static Optional<Map<String, String>> find(VideoFolder folder) {
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(file(folder))) {
      properties.load(in);
      long pid = Long.parseLong(properties.getProperty("pid", "-1"));
      if (ProcessHandle.of(pid).isEmpty()) {
        return Optional.empty();
      }
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
    return Optional.of(
        properties.stringPropertyNames().stream()
            .filter(name -> name.startsWith("RDS_"))
            .collect(Collectors.toMap(name -> name, properties::getProperty)));
  }

  /** The settings with this address, unless they name a Redis themselves or none runs here. */
  public static Settings wire(Settings settings, VideoFolder folder) {
    return settings.isSet("RDS_HOST") ? settings : settings.with(find(folder).orElse(Map.of()));
  }
}
