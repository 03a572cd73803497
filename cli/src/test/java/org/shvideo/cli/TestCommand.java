package org.shvideo.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;

/** Executes command lines and keeps the output of the last one. */
public final class TestCommand {
  private final Supplier<Callable<Integer>> root;
  private StringWriter out = new StringWriter();
  private StringWriter err = new StringWriter();

  /**
   * @param root makes a new root command, such as {@code ShVideo::new}
   */
  public TestCommand(Supplier<Callable<Integer>> root) {
    this.root = root;
  }

  /** Returns the exit status. */
  public int execute(String... arguments) {
    out = new StringWriter();
    err = new StringWriter();
    CommandLine commandLine = ShVideo.commandLine(root.get());
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }

  public String out() {
    return out.toString();
  }

  public String err() {
    return err.toString();
  }
}
