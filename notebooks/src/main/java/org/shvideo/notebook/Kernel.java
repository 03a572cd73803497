package org.shvideo.notebook;

import java.lang.reflect.InvocationTargetException;
import java.util.Optional;

/**
 * The Java kernel that this process is. IJava and its continuation JJava have the same classes in
 * different packages, and neither is a dependency of ours: they bring this library in, not the
 * other way round. So what is needed of them is called by reflection. Thread-safe.
 *
 * <p>Pictures are handed over encoded. Both kernels would encode a {@code BufferedImage} too, but
 * leave out the last bytes of the PNG.
 */
final class Kernel {
  private static final Kernel CURRENT = find();

  private final String name;
  private final Object instance;
  private final Class<?> displayData;

  private Kernel(String name, Object instance, Class<?> displayData) {
    this.name = name;
    this.instance = instance;
    this.displayData = displayData;
  }

  static Kernel current() {
    return CURRENT;
  }

  /** The kernel that runs now. */
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
        .orElse(new Kernel(null, null, null));
  }

  private static Optional<Kernel> find(
      String name, String owner, String getter, String displayData) {
    try {
      Object instance = Class.forName(owner).getMethod(getter).invoke(null);
      return instance == null
          ? Optional.empty()
          : Optional.of(new Kernel(name + version(instance), instance, Class.forName(displayData)));
    } catch (ReflectiveOperationException e) {
      return Optional.empty();
    }
  }

  /** JJava's kernel tells it itself, IJava has it in the class that starts the kernel. */
  private static String version(Object instance) {
    try {
      return " " + instance.getClass().getMethod("getVersion").invoke(instance);
    } catch (ReflectiveOperationException e) {
      // then the other way
    }
    try {
      return " " + Class.forName("io.github.spencerpark.ijava.IJava").getField("VERSION").get(null);
    } catch (ReflectiveOperationException e) {
      return "";
    }
  }

  /** {@code JJava} or {@code IJava} with its version; empty when this is no notebook. */
  Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /** What the kernel shows when a cell ends with it; the view itself where there is no kernel. */
  Object value(View view) {
    return instance == null ? view : displayData(view);
  }

  /** Shows the view now, under the running cell. */
  void display(View view, String id) {
    if (instance == null) {
      System.out.println(view.text());
      return;
    }
    Object data = displayData(view);
    call(data, "setDisplayId", new Class<?>[] {String.class}, id);
    call(stream(), "display", new Class<?>[] {displayData}, data);
  }

  /** Replaces what {@link #display} showed under this id. */
  void update(View view, String id) {
    if (instance == null) {
      System.out.println(view.text());
      return;
    }
    call(
        stream(),
        "updateDisplay",
        new Class<?>[] {String.class, displayData},
        id,
        displayData(view));
  }

  private Object displayData(View view) {
    try {
      Object data = displayData.getConstructor().newInstance();
      view.forms()
          .forEach(
              (type, content) ->
                  call(
                      data, "putData", new Class<?>[] {String.class, Object.class}, type, content));
      return data;
    } catch (ReflectiveOperationException e) {
      throw unknown(e);
    }
  }

  private Object stream() {
    try {
      Object io = instance.getClass().getMethod("getIO").invoke(instance);
      return io.getClass().getField("display").get(io);
    } catch (ReflectiveOperationException e) {
      throw unknown(e);
    }
  }

  private static void call(Object on, String method, Class<?>[] types, Object... arguments) {
    try {
      on.getClass().getMethod(method, types).invoke(on, arguments);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("The kernel cannot show this", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw unknown(e);
    }
  }

  private static IllegalStateException unknown(ReflectiveOperationException e) {
    return new IllegalStateException(
        "This Java kernel is neither IJava 1.3 nor JJava 1.0 as known here", e);
  }
}
