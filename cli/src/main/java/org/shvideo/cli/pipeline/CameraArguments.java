package org.shvideo.cli.pipeline;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Cameras as they are given on the command line. */
public final class CameraArguments {
  private CameraArguments() {}

  /**
   * Converts {@code [NAME=]URL} arguments to the settings {@code RTSP_URL} or {@code
   * RTSP_URL_<NAME>}.
   */
  public static Map<String, String> toSettings(List<String> cameras) {
    Map<String, String> settings = new LinkedHashMap<>();
    if (cameras.size() == 1 && !cameras.get(0).matches("[\\w-]+=.*")) {
      settings.put("RTSP_URL", cameras.get(0));
      return settings;
    }
    int number = 0;
    for (String camera : cameras) {
      number++;
      boolean named = camera.matches("[\\w-]+=.*");
      String name = named ? camera.substring(0, camera.indexOf('=')) : "camera-" + number;
      String url = named ? camera.substring(camera.indexOf('=') + 1) : camera;
      String setting = "RTSP_URL_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
      if (settings.put(setting, url) != null) {
        throw new UserException(
            "Two cameras are named " + name + ". Give each camera its own name.");
      }
    }
    return settings;
  }
}
