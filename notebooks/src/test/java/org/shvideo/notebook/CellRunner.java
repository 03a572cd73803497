package org.shvideo.notebook;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import jdk.jshell.EvalException;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;

/** Runs cells as the Java kernels do, in this process: JShell with their imports. */
final class CellRunner implements AutoCloseable {
  /** What IJava and JJava import for every notebook. */
  private static final List<String> IMPORTS =
      List.of(
          "java.util.*",
          "java.io.*",
          "java.math.*",
          "java.net.*",
          "java.util.concurrent.*",
          "java.util.prefs.*",
          "java.util.regex.*");

  private final JShell shell = JShell.builder().executionEngine("local").build();

  CellRunner() {
    shell.addToClasspath(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    IMPORTS.forEach(name -> run("import " + name + ";"));
  }

  /**
   * Runs a cell.
   *
   * @return the value of its last expression as text; empty when it has none
   * @throws AssertionError naming the snippet that does not compile
   * @throws CellException when a snippet throws
   */
  String run(String cell) {
    String value = "";
    String rest = cell;
    while (!rest.isBlank()) {
      CompletionInfo next = shell.sourceCodeAnalysis().analyzeCompletion(rest);
      String source = next.completeness().isComplete() ? next.source() : rest;
      rest = next.completeness().isComplete() ? next.remaining() : "";
      for (SnippetEvent event : shell.eval(source)) {
        if (event.causeSnippet() != null) {
          continue; // an earlier snippet that this one completes
        }
        if (event.exception() instanceof EvalException e) {
          throw new CellException(e.getExceptionClassName(), e.getMessage(), e.getStackTrace());
        }
        if (event.status() == Snippet.Status.REJECTED || event.exception() != null) {
          List<String> messages = new ArrayList<>();
          shell
              .diagnostics(event.snippet())
              .forEach(one -> messages.add(one.getMessage(Locale.ENGLISH)));
          throw new AssertionError(source + "\n" + messages + event.exception());
        }
        value = event.value() == null ? "" : event.value();
      }
    }
    return value;
  }

  @Override
  public void close() {
    shell.close();
  }

  /** What a cell threw. */
  static final class CellException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String type;

    CellException(String type, String message, StackTraceElement[] trace) {
      super(message);
      this.type = type;
      setStackTrace(trace);
    }

    String type() {
      return type;
    }
  }
}
