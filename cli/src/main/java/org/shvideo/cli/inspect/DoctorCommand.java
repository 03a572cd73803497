package org.shvideo.cli.inspect;

import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.shvideo.capture.Camera;
import org.shvideo.capture.CaptureSettings;
import org.shvideo.capture.record.ClipSettings;
import org.shvideo.capture.stream.CameraStream;
import org.shvideo.capture.stream.DateHeader;
import org.shvideo.capture.stream.StreamException;
import org.shvideo.capture.stream.StreamInfo;
import org.shvideo.capture.stream.StreamMeasurement;
import org.shvideo.capture.stream.StreamSettings;
import org.shvideo.cli.pipeline.CameraArguments;
import org.shvideo.cli.pipeline.EventPrinter;
import org.shvideo.cli.pipeline.Models;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.queue.EmbeddedAddress;
import org.shvideo.tasks.queue.JobQueue;
import org.shvideo.tasks.queue.QueueDepth;
import org.shvideo.tasks.queue.QueueSettings;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.queue.RedisServer;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what is well and what is not, and how to mend it, before it costs an event. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Looks at the cameras, Redis, the model, the disk and this machine: a line each, and how to"
          + " mend what is wrong.",
      "",
      "Watches each camera for some seconds. Records nothing and changes nothing. Exit status 0"
          + " when nothing is wrong, 1 otherwise."
    })
public final class DoctorCommand implements Callable<Integer> {
  /** What AVI holds as it is; all else is re-encoded. */
  private static final Set<String> COPIED = Set.of("h264", "mpeg4", "mjpeg");

  private static final long LITTLE_SPACE = 2_000_000_000L;
  private static final double LITTLE_HOURS = 24;
  private static final Duration CLOCK_OFF = Duration.ofSeconds(5);
  private static final Clock CLOCK = Clock.systemUTC();

  @Parameters(
      arity = "0..*",
      paramLabel = "[NAME=]URL",
      description = "The cameras; the settings RTSP_URL and RTSP_URL_<NAME> where none is given.")
  private List<String> cameras = List.of();

  @Option(
      names = "--video-dir",
      paramLabel = "DIR",
      description = "The video folder; VIDEO_DIR, or ./video, where not given.")
  private Path videoDir;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "6",
      description = "How long to watch each camera; ${DEFAULT-VALUE} where not given.")
  private int seconds;

  @Spec private CommandSpec spec;

  private int wrong;
  private double megabits;

  /** How bad it is. */
  private enum Mark {
    WELL("✔", "32"),
    NOTE("!", "33"),
    WRONG("✘", "31");

    private final String sign;
    private final String colour;

    Mark(String sign, String colour) {
      this.sign = sign;
      this.colour = colour;
    }
  }

  @Override
  public Integer call() throws Exception {
    LogLevel.CRITICAL.apply();
    Settings settings = Settings.ofProcess().with(CameraArguments.toSettings(cameras));
    VideoFolder folder = QueueOptions.folder(settings, videoDir);
    machine();
    fonts();
    model(settings);
    folder(folder);
    redis(settings, folder);
    boolean none = settings.withPrefix("RTSP_URL").isEmpty() && !settings.isSet("RTSP_URL");
    if (none) {
      tell(
          Mark.NOTE,
          "camera",
          "none given: sh-video doctor rtsp://user:password@ADDRESS/stream1, or set RTSP_URL");
    } else {
      CaptureSettings capture = CaptureSettings.from(settings);
      settings.check();
      for (Camera camera : capture.cameras()) {
        camera(camera, capture.stream(), capture.clip());
      }
      room(folder);
    }
    spec.commandLine()
        .getOut()
        .println(
            wrong == 0
                ? "Nothing is wrong."
                : wrong == 1 ? "One thing is wrong." : wrong + " things are wrong.");
    return wrong == 0 ? 0 : 1;
  }

  private void machine() {
    int processors = Runtime.getRuntime().availableProcessors();
    tell(
        processors > 1 ? Mark.WELL : Mark.NOTE,
        "machine",
        "%d %s, %s, Java %s%s"
            .formatted(
                processors,
                processors == 1 ? "processor" : "processors",
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                Runtime.version().feature(),
                processors > 1 ? "" : ": recording and analysis share it; two are better"));
  }

  private void fonts() {
    try {
      var graphics = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB).createGraphics();
      FontMetrics metrics = graphics.getFontMetrics(new Font(Font.SANS_SERIF, Font.BOLD, 12));
      tell(Mark.WELL, "fonts", metrics.getFont().getFontName() + ", for the labels in snapshots");
    } catch (RuntimeException | LinkageError | InternalError e) {
      tell(
          Mark.NOTE,
          "fonts",
          "none, so snapshots have boxes without labels; Debian: apt install fontconfig"
              + " libfreetype6 fonts-dejavu-core");
    }
  }

  private void model(Settings settings) {
    try {
      Path model = Models.find(settings);
      tell(Mark.WELL, "model", EventPrinter.shown(model));
    } catch (UserException e) {
      tell(Mark.WRONG, "model", e.getMessage());
    }
  }

  private void folder(VideoFolder folder) throws IOException {
    Path root = folder.root();
    if (!Files.exists(root)) {
      Path parent = root.getParent();
      boolean makeable = parent != null && Files.isWritable(parent);
      tell(
          makeable ? Mark.WELL : Mark.WRONG,
          "folder",
          makeable
              ? root + " will be made"
              : root + " is not there and cannot be made by user " + user());
      return;
    }
    if (!Files.isDirectory(root) || !Files.isWritable(root) || !Files.isReadable(root)) {
      tell(
          Mark.WRONG,
          "folder",
          "%s cannot be read and written by user %s: chown or chmod it, or choose another"
              .formatted(root, user()));
      return;
    }
    long free = Files.getFileStore(root).getUsableSpace();
    String space = String.format(Locale.ROOT, "%s, %.1f GB free", root, free / 1e9);
    tell(
        free < LITTLE_SPACE ? Mark.WRONG : Mark.WELL,
        "folder",
        free < LITTLE_SPACE ? space + ": delete what is not needed, or move the folder" : space);
  }

  /** In a container the user may have a number alone. */
  private static String user() {
    String name = System.getProperty("user.name", "?");
    try {
      return name.equals("?") ? Files.getAttribute(Path.of("/proc/self"), "unix:uid") + "" : name;
    } catch (IOException | UnsupportedOperationException e) {
      return name;
    }
  }

  private void redis(Settings settings, VideoFolder folder) {
    Settings wired = EmbeddedAddress.wire(settings, folder);
    if (!wired.isSet("RDS_HOST")) {
      tell(Mark.WELL, "Redis", "none named: sh-video run embeds its own");
      return;
    }
    QueueSettings queueSettings = QueueSettings.from(wired);
    wired.check();
    try (JobQueue queue = new JobQueue(queueSettings)) {
      RedisServer server = queue.server();
      if (!server.newEnough()) {
        tell(Mark.WRONG, "Redis", server.version() + " is too old: install 6.2 or newer");
        return;
      }
      QueueDepth depth = queue.depth();
      tell(
          depth.dead() > 0 ? Mark.NOTE : Mark.WELL,
          "Redis",
          "%s at %s:%d, queue %s: %d waiting, %d started, %d to be retried, %d given up%s"
              .formatted(
                  server.version(),
                  queueSettings.host(),
                  queueSettings.port(),
                  queueSettings.queue(),
                  depth.waiting(),
                  depth.started(),
                  depth.retrying(),
                  depth.dead(),
                  depth.dead() > 0 ? " (sh-video queue dead says why)" : ""));
      safety(server, queueSettings);
    } catch (QueueUnavailableException e) {
      tell(Mark.WRONG, "Redis", e.getMessage());
    }
  }

  /** What of Redis' own settings may cost a job. */
  private void safety(RedisServer server, QueueSettings settings) {
    if (server.replica()) {
      tell(Mark.WRONG, "Redis", "is a read-only replica: RDS_HOST must name the primary");
    }
    if (server.maxMemory() > 0 && !server.evictionPolicy().equals("noeviction")) {
      tell(
          Mark.WRONG,
          "Redis",
          "may throw jobs away when it is full (maxmemory-policy %s): set it to noeviction"
              .formatted(server.evictionPolicy()));
    }
    if (server.maxMemory() > 0 && server.usedMemory() > server.maxMemory() * 9 / 10) {
      tell(
          Mark.WRONG,
          "Redis",
          "is full, or will be soon: %d of %d MiB; raise its maxmemory"
              .formatted(server.usedMemory() >> 20, server.maxMemory() >> 20));
    }
    if (!server.appendOnly()) {
      tell(
          Mark.NOTE,
          "Redis",
          "forgets the queue when it restarts: set appendonly yes; sh-video check --repair queues"
              + " again what was forgotten");
    }
    boolean here = Set.of("localhost", "127.0.0.1", "::1").contains(settings.host());
    if (settings.password().isEmpty() && !here) {
      tell(
          Mark.NOTE,
          "Redis",
          "asks for no password: whoever reaches it can change the queue; set requirepass and"
              + " RDS_PSW");
    }
  }

  private void camera(Camera camera, StreamSettings streamSettings, ClipSettings clip) {
    String name = "camera " + camera.name();
    long begun = System.nanoTime();
    try (CameraStream stream =
        CameraStream.open(camera.url(), streamSettings, new CountDownLatch(1))) {
      double opened = (System.nanoTime() - begun) / 1e9;
      StreamInfo info = stream.info();
      StreamMeasurement seen = StreamMeasurement.of(stream, Duration.ofSeconds(seconds));
      megabits += seen.megabitsPerSecond();
      Optional<Duration> ahead =
          stream
              .clockAhead(CLOCK)
              .or(() -> DateHeader.clockAhead(camera.url(), streamSettings.timeout(), CLOCK));
      tell(
          Mark.WELL,
          name,
          String.format(
              Locale.ROOT,
              "%s%s, %d × %d, %.1f frames and %.2f Mbit a second, %s, %s, connected in %.1f s",
              info.codec(),
              seen.reordered() ? " with B-frames" : "",
              info.width(),
              info.height(),
              seen.framesPerSecond(),
              seen.megabitsPerSecond(),
              seen.longestGopSeconds() > 0
                  ? "a keyframe every %.1f s".formatted(seen.longestGopSeconds())
                  : "one keyframe",
              sound(camera, streamSettings),
              opened));
      clock(name, camera, ahead);
      notes(info, seen, clip).forEach(note -> tell(Mark.NOTE, name, note));
    } catch (StreamException e) {
      tell(Mark.WRONG, name, e.getMessage());
    }
  }

  private void clock(String name, Camera camera, Optional<Duration> ahead) {
    if (camera.url().isFile()) {
      return;
    }
    if (ahead.isEmpty()) {
      tell(Mark.WELL, name, "its clock is not told; clips are dated by this machine's");
      return;
    }
    double off = ahead.get().toMillis() / 1e3;
    boolean right = Math.abs(off) < CLOCK_OFF.toSeconds();
    tell(
        right ? Mark.WELL : Mark.NOTE,
        name,
        right
            ? "its clock is right, to %d s".formatted(CLOCK_OFF.toSeconds())
            : String.format(
                Locale.ROOT,
                "its clock is %.0f s %s: what it writes into the picture is wrong, clips are dated"
                    + " by this machine's; set a time server (NTP) in the camera",
                Math.abs(off),
                off > 0 ? "fast" : "slow"));
  }

  private static String sound(Camera camera, StreamSettings settings) {
    try {
      List<String> codecs = CameraStream.sound(camera.url(), settings, new CountDownLatch(1));
      return codecs.isEmpty()
          ? "no sound"
          : "sound (%s), not recorded".formatted(String.join(", ", codecs));
    } catch (StreamException e) {
      return "whether it has sound is not told";
    }
  }

  /** How long the disk lasts when all cameras record all the time. */
  private void room(VideoFolder folder) throws IOException {
    if (megabits <= 0 || !Files.isDirectory(folder.root())) {
      return;
    }
    double hours = Files.getFileStore(folder.root()).getUsableSpace() * 8 / (megabits * 1e6) / 3600;
    tell(
        hours < 1 ? Mark.WRONG : hours < LITTLE_HOURS ? Mark.NOTE : Mark.WELL,
        "room",
        String.format(
            Locale.ROOT,
            "for %.0f hours of motion, at %.2f Mbit a second from all cameras%s",
            hours,
            megabits,
            hours < LITTLE_HOURS ? ": make room, or lower the cameras' bit rate" : ""));
  }

  private List<String> notes(StreamInfo info, StreamMeasurement seen, ClipSettings clip) {
    List<String> notes = new ArrayList<>();
    if (!COPIED.contains(info.codec())) {
      notes.add(
          "AVI cannot hold %s, so clips are re-encoded, which costs about a core: choose H.264 in the camera"
              .formatted(info.codec()));
    }
    double preRoll = clip.preRoll().toMillis() / 1e3;
    if (seen.keyframes() < 2 && seen.seconds() > 1) {
      notes.add(
          String.format(
              Locale.ROOT,
              "no second keyframe in %.0f s: clips begin at one, so set the camera's keyframe"
                  + " (I-frame) interval to 2 s",
              seen.seconds()));
    } else if (seen.longestGopSeconds() > Math.max(5, 2 * preRoll)) {
      notes.add(
          String.format(
              Locale.ROOT,
              "a keyframe only every %.1f s: clips begin up to that much before their pre-roll of"
                  + " %.1f s; 2 s is usual",
              seen.longestGopSeconds(),
              preRoll));
    }
    if (seen.largestGopBytes() > clip.preRollMaxBytes()) {
      notes.add(
          "what comes from one keyframe to the next, %d MiB, is more than PRE_ROLL_MAX_MIB holds: clips lose their pre-roll"
              .formatted(seen.largestGopBytes() >> 20));
    }
    return notes;
  }

  private void tell(Mark mark, String what, String sentence) {
    if (mark == Mark.WRONG) {
      wrong++;
    }
    PrintWriter out = spec.commandLine().getOut();
    String sign =
        Boolean.getBoolean("shvideo.terminal")
            ? "\033[" + mark.colour + "m" + mark.sign + "\033[0m"
            : mark.sign;
    out.printf("%s  %-18s %s%n", sign, what, sentence);
    out.flush();
  }
}
