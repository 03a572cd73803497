package org.shvideo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.media.VideoFile;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.camera.scene.Scene;
import org.shvideo.camera.scene.SceneVideo;
import org.shvideo.cli.pipeline.ShutdownSignal;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.ffmpeg.FFmpegLog;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a test camera until interrupted. */
@Command(
    name = "camera",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a test camera: serves a file, or the drawn scene of the demo, over RTSP until Ctrl-C.",
      "Open the URL it prints with 'sh-video run' or any player."
    })
final class CameraCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE|scene",
      description = "A file with H.264 video (MP4, MOV, AVI, MKV, TS, .h264), or the word scene.")
  private String source;

  @Option(
      names = "--port",
      defaultValue = "8554",
      description = "Port to listen on; 0 for any free port (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description = "Address to listen on; 0.0.0.0 for all (default: ${DEFAULT-VALUE}).")
  private String host;

  @Option(
      names = "--path",
      defaultValue = "/live",
      description = "Path of the URL (default: ${DEFAULT-VALUE}).")
  private String path;

  @Option(names = "--user", description = "Require this user name; needs --password.")
  private String user;

  @Option(
      names = "--password",
      arity = "0..1",
      interactive = true,
      echo = false,
      description = "The user's password; prompted for if omitted.")
  private String password;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    if ((user == null) != (password == null)) {
      throw new ParameterException(
          spec.commandLine(), "--user and --password must be given together.");
    }
    PrintWriter out = spec.commandLine().getOut();
    RtspCamera.Builder builder = RtspCamera.serving(video()).host(host).port(port).path(path);
    if (user != null) {
      builder.credentials(user, password);
    }
    try (ShutdownSignal shutdown = new ShutdownSignal(out);
        RtspCamera camera = builder.start()) {
      out.println(camera.address() + (user == null ? "" : "  (user " + user + ")"));
      out.flush();
      shutdown.await();
    } catch (BindException e) {
      throw new UserException(
          "Cannot listen on port %d of %s. Choose another with --port.".formatted(port, host), e);
    } catch (IOException e) {
      throw new UserException("Cannot start the camera: " + e.getMessage(), e);
    }
    return 0;
  }

  private EncodedVideo video() {
    FFmpegLog.silence(); // VideoFile's exceptions say what a user must know
    try {
      return source.equals("scene")
          ? SceneVideo.encode(Scene.demo())
          : VideoFile.read(Path.of(source));
    } catch (IOException e) {
      throw new UserException(e.getMessage(), e);
    }
  }
}
