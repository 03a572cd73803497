package org.shvideo.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.camera.scene.Scene;
import org.shvideo.camera.scene.SceneVideo;
import org.shvideo.cli.pipeline.Models;
import org.shvideo.cli.pipeline.Pipeline;
import org.shvideo.tasks.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs the whole pipeline on a drawn scene that a test camera serves over RTSP. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Runs the whole pipeline without a camera, until Ctrl-C.",
      "",
      "A test camera serves a drawn street over RTSP, in which a STOP sign passes every 22 seconds."
    })
final class DemoCommand implements Callable<Integer> {
  @Mixin private PipelineOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    out.println("The camera shows a drawn street in which a STOP sign passes every 22 seconds.");
    try (RtspCamera camera = RtspCamera.serving(SceneVideo.encode(Scene.demo())).start()) {
      Settings settings =
          options
              .settings(Path.of("video", "demo"))
              .with(Map.of("RTSP_URL", camera.url(), "DETECT_URL", ""));
      return new Pipeline(settings, out).run(Models.findOrBuiltIn(settings, out), options.clips());
    }
  }
}
