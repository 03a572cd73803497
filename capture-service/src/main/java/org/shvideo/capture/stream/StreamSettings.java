package org.shvideo.capture.stream;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.shvideo.capture.connection.Trust;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;

/**
 * How streams are opened and read.
 *
 * @param timeout for opening, and for each further packet
 * @param snapshotInterval between pictures of a camera that sends one per request
 * @param trust which certificates the camera may show
 */
public record StreamSettings(
    Transport transport, Duration timeout, Duration snapshotInterval, Trust trust) {

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

  private static final Duration USUAL_SNAPSHOT_INTERVAL = Duration.ofSeconds(1);
  private static final Setting<Duration> SNAPSHOT_INTERVAL =
      snapshotSetting("SNAPSHOT_INTERVAL", USUAL_SNAPSHOT_INTERVAL);

  private static final Setting<Trust> TLS = trustSetting("RTSP_TLS", Trust.VERIFY);

  /** Prefix of the settings for the certificate of one camera. */
  public static final String TLS_PREFIX = TLS.name() + "_";

  /** Prefix of the settings for the transport of one camera. */
  public static final String TRANSPORT_PREFIX = TRANSPORT.name() + "_";

  /** Prefix of the settings for the interval between one camera's pictures. */
  public static final String SNAPSHOT_PREFIX = SNAPSHOT_INTERVAL.name() + "_";

  /** With the usual interval between pictures. */
  public StreamSettings(Transport transport, Duration timeout) {
    this(transport, timeout, USUAL_SNAPSHOT_INTERVAL);
  }

  /** With certificates verified. */
  public StreamSettings(Transport transport, Duration timeout, Duration snapshotInterval) {
    this(transport, timeout, snapshotInterval, Trust.VERIFY);
  }

  public static List<Setting<?>> all() {
    return List.of(TRANSPORT, TIMEOUT, SNAPSHOT_INTERVAL, TLS);
  }

  /**
   * Reads the settings of one camera: {@code RTSP_TRANSPORT_FRONT_DOOR} overrides {@code
   * RTSP_TRANSPORT} for the camera {@code front-door}.
   */
  public static StreamSettings from(Settings settings, String camera) {
    String suffix = camera.toUpperCase(Locale.ROOT).replace('-', '_');
    Transport transport = settings.get(TRANSPORT);
    Duration interval = settings.get(SNAPSHOT_INTERVAL);
    return new StreamSettings(
        settings.get(transportSetting(TRANSPORT_PREFIX + suffix, transport)),
        settings.get(TIMEOUT),
        settings.get(snapshotSetting(SNAPSHOT_PREFIX + suffix, interval)),
        settings.get(trustSetting(TLS_PREFIX + suffix, settings.get(TLS))));
  }

  private static Setting<Trust> trustSetting(String name, Trust fallback) {
    return new Setting<>(
        name,
        fallback.rule(),
        "",
        "Which certificate a camera of `rtsps://` or `https://` may show: `verify`: one that Java"
            + " trusts, for the camera's host name; the SHA-256 fingerprint of the camera's own,"
            + " which `doctor` prints; `off`: any, so that the password goes to whoever answers."
            + " `RTSP_TLS_<NAME>` for one camera.",
        Trust::parse);
  }

  /** Clips have at least a frame every ten seconds. */
  private static Setting<Duration> snapshotSetting(String name, Duration fallback) {
    return Setting.seconds(
        name,
        fallback.toMillis() / 1e3,
        0.1,
        10,
        "A camera that answers each request with a single picture is asked for one this often;"
            + " `SNAPSHOT_INTERVAL_<NAME>` for one camera.");
  }

  private static Setting<Transport> transportSetting(String name, Transport fallback) {
    return Setting.choice(
        name,
        fallback,
        "Transport of RTSP media: `tcp`, `udp`, or `auto`: TCP, and UDP if the camera refuses TCP;"
            + " `RTSP_TRANSPORT_<NAME>` for one camera.");
  }
}
