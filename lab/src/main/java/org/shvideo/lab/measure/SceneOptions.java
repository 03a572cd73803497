package org.shvideo.lab.measure;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.shvideo.camera.scene.Scene;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the cameras of a benchmark show. */
public final class SceneOptions {
  private static final Pattern PICTURE = Pattern.compile("(\\d{1,4})x(\\d{1,4})@(\\d{1,2})");

  /** Gives the empty street a bit rate of a little more than 1 Mbit/s at 1080p25. */
  private static final double NOISE = 4.3;

  private static final long SEED = 7;

  @Option(
      names = "--picture",
      paramLabel = "WxH@FPS",
      defaultValue = "1920x1080@25",
      description = "Resolution and frame rate of the cameras (default: ${DEFAULT-VALUE}).")
  private String picture;

  @Option(
      names = "--settle",
      paramLabel = "S",
      defaultValue = "60",
      description = {
        "Seconds from a camera's connection to its measurement (default: ${DEFAULT-VALUE}).",
        "In a minute there are four motions, after which capture has validated the packet sizes of"
            + " the camera. In less than 30 s there is none, and all frames are decoded."
      })
  private int settleSeconds;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  public int settleSeconds() {
    return settleSeconds;
  }

  public Scene scene() {
    return scene("--picture", picture);
  }

  /** The same scene in another picture, which another option names. */
  public Scene scene(String option, String picture) {
    Matcher matcher = PICTURE.matcher(picture);
    try {
      if (matcher.matches()) {
        return new Scene(number(matcher, 1), number(matcher, 2), number(matcher, 3), SEED, NOISE);
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage(), e);
    }
    throw new ParameterException(
        spec.commandLine(), option + " must be like 1920x1080@25, not " + picture);
  }

  private static int number(Matcher matcher, int group) {
    return Integer.parseInt(matcher.group(group));
  }
}
