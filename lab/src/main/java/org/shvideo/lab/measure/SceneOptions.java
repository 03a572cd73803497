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

  /** So that the drawn street takes somewhat more than a megabit a second at 1080p25. */
  private static final double NOISE = 4.3;

  private static final long SEED = 7;

  @Option(
      names = "--picture",
      paramLabel = "WxH@FPS",
      defaultValue = "1920x1080@25",
      description = "What the cameras send; ${DEFAULT-VALUE} where not given.")
  private String picture;

  @Option(
      names = "--settle",
      paramLabel = "S",
      defaultValue = "60",
      description = {
        "How long a camera is connected before it is measured, ${DEFAULT-VALUE} s where not given.",
        "Four motions fall into a minute, after which capture knows what the camera's packets tell;"
            + " with less than half a minute there are none, and all is decoded."
      })
  private int settle;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  public int settleSeconds() {
    return settle;
  }

  public Scene scene() {
    Matcher matcher = PICTURE.matcher(picture);
    try {
      if (matcher.matches()) {
        return new Scene(number(matcher, 1), number(matcher, 2), number(matcher, 3), SEED, NOISE);
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--picture: " + e.getMessage(), e);
    }
    throw new ParameterException(
        spec.commandLine(), "--picture is such as 1920x1080@25, not " + picture);
  }

  private static int number(Matcher matcher, int group) {
    return Integer.parseInt(matcher.group(group));
  }
}
