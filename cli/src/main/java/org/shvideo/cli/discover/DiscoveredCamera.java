package org.shvideo.cli.discover;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.shvideo.capture.connection.Endpoint;

/**
 * A camera as it is shown: a device has one, a recorder several. Every text is cleaned. Immutable.
 *
 * @param name that no other camera has: {@code front-door}
 * @param configuredAs its name in the settings; empty if its host is not in them
 * @param main what to record; null if the device told no stream
 * @param sub a smaller stream of the same picture; null without
 */
record DiscoveredCamera(
    String name,
    FoundDevice device,
    DeviceInterview.Answers answers,
    String configuredAs,
    List<StreamProfile> profiles,
    StreamProfile main,
    StreamProfile sub) {

  /** What is narrower shows too little for motion. */
  private static final int MIN_SUB_WIDTH = 320;

  private static final int MAX_NAME = 30;

  /**
   * The cameras of a device.
   *
   * @param taken names of others, to which these are added
   */
  static List<DiscoveredCamera> of(
      FoundDevice device, DeviceInterview.Answers answers, String configuredAs, Set<String> taken) {
    Map<String, List<StreamProfile>> bySource = new LinkedHashMap<>();
    for (StreamProfile profile : answers.profiles()) {
      bySource.computeIfAbsent(profile.source(), source -> new ArrayList<>()).add(profile);
    }
    if (bySource.isEmpty()) {
      bySource.put("", List.of());
    }
    return bySource.values().stream()
        .map(profiles -> of(device, answers, configuredAs, taken, profiles))
        .toList();
  }

  private static DiscoveredCamera of(
      FoundDevice device,
      DeviceInterview.Answers answers,
      String configuredAs,
      Set<String> taken,
      List<StreamProfile> profiles) {
    List<StreamProfile> videos =
        profiles.stream()
            .filter(profile -> profile.stream() != null)
            .sorted(
                Comparator.comparing(StreamProfile::isJpeg)
                    .thenComparing(Comparator.comparing(StreamProfile::pixels).reversed())
                    .thenComparing(
                        Comparator.comparing(StreamProfile::kilobitsPerSecond).reversed()))
            .toList();
    StreamProfile main = videos.isEmpty() ? null : videos.get(0);
    StreamProfile sub =
        videos.stream()
            .filter(
                profile ->
                    profile.pixels() < main.pixels()
                        && profile.width() >= MIN_SUB_WIDTH
                        && profile.isJpeg() == main.isJpeg()
                        && !profile.stream().equals(main.stream()))
            .reduce((larger, smaller) -> smaller)
            .orElse(null);
    String name = name(device, answers, taken);
    return new DiscoveredCamera(name, device, answers, configuredAs, profiles, main, sub);
  }

  private static String name(
      FoundDevice device, DeviceInterview.Answers answers, Set<String> taken) {
    String address = device.address().getHostAddress();
    String wanted = slug(device.scope("name"));
    if (wanted.isEmpty()) {
      wanted = slug(answers.make());
    }
    if (wanted.isEmpty()) {
      wanted = "camera-" + address.replaceFirst(".*\\.", "");
    }
    String name = wanted;
    for (int number = 2; !taken.add(name); number++) {
      name = wanted + "-" + number;
    }
    return name;
  }

  private static String slug(String text) {
    String words = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String cut = words.length() > MAX_NAME ? words.substring(0, MAX_NAME) : words;
    return cut.replaceAll("^-|-$", "");
  }

  /** Whether a profile is {@code main} or {@code sub}; empty for others. */
  String use(StreamProfile profile) {
    return profile.equals(main) ? "main" : profile.equals(sub) ? "sub" : "";
  }

  /**
   * A stream's URL with a login, for a shell and for an env file alike: what either would take for
   * its own is percent-encoded. A camera that repeats the password in its URL does not get it
   * shown.
   *
   * @param login percent-encoded
   */
  static String url(Endpoint stream, String login, String password) {
    String target = stream.target();
    for (String secret : List.of(password, OnvifClient.encoded(password))) {
      target = secret.isEmpty() ? target : target.replace("=" + secret, "=PASSWORD");
    }
    StringBuilder encoded = new StringBuilder();
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      encoded.append("'\"`$\\".indexOf(c) < 0 ? c : "%%%02X".formatted((int) c));
    }
    return stream.scheme() + "://" + login + "@" + stream.authority() + encoded;
  }
}
