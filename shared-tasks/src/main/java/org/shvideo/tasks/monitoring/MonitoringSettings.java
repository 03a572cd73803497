package org.shvideo.tasks.monitoring;

import java.util.List;
import java.util.OptionalInt;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;

/** Where health and metrics are served; without a port they are not. */
public record MonitoringSettings(String host, OptionalInt port) {
  private static final Setting<Integer> PORT =
      Setting.integer(
          "METRICS_PORT",
          0,
          "",
          0,
          65_535,
          "Port of `/health` and `/metrics`, for health checks and Prometheus; 0 disables both.");
  private static final Setting<String> HOST =
      Setting.text(
          "METRICS_HOST",
          "127.0.0.1",
          "Address that they listen on: this machine only, or `0.0.0.0` for all that can reach"
              + " it, as in a container.");

  public static List<Setting<?>> all() {
    return List.of(PORT, HOST);
  }

  public static MonitoringSettings from(Settings settings) {
    int port = settings.get(PORT);
    return new MonitoringSettings(
        settings.get(HOST), port == 0 ? OptionalInt.empty() : OptionalInt.of(port));
  }
}
