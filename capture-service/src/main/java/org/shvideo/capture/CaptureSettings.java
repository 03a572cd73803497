package org.shvideo.capture;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
    RetentionSettings retention,
    QueueSettings queue,
    MonitoringSettings monitoring,
    LogLevel logLevel) {

  /** Of any language, where capital letters are known. */
  private static final Pattern SUFFIX =
      Pattern.compile("[\\p{L}\\p{M}\\p{N}&&[^\\p{Ll}]]+(_[\\p{L}\\p{M}\\p{N}&&[^\\p{Ll}]]+)*");

  /** {@code NAME=VALUE}, as Kubernetes sets them for a service that is named like a setting. */
  private static final Pattern SERVICE =
      Pattern.compile(
          ".*=(tcp|udp)://.*|.*_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT_\\d+_\\w+_\\w+)=.*");

  /** Name of the camera at {@code RTSP_URL}. */
  private static final String DEFAULT_NAME = "camera";

  /** A secret, since it may contain a password. */
  private static final Setting<Secret> URL =
      Setting.secret(
          "RTSP_URL",
          "The camera's address: `rtsp://`, `rtsps://` or `http(s)://`, including user and"
              + " password, or the path of a file. `RTSP_URL_<NAME>` for each of several cameras:"
              + " `RTSP_URL_FRONT_DOOR` is the camera `front-door`.");

  private static final Setting<Secret> DETECT_URL =
      Setting.secret(
          "DETECT_URL",
          "The address of the camera's small stream (sub-stream), like `RTSP_URL`: motion is"
              + " detected in it, and the stream of `RTSP_URL` only recorded. If empty, motion is"
              + " detected in the recorded stream.");

  public CaptureSettings {
    cameras = List.copyOf(cameras);
  }

  /** All settings, in the order of the documentation. */
  public static List<Setting<?>> all() {
    return Stream.of(
            List.of(URL, VideoFolder.SETTING),
            perCamera(),
            RetentionSettings.all(),
            QueueSettings.all(),
            MonitoringSettings.all(),
            List.of(LogLevel.SETTING))
        .<Setting<?>>flatMap(List::stream)
        .toList();
  }

  /** Those that {@code <SETTING>_<NAME>} sets for one camera, besides its address. */
  public static List<Setting<?>> perCamera() {
    return Stream.of(
            List.of(DETECT_URL), StreamSettings.all(), MotionSettings.all(), ClipSettings.all())
        .<Setting<?>>flatMap(List::stream)
        .toList();
  }

  /** Problems are collected in the settings; {@link Settings#check} reports them. */
  public static CaptureSettings from(Settings settings) {
    List<Camera> cameras = cameras(settings);
    boolean continuous = cameras.stream().anyMatch(camera -> camera.clip().always());
    return new CaptureSettings(
        cameras,
        new VideoFolder(settings.get(VideoFolder.SETTING)),
        RetentionSettings.from(settings, continuous),
        QueueSettings.from(settings),
        MonitoringSettings.from(settings),
        settings.get(LogLevel.SETTING));
  }

  private static List<Camera> cameras(Settings settings) {
    List<Camera> cameras = new ArrayList<>();
    SortedSet<String> names = new TreeSet<>();
    if (settings.isSet(URL)) {
      names.add(DEFAULT_NAME);
      add(cameras, settings, URL, DEFAULT_NAME);
    }
    SortedSet<String> suffixes = suffixes(settings);
    for (String suffix : suffixes) {
      String variable = URL.name() + "_" + suffix;
      String name = name(suffix);
      if (!SUFFIX.matcher(suffix).matches()) {
        settings.problem(
            variable, "must consist of capital letters, digits and single underscores");
      } else if (names.add(name)) {
        add(cameras, settings, Setting.secret(variable, URL.meaning()), name);
      } else {
        settings.problem(variable, "and " + URL.name() + " name the same camera: " + name);
      }
    }
    if (names.isEmpty() && suffixes.isEmpty()) {
      settings.problem(
          URL.name(),
          "is missing: set it to the camera's address, such as rtsp://user:password@host:554/path");
    }
    if (names.size() > 1 && settings.isSet(DETECT_URL)) {
      settings.problem(
          DETECT_URL.name(),
          "is one camera's, and there are several: say whose, as in "
              + DETECT_URL.name()
              + Settings.suffix(names.last()));
    }
    cameras.sort(Comparator.comparing(Camera::name));
    perCamera().forEach(settings::get); // to report one that each camera has an own value for
    checkVariables(settings, names);
    return cameras;
  }

  private static String name(String suffix) {
    return suffix.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Reports a camera's name with which a variable could mean two things, and variables for a camera
   * that does not exist: such a name is mistyped, and a camera would be left unmasked.
   */
  private static void checkVariables(Settings settings, SortedSet<String> cameras) {
    Map<String, String> meanings = new HashMap<>();
    for (Setting<?> setting : all()) {
      setting.variables("").forEach(each -> meanings.put(each, "a setting of all cameras"));
    }
    for (String camera : cameras) {
      for (Setting<?> setting : Stream.concat(Stream.of(URL), perCamera().stream()).toList()) {
        String meaning = setting.name() + " of camera " + camera;
        for (String variable : setting.variables(Settings.suffix(camera))) {
          String other = meanings.putIfAbsent(variable, meaning);
          if (other != null) {
            settings.problem(
                URL.name() + Settings.suffix(camera),
                "cannot be: %s would be both %s and %s. Give the camera another name"
                    .formatted(variable, meaning, other));
          }
        }
      }
    }
    if (cameras.isEmpty()) {
      return; // which is the only problem then
    }
    // PRE_ROLL_MAX_MIB_YARD is for the camera yard, rather than PRE_ROLL for max-mib-yard.
    Comparator<Setting<?>> longestFirst = Comparator.comparing(Setting::name);
    for (Setting<?> setting : perCamera().stream().sorted(longestFirst.reversed()).toList()) {
      settings
          .withPrefix(setting.name() + "_")
          .forEach(
              (suffix, value) -> {
                String variable = setting.name() + "_" + suffix;
                if (SUFFIX.matcher(suffix).matches()
                    && !SERVICE.matcher(variable + "=" + value).matches()
                    && meanings.putIfAbsent(variable, "unknown") == null) {
                  settings.problem(
                      variable,
                      "is for camera %s, but there is only %s"
                          .formatted(name(suffix), String.join(", ", cameras)));
                }
              });
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
      Settings own = settings.forCamera(name);
      Optional<CameraUrl> detectUrl = detectUrl(own);
      StreamSettings stream = StreamSettings.from(own);
      MotionSettings motion = MotionSettings.from(own);
      ClipSettings clip = ClipSettings.from(own);
      try {
        cameras.add(
            new Camera(name, CameraUrl.parse(text.value()), detectUrl, stream, motion, clip));
      } catch (IllegalArgumentException e) {
        settings.problem(setting.name(), e.getMessage());
      }
    }
  }

  private static Optional<CameraUrl> detectUrl(Settings own) {
    Secret text = own.getSecret(DETECT_URL);
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(CameraUrl.parse(text.value()));
    } catch (IllegalArgumentException e) {
      own.problem(own.variable(DETECT_URL), e.getMessage());
      return Optional.empty();
    }
  }
}
