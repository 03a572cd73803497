package org.shvideo.notebook.session;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.shvideo.notebook.view.LiveDisplay;
import org.shvideo.notebook.view.Text;
import org.shvideo.tasks.lifecycle.Watchdog;
import org.shvideo.tasks.settings.Masking;

/**
 * The program yt-dlp, which finds and downloads the video of a page.
 *
 * @param program a name on the PATH, or a path
 * @param timeout for yt-dlp's connections; it may itself be silent for six times as long
 */
record YtDlp(String program, Duration timeout) {
  private static final Pattern PROGRESS = Pattern.compile("\\[download\\].*?(\\d+(\\.\\d+)?)%.*");
  private static final long POLL_INTERVAL_MILLIS = 50;

  /**
   * Downloads the video of a page, showing the progress.
   *
   * @param type the page's content type, for messages
   * @param folder where the file goes
   * @return the last line of its output, without credentials
   * @throws NotebookException when yt-dlp is missing, fails, hangs, or the cell was interrupted
   */
  String fetch(String address, String type, Path folder) throws IOException {
    Process process;
    try {
      process =
          new ProcessBuilder(
                  program,
                  "--ignore-config",
                  "--no-playlist",
                  "--restrict-filenames",
                  "--newline",
                  "--socket-timeout",
                  Long.toString(Math.max(1, timeout.toSeconds())),
                  "--format",
                  "best[ext=mp4]/best",
                  "--output",
                  folder.resolve("%(title).80s-%(id)s.%(ext)s").toString(),
                  "--batch-file",
                  "-")
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      throw Download.failed(
          address,
          "%s is not a video file%s. Give the address of a file, or install yt-dlp, which finds the"
              + " videos in pages (pip install yt-dlp).",
          type.isEmpty() ? "" : " but " + type);
    }
    // Not as an argument: all users can read the arguments of a process.
    try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
      in.write(address.strip() + "\n");
    } catch (IOException e) {
      // It ended without reading; its output says why.
    }
    try {
      Watchdog.over(process.toHandle());
      LiveDisplay display = new LiveDisplay();
      String last = await(process, address, display);
      if (process.exitValue() != 0) {
        throw Download.failed(address, "yt-dlp cannot fetch %s: %s", last);
      }
      display.showNow(Text.progress("yt-dlp", 1, 1, "done"));
      return last;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NotebookException("Stopped. Discarded the download.");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly); // its ffmpeg
      process.destroyForcibly().onExit().join();
    }
  }

  private String await(Process process, String address, LiveDisplay display)
      throws IOException, InterruptedException {
    String last = "no output";
    long lastNanos = System.nanoTime();
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      // A blocking read would not end with an interrupt.
      for (boolean alive = true; alive || output.ready(); ) {
        alive = process.isAlive();
        if (output.ready()) {
          last = Masking.mask(output.readLine());
          lastNanos = System.nanoTime();
          Matcher progress = PROGRESS.matcher(last);
          if (progress.matches()) {
            display.show(Text.progress("yt-dlp", Double.parseDouble(progress.group(1)), 100, ""));
          }
        } else if (System.nanoTime() - lastNanos > timeout.multipliedBy(6).toNanos()) {
          throw Download.failed(
              address, "yt-dlp hung while fetching %s and was stopped. Its last output: %s", last);
        } else {
          process.waitFor(POLL_INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
        }
      }
      return last;
    }
  }
}
