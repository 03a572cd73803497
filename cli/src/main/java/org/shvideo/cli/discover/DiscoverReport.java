package org.shvideo.cli.discover;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.shvideo.capture.connection.Endpoint;
import org.shvideo.capture.connection.HttpStream;
import org.shvideo.capture.connection.Trust;
import org.shvideo.capture.connection.UntrustedCertificateException;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.settings.Settings;

/** What was found, for people or as JSON. The password is never in it. Not thread-safe. */
final class DiscoverReport {
  private static final long TLS_TIMEOUT_NANOS = 2_000_000_000L;

  private final List<DiscoveredCamera> cameras;
  private final String user;
  private final String password;

  /**
   * Of cameras.
   *
   * @param user null without a login
   * @param password to be left out where a camera repeats it
   */
  DiscoverReport(List<DiscoveredCamera> cameras, String user, String password) {
    this.cameras = cameras;
    this.user = user;
    this.password = password;
  }

  void print(PrintWriter out) {
    for (DiscoveredCamera camera : cameras) {
      print(camera, out);
      out.println();
    }
    if (cameras.stream().anyMatch(camera -> camera.main() != null)) {
      out.println(
          """
          'run' asks for the password. The lines with = belong into a file that only you can read,
          with the password, percent-encoded, in place of PASSWORD.\
          """);
    } else if (!cameras.isEmpty() && user == null) {
      out.println("For their streams: sh-video discover --user NAME");
    }
  }

  private void print(DiscoveredCamera camera, PrintWriter out) {
    FoundDevice device = camera.device();
    String known =
        camera.configuredAs().isEmpty() ? "" : "  (configured as " + camera.configuredAs() + ")";
    out.println(
        "%s  %s  %s%s"
            .formatted(camera.name(), device.address().getHostAddress(), model(camera), known)
            .replaceAll(" +$", ""));
    if (device.service() != null) {
      out.println("    ONVIF  " + address(device.service()));
    }
    for (StreamProfile profile : camera.profiles()) {
      out.printf("    %-6s %s  \"%s\"%n", camera.use(profile), profile, profile.name());
    }
    if (camera.answers().picture() != null) {
      out.println("    photo  " + url(camera.answers().picture(), user));
    }
    device.notes().forEach(note -> out.println("    !      " + note));
    if (camera.main() != null) {
      String url = url(camera.main().stream(), login("").replaceFirst(":$", ""));
      out.println("    ./sh-video run '" + camera.name() + "=" + url + "'");
      settings(camera).forEach((name, value) -> out.println("    " + name + "=" + value));
    }
  }

  private static String model(DiscoveredCamera camera) {
    DeviceInterview.Answers told = camera.answers();
    if (told.make().isEmpty() && told.model().isEmpty()) {
      return camera.device().scope("hardware");
    }
    String firmware = told.firmware().isEmpty() ? "" : " (firmware " + told.firmware() + ")";
    return (told.make() + " " + told.model()).strip() + firmware;
  }

  private static String address(Endpoint service) {
    return service.scheme() + "://" + service.authority() + service.target();
  }

  private String login(String secret) {
    return OnvifClient.encoded(user) + ":" + secret;
  }

  private String url(Endpoint stream, String login) {
    return DiscoveredCamera.url(stream, login, password);
  }

  /** As they stand in an env file. */
  private Map<String, String> settings(DiscoveredCamera camera) {
    Map<String, String> settings = new LinkedHashMap<>();
    Endpoint main = camera.main().stream();
    String suffix = Settings.suffix(camera.name());
    settings.put("RTSP_URL" + suffix, url(main, login("PASSWORD")));
    if (camera.sub() != null) {
      settings.put("DETECT_URL" + suffix, url(camera.sub().stream(), login("PASSWORD")));
    }
    if (main.isEncrypted()) {
      String fingerprint = fingerprint(main);
      if (!fingerprint.isEmpty()) {
        settings.put("RTSP_TLS" + suffix, fingerprint);
      }
    }
    return settings;
  }

  /** Of a certificate that Java does not trust; empty for others. Nothing is sent to the camera. */
  private static String fingerprint(Endpoint main) {
    long end = System.nanoTime() + TLS_TIMEOUT_NANOS;
    Endpoint bare = new Endpoint(main.scheme(), null, main.host(), main.port(), "/");
    try {
      HttpStream.get(bare, Trust.VERIFY, () -> System.nanoTime() > end).close();
    } catch (UntrustedCertificateException e) {
      return e.fingerprint();
    } catch (IOException e) {
      // it is trusted, or not there: doctor says more
    }
    return "";
  }

  String json() {
    List<Map<String, Object>> all = new ArrayList<>();
    for (DiscoveredCamera camera : cameras) {
      DeviceInterview.Answers told = camera.answers();
      FoundDevice device = camera.device();
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("name", camera.name());
      fields.put("address", device.address().getHostAddress());
      fields.put("onvif", device.service() == null ? null : address(device.service()));
      fields.put("make", told.make());
      fields.put("model", told.model().isEmpty() ? device.scope("hardware") : told.model());
      fields.put("firmware", told.firmware());
      fields.put("configured_as", camera.configuredAs());
      fields.put("profiles", camera.profiles().stream().map(each -> json(camera, each)).toList());
      fields.put("snapshot", told.picture() == null ? null : url(told.picture(), user));
      fields.put("settings", camera.main() == null ? Map.of() : settings(camera));
      fields.put("notes", device.notes());
      all.add(fields);
    }
    return Json.writeIndented(all);
  }

  private Map<String, Object> json(DiscoveredCamera camera, StreamProfile profile) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", profile.name());
    fields.put("use", camera.use(profile));
    fields.put("codec", profile.codec());
    fields.put("width", profile.width());
    fields.put("height", profile.height());
    fields.put("frames_per_second", profile.framesPerSecond());
    fields.put("kilobits_per_second", profile.kilobitsPerSecond());
    return fields;
  }
}
