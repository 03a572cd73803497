package org.shvideo.cli.discover;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.shvideo.capture.connection.Endpoint;

/** What a device tells of itself to who logs in. Asks only where it was found. Not thread-safe. */
final class DeviceInterview {
  private static final int MAX_PROFILES = 32;
  private static final Duration MAX_CLOCK_ERROR = Duration.ofMinutes(1);

  /** An answer; empty where the device did not tell. */
  record Answers(
      String make, String model, String firmware, List<StreamProfile> profiles, Endpoint picture) {
    static final Answers NONE = new Answers("", "", "", List.of(), null);
  }

  /** Where its streams are asked for, and by which of the two standards. */
  private record Media(Endpoint service, String namespace) {
    private boolean isSecond() {
      return namespace.equals(OnvifClient.MEDIA2);
    }

    private String request(String operation, String content) {
      return "<%1$s xmlns=\"%2$s\">%3$s</%1$s>".formatted(operation, namespace, content);
    }
  }

  private final FoundDevice device;
  private final OnvifClient client;
  private String make = "";
  private String model = "";
  private String firmware = "";
  private final List<StreamProfile> profiles = new ArrayList<>();
  private Endpoint picture;

  DeviceInterview(FoundDevice device, OnvifClient client) {
    this.device = device;
    this.client = client;
  }

  /** Asks; what fails is noted, and what was told before is kept. */
  Answers ask() {
    try {
      readClock();
      Xml information = device("GetDeviceInformation");
      make = FoundDevice.clean(information.text("Manufacturer"));
      model = FoundDevice.clean(information.text("Model"));
      firmware = FoundDevice.clean(information.text("FirmwareVersion"));
      readProfiles();
    } catch (InterruptedIOException e) {
      device.note("it did not answer in time; --wait gives it longer");
    } catch (IOException e) {
      device.note(Objects.requireNonNullElse(e.getMessage(), "the connection failed"));
    }
    return new Answers(make, model, firmware, List.copyOf(profiles), picture);
  }

  private Xml device(String operation) throws IOException {
    return client.askWithLogin(
        device.service(), "<%s xmlns=\"%s\"/>".formatted(operation, OnvifClient.DEVICE));
  }

  /** A login is dated by the device's clock, which may be anywhere. */
  private void readClock() throws IOException {
    try {
      Xml time = client.ask(device.service(), timeRequest());
      Duration ahead = Duration.between(Instant.now(), utc(time));
      client.setClockOffset(ahead);
      if (ahead.abs().compareTo(MAX_CLOCK_ERROR) > 0) {
        device.note(
            "its clock is %d min %s; set a time server (NTP) in the camera"
                .formatted(ahead.abs().toMinutes(), ahead.isNegative() ? "slow" : "fast"));
      }
    } catch (OnvifClient.LoginRefused | DateTimeException | NumberFormatException e) {
      // then it is taken to be right
    }
  }

  static String timeRequest() {
    return "<GetSystemDateAndTime xmlns=\"%s\"/>".formatted(OnvifClient.DEVICE);
  }

  private static Instant utc(Xml time) {
    String[] names = {"Year", "Month", "Day", "Hour", "Minute", "Second"};
    int[] parts = new int[names.length];
    for (int i = 0; i < names.length; i++) {
      parts[i] = Integer.parseInt(time.text("UTCDateTime", names[i]));
    }
    return LocalDateTime.of(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5])
        .toInstant(ZoneOffset.UTC);
  }

  private void readProfiles() throws IOException {
    IOException failure = new IOException("it has no media service that it tells of");
    for (Media media : mediaServices()) {
      try {
        Xml answer =
            client.askWithLogin(
                media.service(),
                media.request("GetProfiles", media.isSecond() ? "<Type>All</Type>" : ""));
        for (Xml profile : answer.all("Profiles").limit(MAX_PROFILES).toList()) {
          StreamProfile read = StreamProfile.of(profile);
          if (read != null) {
            profiles.add(read.at(streamOf(media, read.token())));
          }
        }
        if (!profiles.isEmpty()) {
          picture = address(media, "GetSnapshotUri", "", profiles.get(0).token(), "http");
          return;
        }
        failure = new IOException("it offers no video");
      } catch (InterruptedIOException | OnvifClient.LoginRefused e) {
        throw e;
      } catch (IOException e) {
        failure = e; // the other standard may do
      }
    }
    throw failure;
  }

  /** The second standard knows H.265; the first does not. */
  private List<Media> mediaServices() throws IOException {
    List<Media> found = new ArrayList<>();
    try {
      Xml services =
          client.askWithLogin(
              device.service(),
              "<GetServices xmlns=\"%s\"><IncludeCapability>false</IncludeCapability></GetServices>"
                  .formatted(OnvifClient.DEVICE));
      for (String namespace : List.of(OnvifClient.MEDIA2, OnvifClient.MEDIA)) {
        services
            .all("Service")
            .filter(service -> service.text("Namespace").equals(namespace))
            .limit(1)
            .forEach(service -> found.add(media(service.text("XAddr"), namespace)));
      }
    } catch (InterruptedIOException | OnvifClient.LoginRefused e) {
      throw e;
    } catch (IOException e) {
      // older devices know only what follows
    }
    if (found.isEmpty()) {
      Xml capabilities =
          client.askWithLogin(
              device.service(),
              "<GetCapabilities xmlns=\"%s\"><Category>Media</Category></GetCapabilities>"
                  .formatted(OnvifClient.DEVICE));
      found.add(media(capabilities.text("Media", "XAddr"), OnvifClient.MEDIA));
    }
    return found;
  }

  private Media media(String url, String namespace) {
    Endpoint service =
        url.isEmpty()
            ? device.service()
            : FoundDevice.serviceOf(device.address(), List.of(url), device.notes());
    return new Media(service, namespace);
  }

  private Endpoint streamOf(Media media, String token) throws IOException {
    String setup =
        media.isSecond()
            ? "<Protocol>RTSP</Protocol>"
            : """
            <StreamSetup><Stream xmlns="http://www.onvif.org/ver10/schema">RTP-Unicast</Stream>\
            <Transport xmlns="http://www.onvif.org/ver10/schema"><Protocol>RTSP</Protocol>\
            </Transport></StreamSetup>\
            """;
    return address(media, "GetStreamUri", setup, token, "rtsp");
  }

  /** Null where the device tells none; without pictures many do well. */
  private Endpoint address(Media media, String operation, String setup, String token, String scheme)
      throws IOException {
    String profile = "<ProfileToken>" + OnvifClient.escaped(token) + "</ProfileToken>";
    try {
      Xml answer = client.askWithLogin(media.service(), media.request(operation, setup + profile));
      return here(answer.text("Uri"), scheme);
    } catch (InterruptedIOException | OnvifClient.LoginRefused e) {
      throw e;
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * An address that the device names, at the host where it was found: a camera behind NAT names its
   * inner one, and one that names somebody else's would have the password sent there.
   */
  private Endpoint here(String url, String scheme) {
    Endpoint named = FoundDevice.endpoint(url);
    if (named == null || !named.scheme().startsWith(scheme)) {
      return null;
    }
    String host = device.address().getHostAddress();
    if (!named.host().equals(host)) {
      device.note(
          "it names the host %s for its streams; %s, where it answered, stands in its place"
              .formatted(FoundDevice.clean(named.host()), host));
    }
    return new Endpoint(named.scheme(), null, host, named.port(), named.target());
  }
}
