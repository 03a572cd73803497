package org.shvideo.capture.stream;

import java.time.Duration;
import java.util.List;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;

/**
 * How streams are opened and read.
 *
 * @param transport carries RTSP's media
 * @param timeout bounds opening, and the wait for each further packet
 */
public record StreamSettings(Transport transport, Duration timeout) {

  /** What carries an RTSP stream's media. */
  public enum Transport {
    /** Inside the RTSP connection: nothing is lost, passes firewalls. */
    TCP,
    /** In datagrams of their own: for cameras that know nothing else. */
    UDP
  }

  private static final Setting<Transport> TRANSPORT =
      Setting.choice("RTSP_TRANSPORT", Transport.TCP, "What carries RTSP's media: `tcp` or `udp`.");
  private static final Setting<Duration> TIMEOUT =
      Setting.seconds(
          "CAMERA_TIMEOUT",
          10,
          1,
          300,
          "A camera that does not answer, or sends no picture, for this long is unavailable.");

  public static List<Setting<?>> all() {
    return List.of(TRANSPORT, TIMEOUT);
  }

  public static StreamSettings from(Settings settings) {
    return new StreamSettings(settings.get(TRANSPORT), settings.get(TIMEOUT));
  }
}
