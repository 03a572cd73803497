import java.util.List;
import java.util.Map;

/** Loads the named native libraries once, when an image is built. */
final class WarmUp {
  private static final Map<String, List<String>> JAVACPP =
      Map.of(
          "ffmpeg",
          List.of("avutil", "avcodec", "avformat", "swscale", "swresample", "avfilter"),
          "opencv",
          List.of("opencv_core", "opencv_imgproc"));

  private WarmUp() {}

  /** By reflection, because the class path has only what the image needs. */
  public static void main(String[] names) throws ReflectiveOperationException {
    for (String name : names) {
      if (name.equals("pytorch")) {
        Class<?> engine = Class.forName("ai.djl.engine.Engine");
        System.out.println(engine.getMethod("getEngine", String.class).invoke(null, "PyTorch"));
      } else {
        for (String library : JAVACPP.get(name)) {
          Class.forName("org.bytedeco." + name + ".global." + library);
          System.out.println("Loads: " + library);
        }
      }
    }
  }
}
