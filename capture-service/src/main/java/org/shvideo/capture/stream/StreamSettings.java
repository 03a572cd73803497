package org.shvideo.capture.stream;

import java.time.Duration;
import java.util.List;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;

/**
 * How streams are opened and read.
 *
 * @param timeout for opening, and for each further packet
 */
public record StreamSettings(Transport transport, Duration timeout) {

  public enum Transport {
    /** Inside the RTSP connection: loses nothing and passes firewalls. */
    TCP,
    /** In separate datagrams: for cameras that support nothing else. */
    UDP
  }

  private static final Setting<Transport> TRANSPORT =
      Setting.choice("RTSP_TRANSPORT", Transport.TCP, "Transport of RTSP media: `tcp` or `udp`.");
  private static final Setting<Duration> TIMEOUT =
      Setting.seconds(
          "CAMERA_TIMEOUT",
          10,
          1,
          300,
          "A camera that does not respond or send video for this long is disconnected.");

  public static List<Setting<?>> all() {
    return List.of(TRANSPORT, TIMEOUT);
  }

  public static StreamSettings from(Settings settings) {
    return new StreamSettings(settings.get(TRANSPORT), settings.get(TIMEOUT));
  }
}
