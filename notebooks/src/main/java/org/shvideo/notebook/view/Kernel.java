package org.shvideo.notebook.view;

import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * The Java kernel that runs this process. IJava and its successor JJava have the same classes in
 * different packages. They load this library and are not among its dependencies, so their methods
 * are called by reflection. Thread-safe.
 *
 * <p>Pictures are passed encoded: both kernels would also encode a {@code BufferedImage}, but cut
 * off the last bytes of the PNG.
 *
 * @param name {@code JJava} or {@code IJava} with its version; empty outside of a notebook
 * @param instance the kernel; null outside of a notebook
 * @param displayData its class for what a cell displays; null outside of a notebook
 */
public record Kernel(Optional<String> name, Object instance, Class<?> displayData) {
  private static final Kernel CURRENT = find();

  /** The kernel of this process, looked up once. */
  public static Kernel current() {
    return CURRENT;
  }

  /** The kernel that runs now; one without a name where none does. */
  static Kernel find() {
    return find(
            "JJava",
            "org.dflib.jjava.jupyter.kernel.BaseKernel",
            "notebookKernel",
            "org.dflib.jjava.jupyter.kernel.display.DisplayData")
        .or(
            () ->
                find(
                    "IJava",
                    "io.github.spencerpark.ijava.IJava",
                    "getKernelInstance",
                    "io.github.spencerpark.jupyter.kernel.display.DisplayData"))
        .orElse(new Kernel(Optional.empty(), null, null));
  }

  private static Optional<Kernel> find(
      String name, String owner, String getter, String displayData) {
    try {
      Object instance = Class.forName(owner).getMethod(getter).invoke(null);
      if (instance == null) {
        return Optional.empty();
      }
      Optional<String> title = Optional.of(name + version(instance));
      return Optional.of(new Kernel(title, instance, Class.forName(displayData)));
    } catch (ReflectiveOperationException e) {
      return Optional.empty();
    }
  }

  /** JJava has its version in the kernel, IJava in the class that starts it. */
  private static String version(Object instance) {
    try {
      return " " + instance.getClass().getMethod("getVersion").invoke(instance);
    } catch (ReflectiveOperationException e) {
      try {
        Class<?> starter = Class.forName("io.github.spencerpark.ijava.IJava");
        return " " + starter.getField("VERSION").get(null);
      } catch (ReflectiveOperationException unknown) {
        return "";
      }
    }
  }

  /** What the kernel displays when a cell ends with it; the view itself outside of a notebook. */
  Object value(View view) {
    return instance == null ? view : call(() -> displayData(view));
  }

  /**
   * Displays the view now, under the running cell.
   *
   * @param id of the display
   * @param update whether to replace what was displayed under this id
   */
  void display(View view, String id, boolean update) {
    if (instance == null) {
      System.out.println(view.text());
      return;
    }
    call(
        () -> {
          Object io = instance.getClass().getMethod("getIO").invoke(instance);
          Object stream = io.getClass().getField("display").get(io);
          Object data = displayData(view);
          if (update) {
            return stream
                .getClass()
                .getMethod("updateDisplay", String.class, displayData)
                .invoke(stream, id, data);
          }
          displayData.getMethod("setDisplayId", String.class).invoke(data, id);
          return stream.getClass().getMethod("display", displayData).invoke(stream, data);
        });
  }

  private Object displayData(View view) throws ReflectiveOperationException {
    Object data = displayData.getConstructor().newInstance();
    var put = displayData.getMethod("putData", String.class, Object.class);
    for (var content : view.mimeBundle().entrySet()) {
      put.invoke(data, content.getKey(), content.getValue());
    }
    return data;
  }

  private static Object call(Callable<Object> action) {
    try {
      return action.call();
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("The kernel cannot display this", e.getCause());
    } catch (Exception e) {
      throw new IllegalStateException(
          "Unsupported Java kernel: neither IJava 1.3 nor JJava 1.0. Install one of these.", e);
    }
  }
}
