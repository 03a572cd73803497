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

/** Watches the user's cameras with the whole pipeline in one process. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Watches cameras: capture, queue and worker in one process, until Ctrl-C.",
      "",
      "Uses the Redis that RDS_HOST names, or embeds one whose jobs outlive a restart. Jobs and"
          + " clips that an earlier run left behind are gone on with."
    },
    footer = {
      "",
      "Examples:",
      "  sh-video run rtsp://user:password@192.168.1.50:554/stream1",
      "  sh-video run front-door=rtsp://… garden=rtsp://… --video-dir /srv/video",
      "  sh-video run recording.mp4 --clips 2"
    })
final class RunCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..*",
      paramLabel = "[NAME=]URL",
      description =
          "rtsp://, http:// (MJPEG) or a file, with the camera's name where there are several; the"
              + " settings RTSP_URL and RTSP_URL_<NAME> where none is given.")
  private List<String> cameras = List.of();

  @Mixin private PipelineOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Settings settings =
        options.settings(Path.of("video")).with(CameraArguments.toSettings(cameras));
    return new Pipeline(settings, spec.commandLine().getOut())
        .run(Models.find(settings), options.clips());
  }
}
