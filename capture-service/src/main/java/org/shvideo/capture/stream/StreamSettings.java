package org.shvideo.capture.stream;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;

/**
 * How streams are opened and read.
 *
 * @param timeout for opening, and for each further packet
 */
public record StreamSettings(Transport transport, Duration timeout) {

  public enum Transport {
    /** TCP; UDP on the same connection if the camera refuses TCP. */
    AUTO,
    /** Inside the RTSP connection: loses nothing and passes firewalls. */
    TCP,
    /** In separate datagrams: no packet waits for one that got lost. */
    UDP
  }

  private static final Setting<Transport> TRANSPORT =
      transportSetting("RTSP_TRANSPORT", Transport.AUTO);
  private static final Setting<Duration> TIMEOUT =
      Setting.seconds(
          "CAMERA_TIMEOUT",
          10,
          1,
          300,
          "A camera that does not respond or send video for this long is disconnected.");

  /** Prefix of the settings for the transport of one camera. */
  public static final String TRANSPORT_PREFIX = TRANSPORT.name() + "_";

  public static List<Setting<?>> all() {
    return List.of(TRANSPORT, TIMEOUT);
  }

  /**
   * Reads the settings of one camera: {@code RTSP_TRANSPORT_FRONT_DOOR} overrides {@code
   * RTSP_TRANSPORT} for the camera {@code front-door}.
   */
  public static StreamSettings from(Settings settings, String camera) {
    String own = TRANSPORT_PREFIX + camera.toUpperCase(Locale.ROOT).replace('-', '_');
    Transport all = settings.get(TRANSPORT);
    return new StreamSettings(settings.get(transportSetting(own, all)), settings.get(TIMEOUT));
  }

  private static Setting<Transport> transportSetting(String name, Transport fallback) {
    return Setting.choice(
        name,
        fallback,
        "Transport of RTSP media: `tcp`, `udp`, or `auto`: TCP, and UDP if the camera refuses TCP;"
            + " `RTSP_TRANSPORT_<NAME>` for one camera.");
  }
}
