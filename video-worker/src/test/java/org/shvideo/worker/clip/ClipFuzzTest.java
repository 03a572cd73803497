package org.shvideo.worker.clip;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.javacv.FFmpegFrameGrabber;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shvideo.tasks.Fuzz;
import org.shvideo.tasks.TestFiles;
import org.shvideo.worker.TestClips;

/** Damaged clips of every kind that capture or people put into the folder. */
@Tag("process")
final class ClipFuzzTest {
  private static final long SEED = 20260223;
  private static final int LONGEST_MILLIS = 45_000;

  @TempDir private Path folder;

  @Test
  void noDamagedClipTakesTheReaderDownOrHoldsIt() throws Exception {
    List<Path> originals = originals();
    int clips = Fuzz.count(150);
    Map<String, Integer> outcomes = new TreeMap<>();
    List<String> findings = new ArrayList<>();
    long slowest = 0;
    long number = Long.getLong("shvideo.fuzz.first", 0);
    long end = number + clips;
    while (number < end) {
      Process process = start(number, end - number, originals);
      Thread watchdog = watch(process, TimeUnit.MINUTES.toMillis(1) + clips * 200L);
      String last = "";
      try (BufferedReader output = process.inputReader()) {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
          if (line.startsWith("clip ")) {
            number = Long.parseLong(line.substring(5));
          } else if (line.contains(" ms ")) {
            String[] words = line.split(" ", 4);
            long millis = Long.parseLong(words[0]);
            slowest = Math.max(slowest, millis);
            outcomes.merge(words[2], 1, Integer::sum);
            if (millis > LONGEST_MILLIS) {
              findings.add("clip %d took %d ms".formatted(number, millis));
            }
          }
          last = line;
        }
      }
      int status = process.waitFor();
      watchdog.interrupt();
      if (!last.equals("done")) {
        findings.add("clip %d ended the process, %d: %s".formatted(number, status, last));
      }
      number++;
      if (last.equals("done") || findings.size() > 20) {
        break;
      }
    }
    System.out.printf("%d clips of seed %d: %s, slowest %d ms%n", clips, SEED, outcomes, slowest);

    assertThat(findings).isEmpty();
    assertThat(outcomes.get("read")).as("most damage leaves something").isGreaterThan(clips / 4);
    assertThat(outcomes).containsKey("unreadable");
  }

  private Process start(long first, long count, List<Path> originals) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dai.djl.offline=true",
                "-Djava.awt.headless=true",
                "-Dorg.bytedeco.javacpp.maxBytes=0",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-XX:-CreateCoredumpOnCrash",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                ClipFuzz.class.getName(),
                Long.toString(SEED),
                Long.toString(first),
                Long.toString(count),
                folder.toString(),
                Fuzz.count(0) > 0 ? TestFiles.demoModel().toString() : ""));
    originals.forEach(original -> command.add(original.toString()));
    return new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
  }

  /** Ends a process in which a clip hangs. */
  private static Thread watch(Process process, long millis) {
    Thread thread =
        new Thread(
            () -> {
              try {
                if (!process.waitFor(millis, TimeUnit.MILLISECONDS)) {
                  process.destroyForcibly();
                }
              } catch (InterruptedException e) {
                // it has ended
              }
            },
            "watchdog");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private List<Path> originals() throws IOException {
    List<Path> originals = new ArrayList<>();
    for (String name : List.of("mpeg4.avi", "mpeg4.mp4", "jpeg.mjpeg.avi", "vp8.webm")) {
      originals.add(TestClips.encode(folder.resolve(name), 12, 25, ClipFuzzTest::picture));
    }
    Path tests = Path.of(System.getProperty("shvideo.root"), "capture-service/src/test/resources");
    try (Stream<Path> files = Files.list(tests.resolve("org/shvideo/capture/testing"))) {
      for (Path mp4 : files.filter(file -> file.toString().endsWith(".mp4")).sorted().toList()) {
        originals.add(mp4);
        String name = mp4.getFileName().toString();
        if (name.startsWith("h264")) {
          originals.add(remuxed(mp4, folder.resolve(name.replace(".mp4", ".avi"))));
          originals.add(remuxed(mp4, folder.resolve(name.replace(".mp4", ".mkv"))));
        }
      }
    }
    return originals;
  }

  /** As capture records: the same packets in another container. */
  private static Path remuxed(Path from, Path to) throws IOException {
    try (var grabber = new FFmpegFrameGrabber(from.toFile())) {
      grabber.start();
      try (var recorder =
          new FFmpegFrameRecorder(
              to.toFile(), grabber.getImageWidth(), grabber.getImageHeight(), 0)) {
        recorder.start(grabber.getFormatContext());
        for (AVPacket packet = grabber.grabPacket();
            packet != null;
            packet = grabber.grabPacket()) {
          recorder.recordPacket(packet);
          avcodec.av_packet_unref(packet);
        }
      }
    }
    return to;
  }

  private static BufferedImage picture(int index) {
    BufferedImage picture = new BufferedImage(160, 96, BufferedImage.TYPE_3BYTE_BGR);
    var graphics = picture.createGraphics();
    graphics.setColor(Color.ORANGE);
    graphics.fillRect(5 * index, 20, 40, 30);
    graphics.setColor(Color.BLUE);
    graphics.drawLine(0, 0, 159, 8 * index);
    graphics.dispose();
    return picture;
  }
}
