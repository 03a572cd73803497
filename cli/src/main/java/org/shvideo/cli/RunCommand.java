package org.shvideo.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.shvideo.cli.pipeline.CameraArguments;
import org.shvideo.cli.pipeline.Models;
import org.shvideo.cli.pipeline.Pipeline;
import org.shvideo.tasks.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs the whole pipeline on the user's cameras. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Watches cameras with capture, queue and worker, until Ctrl-C.",
      "",
      "Uses the Redis at RDS_HOST, or embeds one whose jobs survive a restart. Resumes jobs and"
          + " clips left by an earlier run."
    },
    footer = {
      "",
      "Examples:",
      "  sh-video run rtsp://user@192.168.1.50:554/stream1",
      "  sh-video run front-door=rtsp://… garden=rtsp://… --video-dir /srv/video",
      "  sh-video run recording.mp4 --clips 2"
    })
final class RunCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..*",
      paramLabel = "[NAME=]URL",
      description =
          "rtsp://, http:// (MJPEG) or a file, with a name if there are several cameras (default:"
              + " the settings RTSP_URL and RTSP_URL_<NAME>). DETECT_URL or DETECT_URL_<NAME> in"
              + " the environment names its small stream, to detect motion in.")
  private List<String> cameras = List.of();

  @Mixin private PipelineOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Settings settings = CameraArguments.addTo(options.settings(Path.of("video")), cameras);
    return new Pipeline(settings, spec.commandLine().getOut())
        .run(Models.find(settings), options.clips());
  }
}
