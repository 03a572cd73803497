package org.shvideo.capture;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.shvideo.capture.motion.MotionSettings;
import org.shvideo.capture.record.ClipSettings;
import org.shvideo.capture.retention.RetentionSettings;
import org.shvideo.capture.stream.CameraUrl;
import org.shvideo.capture.stream.StreamSettings;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.monitoring.MonitoringSettings;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.settings.Secret;
import org.shvideo.tasks.settings.Setting;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;

/**
 * All settings of the capture service.
 *
 * @param cameras at least one, with different names
 */
public record CaptureSettings(
    List<Camera> cameras,
    VideoFolder folder,
    ClipSettings clip,
    RetentionSettings retention,
    QueueSettings queue,
    MonitoringSettings monitoring,
    LogLevel logLevel) {

  /** Of any language, where capital letters are known. */
  private static final Pattern SUFFIX =
      Pattern.compile("[\\p{L}\\p{M}\\p{N}&&[^\\p{Ll}]]+(_[\\p{L}\\p{M}\\p{N}&&[^\\p{Ll}]]+)*");

  /** Name of the camera at {@code RTSP_URL}. */
  private static final String DEFAULT_NAME = "camera";

  /** A secret, since it may contain a password. */
  private static final Setting<Secret> URL =
      Setting.secret(
          "RTSP_URL",
          "The camera's address: `rtsp://`, `rtsps://` or `http(s)://`, including user and"
              + " password, or the path of a file. `RTSP_URL_<NAME>` for each of several cameras:"
              + " `RTSP_URL_FRONT_DOOR` is the camera `front-door`.");

  public CaptureSettings {
    cameras = List.copyOf(cameras);
  }

  /** All settings, in the order of the documentation. */
  public static List<Setting<?>> all() {
    return Stream.of(
            List.of(URL, VideoFolder.SETTING),
            StreamSettings.all(),
            MotionSettings.all(),
            ClipSettings.all(),
            RetentionSettings.all(),
            QueueSettings.all(),
            MonitoringSettings.all(),
            List.of(LogLevel.SETTING))
        .<Setting<?>>flatMap(List::stream)
        .toList();
  }

  /** Problems are collected in the settings; {@link Settings#check} reports them. */
  public static CaptureSettings from(Settings settings) {
    return new CaptureSettings(
        cameras(settings),
        new VideoFolder(settings.get(VideoFolder.SETTING)),
        ClipSettings.from(settings),
        RetentionSettings.from(settings),
        QueueSettings.from(settings),
        MonitoringSettings.from(settings),
        settings.get(LogLevel.SETTING));
  }

  private static List<Camera> cameras(Settings settings) {
    List<Camera> cameras = new ArrayList<>();
    add(cameras, settings, URL, DEFAULT_NAME);
    SortedSet<String> suffixes = suffixes(settings);
    for (String suffix : suffixes) {
      String name = suffix.toLowerCase(Locale.ROOT).replace('_', '-');
      if (!SUFFIX.matcher(suffix).matches()) {
        settings.problem(
            URL.name() + "_" + suffix,
            "must consist of capital letters, digits and single underscores");
      } else if (cameras.stream().anyMatch(camera -> camera.name().equals(name))) {
        settings.problem(
            URL.name() + "_" + suffix, "and " + URL.name() + " name the same camera: " + name);
      } else {
        add(cameras, settings, Setting.secret(URL.name() + "_" + suffix, URL.meaning()), name);
      }
    }
    if (settings.getSecret(URL).isEmpty() && suffixes.isEmpty()) {
      settings.problem(
          URL.name(),
          "is missing: set it to the camera's address, such as rtsp://user:password@host:554/path");
    }
    cameras.sort(Comparator.comparing(Camera::name));
    checkNames(settings, MotionSettings.MASK_PREFIX, cameras);
    checkNames(settings, StreamSettings.TRANSPORT_PREFIX, cameras);
    checkNames(settings, StreamSettings.SNAPSHOT_PREFIX, cameras);
    checkNames(settings, StreamSettings.TLS_PREFIX, cameras);
    return cameras;
  }

  /** A setting for an unknown camera is a mistyped name: a camera would be left unmasked. */
  private static void checkNames(Settings settings, String prefix, List<Camera> cameras) {
    List<String> names = cameras.stream().map(Camera::name).toList();
    for (String suffix : settings.withPrefix(prefix).keySet()) {
      String name = suffix.toLowerCase(Locale.ROOT).replace('_', '-');
      if (!cameras.isEmpty() && !names.contains(name)) {
        settings.problem(
            prefix + suffix,
            "is for camera %s, but there is only %s".formatted(name, String.join(", ", names)));
      }
    }
  }

  /** The names after {@code RTSP_URL_}, without the {@code _FILE} of secrets in files. */
  private static SortedSet<String> suffixes(Settings settings) {
    SortedSet<String> suffixes = new TreeSet<>();
    for (String rest : settings.withPrefix(URL.name() + "_").keySet()) {
      if (!rest.equals("FILE")) {
        suffixes.add(rest.replaceFirst("_FILE$", ""));
      }
    }
    return suffixes;
  }

  private static void add(
      List<Camera> cameras, Settings settings, Setting<Secret> setting, String name) {
    Secret text = settings.getSecret(setting);
    if (!text.isEmpty()) {
      StreamSettings stream = StreamSettings.from(settings, name);
      MotionSettings motion = MotionSettings.from(settings, name);
      try {
        cameras.add(new Camera(name, CameraUrl.parse(text.value()), stream, motion));
      } catch (IllegalArgumentException e) {
        settings.problem(setting.name(), e.getMessage());
      }
    }
  }
}
