package org.shvideo.capture;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
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
 * Everything that the capture service is told from outside.
 *
 * @param cameras at least one, of different names
 */
public record CaptureSettings(
    List<Camera> cameras,
    VideoFolder folder,
    StreamSettings stream,
    ClipSettings clip,
    RetentionSettings retention,
    QueueSettings queue,
    MonitoringSettings monitoring,
    LogLevel logLevel) {

  /** Of the camera that {@code RTSP_URL} itself gives. */
  private static final String UNNAMED = "camera";

  /** A secret, since a password may stand in it: then it may also come as a file. */
  private static final Setting<Secret> URL =
      url(
          "RTSP_URL",
          "The camera: `rtsp://`, `rtsps://` or `http(s)://`, user and password included, or the"
              + " path of a file. `RTSP_URL_<NAME>` for each of several cameras:"
              + " `RTSP_URL_FRONT_DOOR` is the camera `front-door`.");

  public CaptureSettings {
    cameras = List.copyOf(cameras);
  }

  /** All settings, in the order in which they are explained. */
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

  /** Problems are noted in the settings, for {@link Settings#check} to tell. */
  public static CaptureSettings from(Settings settings) {
    return new CaptureSettings(
        cameras(settings),
        new VideoFolder(settings.get(VideoFolder.SETTING)),
        StreamSettings.from(settings),
        ClipSettings.from(settings),
        RetentionSettings.from(settings),
        QueueSettings.from(settings),
        MonitoringSettings.from(settings),
        settings.get(LogLevel.SETTING));
  }

  private static List<Camera> cameras(Settings settings) {
    List<Camera> cameras = new ArrayList<>();
    add(cameras, settings, URL, UNNAMED);
    SortedSet<String> suffixes = suffixes(settings);
    for (String suffix : suffixes) {
      String name = suffix.toLowerCase(Locale.ROOT).replace('_', '-');
      if (!suffix.matches("[A-Z0-9]+(_[A-Z0-9]+)*")) {
        settings.problem(
            URL.name() + "_" + suffix, "must be named in capitals, digits and single underscores");
      } else if (cameras.stream().anyMatch(camera -> camera.name().equals(name))) {
        settings.problem(
            URL.name() + "_" + suffix, "and " + URL.name() + " name the same camera: " + name);
      } else {
        add(cameras, settings, url(URL.name() + "_" + suffix, URL.meaning()), name);
      }
    }
    if (settings.getSecret(URL).isEmpty() && suffixes.isEmpty()) {
      settings.problem(
          URL.name(),
          "is missing: set it to the camera's address, such as rtsp://user:password@host:554/path");
    }
    cameras.sort(Comparator.comparing(Camera::name));
    checkMasks(settings, cameras);
    return cameras;
  }

  /** A mask for a camera that is not there is a mistyped name, and its camera goes unmasked. */
  private static void checkMasks(Settings settings, List<Camera> cameras) {
    List<String> names = cameras.stream().map(Camera::name).toList();
    for (String suffix : settings.withPrefix(MotionSettings.MASK_PREFIX).keySet()) {
      String name = suffix.toLowerCase(Locale.ROOT).replace('_', '-');
      if (!cameras.isEmpty() && !names.contains(name)) {
        settings.problem(
            MotionSettings.MASK_PREFIX + suffix,
            "is for a camera %s; there is only %s".formatted(name, String.join(", ", names)));
      }
    }
  }

  /** What follows {@code RTSP_URL_} in a camera's setting, without the mark of a secret's file. */
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
      try {
        CameraUrl url = CameraUrl.parse(text.value());
        cameras.add(new Camera(name, url, MotionSettings.from(settings, name)));
      } catch (IllegalArgumentException e) {
        settings.problem(setting.name(), e.getMessage());
      }
    }
  }

  private static Setting<Secret> url(String name, String meaning) {
    return Setting.secret(name, meaning);
  }
}
