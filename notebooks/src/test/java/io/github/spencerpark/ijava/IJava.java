package io.github.spencerpark.ijava;

import io.github.spencerpark.jupyter.kernel.display.DisplayStream;

/** Stands in for IJava's starting class. No kernel runs unless a test says so. */
public class IJava {
  public static final String VERSION = "1.3.0";
  public static Kernel running;

  /** Stands in for its kernel, whose class has no version. */
  public static class Kernel {
    private final Io io = new Io();

    public Io getIO() {
      return io;
    }
  }

  /** Stands in for its streams. */
  public static class Io {
    public final DisplayStream display = new DisplayStream();
  }

  private IJava() {}

  public static Kernel getKernelInstance() {
    return running;
  }
}
