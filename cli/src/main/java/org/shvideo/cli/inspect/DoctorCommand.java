package org.shvideo.cli.inspect;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.shvideo.capture.Camera;
import org.shvideo.capture.CaptureSettings;
import org.shvideo.cli.pipeline.CameraArguments;
import org.shvideo.cli.pipeline.VideoFolderOption;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.settings.Settings;
import org.shvideo.tasks.video.VideoFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Finds what is wrong before it costs a recording, and says how to fix it. */
@Command(
    name = "doctor",
    description = {
      "Checks the cameras, Redis, the model, the disk and this machine. Prints a line for each, and"
          + " how to fix what is wrong.",
      "",
      "Measures each camera for some seconds. Records nothing and changes nothing. Exit status: 0"
          + " if no problem was found, else 1."
    })
public final class DoctorCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..*",
      paramLabel = "[NAME=]URL",
      description = "The cameras (default: the settings RTSP_URL and RTSP_URL_<NAME>).")
  private List<String> cameras = List.of();

  @Mixin private VideoFolderOption videoFolder;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "6",
      description = "Seconds to measure each camera for (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    LogLevel.CRITICAL.apply();
    Settings settings = CameraArguments.addTo(videoFolder.addTo(Settings.ofProcess()), cameras);
    VideoFolder folder = new VideoFolder(settings.get(VideoFolder.SETTING));
    PrintWriter out = spec.commandLine().getOut();
    DoctorReport report = new DoctorReport(out);
    MachineCheck machine = new MachineCheck(report);
    machine.checkProcessors();
    machine.checkFonts();
    machine.checkModel(settings);
    machine.checkFolder(folder);
    machine.checkClock(folder);
    new RedisCheck(report).check(settings, folder);
    if (settings.withPrefix("RTSP_URL").isEmpty() && !settings.isSet("RTSP_URL")) {
      report.warn(
          "camera", "none given: sh-video doctor rtsp://user@ADDRESS/stream1, or set RTSP_URL");
    } else {
      CaptureSettings capture = settings.read(CaptureSettings::from);
      CameraCheck check = new CameraCheck(report, Duration.ofSeconds(seconds), settings);
      double megabitsPerSecond = 0;
      for (Camera camera : capture.cameras()) {
        megabitsPerSecond += check.check(camera);
      }
      machine.checkRecordingTime(folder, megabitsPerSecond);
    }
    int problems = report.problems();
    out.println(
        problems == 0
            ? "No problems found."
            : problems == 1 ? "1 problem found." : problems + " problems found.");
    return problems == 0 ? 0 : 1;
  }
}
