package org.shvideo.lab.powercut;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.shvideo.camera.scene.Scene;
import org.shvideo.cli.pipeline.ClipAudit.Anomaly;
import org.shvideo.cli.pipeline.JavaCommand;
import org.shvideo.lab.measure.SceneFootage;
import org.shvideo.lab.powercut.Witness.Seen;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.lifecycle.Watchdog;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;

/**
 * Lets one call on a file after the other fail while a file is recorded, also those of FFmpeg; then
 * starts everything again, and checks that nothing was lost. Runs in a process of its own, whose C
 * library {@code tools/powercut/failingcalls.c} stands before.
 */
final class FailingCalls {
  private static final Map<String, Integer> ERRORS =
      new LinkedHashMap<>(Map.of("EIO", 5, "ENOSPC", 28, "EMFILE", 24));
  private static final int FOLDER = 16;
  private static final int FOLDER_BYTES = 496;
  private static final int TRACE = FOLDER + FOLDER_BYTES;
  private static final int TRACE_BYTES = 1 << 22;

  private final MappedByteBuffer control;
  private final Path work;
  private final Map<String, String> input;

  /** How many calls there are in a run without a failure. */
  private int total;

  private FailingCalls(Path control, Path work, Path footage) throws IOException {
    try (FileChannel file =
        FileChannel.open(control, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      this.control = file.map(FileChannel.MapMode.READ_WRITE, 0, TRACE + TRACE_BYTES);
    }
    this.control.order(ByteOrder.nativeOrder());
    this.work = work;
    this.input = Map.of("FILE0", footage.toString());
  }

  /** Starts the process, and returns its exit status. */
  static int start(int calls, long seed) throws IOException, InterruptedException {
    Path root = Path.of(System.getProperty("shvideo.root", "")).toAbsolutePath();
    Path work = Files.createTempDirectory("sh-video-calls");
    try {
      Path library = work.resolve("failingcalls.so");
      FileSystemKind.run(
          "cc",
          "-O2",
          "-shared",
          "-fPIC",
          "-o",
          library.toString(),
          root.resolve("tools/powercut/failingcalls.c").toString(),
          "-ldl",
          "-lpthread");
      Path control = work.resolve("control");
      Files.write(control, new byte[TRACE + TRACE_BYTES]);
      List<String> command = JavaCommand.of(FailingCalls.class, "-Xmx256m");
      command.addAll(List.of(control.toString(), work.toString(), "" + calls, "" + seed));
      ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
      builder.environment().put("LD_PRELOAD", library.toString());
      builder.environment().put("FAILING_CALLS", control.toString());
      Process process = builder.start();
      Watchdog.over(process.toHandle());
      return process.waitFor();
    } finally {
      FileOperations.deleteTree(work);
    }
  }

  /** Arguments: control file, folder to work in, number of calls, seed. */
  public static void main(String[] arguments) throws Exception {
    LogLevel.CRITICAL.apply();
    Path work = Path.of(arguments[1]);
    Path footage = work.resolve("footage.h264");
    SceneFootage scene = SceneFootage.draw(new Scene(320, 180, PowercutCommand.SCENE_FPS, 1));
    scene.write(footage, PowercutCommand.busy(scene), 7);
    FailingCalls calls = new FailingCalls(Path.of(arguments[0]), work, footage);
    System.exit(calls.run(Integer.parseInt(arguments[2]), Long.parseLong(arguments[3])) ? 0 : 1);
  }

  private boolean run(int limit, long seed) throws IOException, InterruptedException {
    List<String> violations = tryOne(0, 0);
    System.out.printf("%d calls in a run without a failure%n", total);
    boolean kept = report("no failure", violations);
    List<Integer> numbers = new ArrayList<>();
    for (int number = 1; number <= total; number++) {
      numbers.add(number);
    }
    Collections.shuffle(numbers, new Random(seed));
    int tried = 0;
    Map<String, Integer> failed = new TreeMap<>();
    for (int number : numbers.subList(0, Math.min(limit, total))) {
      for (Map.Entry<String, Integer> error : ERRORS.entrySet()) {
        violations = tryOne(number, error.getValue());
        String call = failedCall();
        failed.merge(call.isEmpty() ? "none" : call.substring(0, 1), 1, Integer::sum);
        tried++;
        kept &= report("%s in call %d, %s".formatted(error.getKey(), number, call), violations);
      }
    }
    System.out.printf("%d failures tried, by call: %s%n", tried, failed);
    System.out.println(kept ? "All was kept." : "A promise was VIOLATED.");
    return kept;
  }

  private static boolean report(String what, List<String> violations) {
    if (!violations.isEmpty()) {
      System.out.println("VIOLATED with " + what);
      violations.forEach(violation -> System.out.println("  " + violation));
    }
    return violations.isEmpty();
  }

  private List<String> tryOne(int call, int error) throws IOException, InterruptedException {
    Path root = Files.createDirectories(work.resolve("run"));
    VideoFolder video = new VideoFolder(root.resolve("video"));
    Witness witness = new Witness(() -> control.getInt(12));
    watch(root, call, error);
    List<String> violations = new ArrayList<>();
    try (var pipeline = new PoweredPipeline(root, input, witness, "first")) {
      pipeline.awaitEnd();
      if (call == 0) {
        pipeline.awaitEmptyOutbox();
      }
      pipeline.finish();
    } catch (IOException | RuntimeException e) {
      // told to the user; the next start must mend it
    }
    total = call == 0 ? control.getInt(8) : total;
    control.putInt(0, 0);
    try (var pipeline = new PoweredPipeline(root, input, witness, "second")) {
      pipeline.awaitEnd();
      for (Anomaly anomaly : pipeline.finish().anomalies()) {
        violations.add(anomaly.kind().text() + ": " + anomaly.what());
      }
      CutCheck.checkClips(video, witness.clips(Long.MAX_VALUE), violations);
      for (String name : names(video.recording())) {
        if (ClipName.hasExtension(name)) {
          violations.add("a recording was left: " + name);
        }
      }
    } catch (IOException | RuntimeException e) {
      violations.add("the next start failed: " + e);
    }
    violations.addAll(order(video, witness));
    control.put(FOLDER, (byte) 0);
    FileOperations.deleteTree(root);
    return violations;
  }

  private static Set<String> names(Path folder) throws IOException {
    Set<String> names = new HashSet<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    return names;
  }

  private void watch(Path folder, int call, int error) {
    byte[] path = (folder + "\0").getBytes(StandardCharsets.UTF_8);
    control.putInt(0, call);
    control.putInt(4, error);
    control.putInt(8, 0);
    control.putInt(12, 0);
    control.put(FOLDER, path);
  }

  private String trace() {
    byte[] trace = new byte[control.getInt(12)];
    control.get(TRACE, trace);
    return new String(trace, StandardCharsets.UTF_8);
  }

  private String failedCall() {
    return trace().lines().filter(line -> line.startsWith("!", 1)).findFirst().orElse("");
  }

  private List<String> order(VideoFolder video, Witness witness) {
    CallOrder order = new CallOrder(video.root().toString());
    List<Seen> lines = new ArrayList<>(witness.lines(Long.MAX_VALUE));
    lines.sort((a, b) -> Long.compare(a.moment(), b.moment()));
    long position = 0;
    for (String call : trace().lines().toList()) {
      while (!lines.isEmpty() && lines.get(0).moment() <= position) {
        order.written(lines.remove(0).clip());
      }
      order.call(call);
      position += call.getBytes(StandardCharsets.UTF_8).length + 1;
    }
    return order.violations();
  }
}
