import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.shvideo.worker.yolo.ModelSource;

/** Puts the model, from where the worker would look for it, into an image that is built. */
final class BakeModel {
  private BakeModel() {}

  public static void main(String[] arguments) throws Exception {
    Path model = new ModelSource(Optional.empty(), Path.of("")).find();
    System.out.println("Model: " + model);
    Files.copy(model, Path.of(arguments[0]));
  }
}
