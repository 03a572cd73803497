package org.dflib.jjava.jupyter.kernel;

import org.dflib.jjava.jupyter.kernel.display.DisplayStream;

/** Stands in for JJava's kernel. None runs unless a test says so. */
public class BaseKernel {
  public static BaseKernel running;
  private final Io io = new Io();

  /** Stands in for its streams. */
  public static class Io {
    public final DisplayStream display = new DisplayStream();
  }

  public static BaseKernel notebookKernel() {
    return running;
  }

  public Io getIO() {
    return io;
  }

  public String getVersion() {
    return "1.0-a8";
  }
}
