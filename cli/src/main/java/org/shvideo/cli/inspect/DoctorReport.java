package org.shvideo.cli.inspect;

import java.io.PrintWriter;

/** Prints one line for each result of {@code doctor} and counts the problems. */
final class DoctorReport {
  private final PrintWriter out;
  private int problems;

  DoctorReport(PrintWriter out) {
    this.out = out;
  }

  void ok(String subject, String message) {
    print("✔", 32, subject, message);
  }

  void warn(String subject, String message) {
    print("!", 33, subject, message);
  }

  void fail(String subject, String message) {
    problems++;
    print("✘", 31, subject, message);
  }

  int problems() {
    return problems;
  }

  private void print(String sign, int colour, String subject, String message) {
    String shown =
        Boolean.getBoolean("shvideo.terminal") ? "\033[%dm%s\033[0m".formatted(colour, sign) : sign;
    out.printf("%s  %-18s %s%n", shown, subject, message);
    out.flush();
  }
}
