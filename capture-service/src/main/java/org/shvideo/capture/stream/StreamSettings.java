package org.shvideo.capture.stream;

import java.time.Duration;
import java.util.List;
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
      Setting.choice(
          "RTSP_TRANSPORT",
          Transport.AUTO,
          "Transport of RTSP media: `tcp`, `udp`, or `auto`: TCP, and UDP if the camera refuses"
              + " TCP.");
  private static final Setting<Duration> TIMEOUT =
      Setting.seconds(
          "CAMERA_TIMEOUT",
          10,
          1,
          300,
          "A camera that does not respond or send video for this long is disconnected.");

  private static final Duration USUAL_SNAPSHOT_INTERVAL = Duration.ofSeconds(1);

  /** Clips have at least a frame every ten seconds. */
  private static final Setting<Duration> SNAPSHOT_INTERVAL =
      Setting.seconds(
          "SNAPSHOT_INTERVAL",
          USUAL_SNAPSHOT_INTERVAL.toMillis() / 1e3,
          0.1,
          10,
          "A camera that answers each request with a single picture is asked for one this often.");

  /** Which certificates are accepted. */
  public static final Setting<Trust> TLS =
      new Setting<>(
          "RTSP_TLS",
          Trust.VERIFY.rule(),
          "",
          "Which certificate a camera of `rtsps://` or `https://` may show: `verify`: one that Java"
              + " trusts, for the camera's host name; the SHA-256 fingerprint of the camera's own,"
              + " which `doctor` prints; `off`: any, so that the password goes to whoever answers.",
          Trust::parse);

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

  public static StreamSettings from(Settings settings) {
    return new StreamSettings(
        settings.get(TRANSPORT),
        settings.get(TIMEOUT),
        settings.get(SNAPSHOT_INTERVAL),
        settings.get(TLS));
  }
}
