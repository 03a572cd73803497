package org.shvideo.lab.powercut;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.shvideo.camera.Camera;
import org.shvideo.camera.media.AccessUnit;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.camera.scene.Scene;
import org.shvideo.lab.measure.SceneFootage;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.logging.LogLevel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Tests that no clip is lost in a power cut. */
@Command(
    name = "powercut",
    description = {
      "Cuts the power of a disk at random moments, and checks that nothing was lost.",
      "",
      "Runs two test cameras, capture, a worker and Redis on a file system whose disk records each"
          + " write. Then, for each cut, makes a disk with what was written before the last flush"
          + " and some of what came later, mounts it, starts everything, and checks each clip and"
          + " line that was said to be safe. Needs root, loop devices, FUSE and a C compiler"
          + " (Debian: apt install gcc pkg-config libfuse3-dev fuse3 xfsprogs btrfs-progs). Exit"
          + " status: 0 if all was kept, else 1; then the disks are kept."
    })
public final class PowercutCommand implements Callable<Integer> {
  private static final int CAMERAS = 2;
  static final int SCENE_FPS = 15;
  private static final int MAX_SHOWN = 5;
  private static final int MAX_KEPT_IMAGES = 3;

  @Option(
      names = "--filesystem",
      defaultValue = "ext4",
      paramLabel = "FS",
      description = "ext4, ext4-writeback, xfs or btrfs (default: ${DEFAULT-VALUE}).")
  private String fileSystem;

  @Option(
      names = "--cuts",
      defaultValue = "10",
      paramLabel = "N",
      description = "How many power cuts (default: ${DEFAULT-VALUE}).")
  private int cuts;

  @Option(
      names = "--seconds",
      defaultValue = "20",
      paramLabel = "S",
      description = "How long to record (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(names = "--seed", paramLabel = "S", description = "Seed of the cuts (default: random).")
  private Long seed;

  @Option(
      names = "--calls",
      paramLabel = "N",
      description =
          "Instead of the power, lets this many calls on files fail, one in each run, with each of"
              + " three errors. Before, checks that in a run without a failure each step is on disk"
              + " before the next begins. Needs a C compiler, but not root.")
  private Integer calls;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    FileSystemKind kind;
    try {
      kind = FileSystemKind.valueOf(fileSystem.toUpperCase(Locale.ROOT).replace('-', '_'));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "--filesystem must be ext4, ext4-writeback, xfs or btrfs");
    }
    LogLevel.CRITICAL.apply();
    if (calls != null) {
      return FailingCalls.start(calls, seed == null ? 1 : seed);
    }
    PrintWriter out = spec.commandLine().getOut();
    long usedSeed = seed == null ? new Random().nextInt(1_000_000) : seed;
    out.printf("%s, seed %d: recording for %d s%n", kind.text(), usedSeed, seconds);
    out.flush();
    Path memory = Path.of("/dev/shm");
    Path work =
        Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "sh-video-powercut")
            : Files.createTempDirectory("sh-video-powercut");
    List<Camera> cameras = new ArrayList<>();
    try {
      for (int camera = 0; camera < CAMERAS; camera++) {
        cameras.add(RtspCamera.serving(video(camera)).start());
      }
      Map<String, String> urls = new LinkedHashMap<>();
      for (Camera camera : cameras) {
        urls.put("CAMERA" + urls.size(), camera.url());
      }
      int violated = run(kind, work, urls, new Random(usedSeed), out);
      out.printf("%d of %d cuts lost nothing.%n", cuts - violated, cuts);
      if (violated == 0) {
        FileOperations.deleteTree(work);
      } else {
        out.println("The disks and the record are in " + work);
      }
      return violated == 0 ? 0 : 1;
    } finally {
      cameras.forEach(Camera::close);
    }
  }

  /** The empty street for a moment, then the sign is there at once and passes, again and again. */
  private static EncodedVideo video(long seed) throws IOException {
    SceneFootage footage = SceneFootage.draw(new Scene(320, 180, SCENE_FPS, seed));
    return footage.joined(busy(footage));
  }

  static List<AccessUnit> busy(SceneFootage footage) {
    List<AccessUnit> units = new ArrayList<>(footage.quiet().subList(0, SCENE_FPS * 3 / 2));
    List<AccessUnit> busy = footage.busy();
    int appears = 2 * SCENE_FPS;
    while (!busy.get(appears).keyframe()) {
      appears++;
    }
    units.addAll(busy.subList(appears, busy.size()));
    return units;
  }

  private int run(
      FileSystemKind kind, Path work, Map<String, String> urls, Random random, PrintWriter out)
      throws IOException, InterruptedException {
    Path recorded = work.resolve("disk");
    Path durable = work.resolve("durable");
    kind.make(recorded);
    FileSystemKind.run("cp", "--sparse=always", recorded.toString(), durable.toString());
    Witness witness;
    long begin;
    long end;
    Path log;
    try (RecordedDisk disk = new RecordedDisk(kind, recorded, work)) {
      log = disk.log();
      witness = new Witness(disk::now);
      begin = disk.now();
      try (var pipeline = new PoweredPipeline(disk.folder(), urls, witness, CutCheck.BEFORE)) {
        Duration part = Duration.ofSeconds(seconds).dividedBy(2);
        Thread.sleep(part.toMillis());
        pipeline.restartCapture();
        Thread.sleep(part.toMillis());
        end = disk.now();
      }
    }
    out.printf(
        "%d clips published, %d lines, %.1f MB written to the disk%n",
        witness.clips(end).size(), witness.lines(end).size(), (end - begin) / 1e6);
    out.flush();
    int violated = 0;
    try (DiskImages images = new DiskImages(log, durable)) {
      Path folder = Files.createDirectories(work.resolve("mounted"));
      CutCheck check = new CutCheck(kind, folder, urls, witness);
      List<Long> moments = moments(images, witness.moments(), begin, end, random);
      for (int number = 1; number <= cuts; number++) {
        long moment = moments.get(number - 1);
        Random own = new Random(random.nextLong());
        // Not the same file again: the system may still have the last one's content in memory.
        Path image = work.resolve("image-" + number);
        images.cut(moment, own, image);
        Path kept = work.resolve("violated-" + number);
        if (violated < MAX_KEPT_IMAGES) {
          FileSystemKind.run("cp", "--sparse=always", image.toString(), kept.toString());
        }
        long began = System.nanoTime();
        List<String> violations = check.check(image, moment);
        out.printf(
            "cut %d at %d: %s, %.1f s%n",
            number,
            moment,
            violations.isEmpty() ? "kept" : "VIOLATED",
            (System.nanoTime() - began) / 1e9);
        violations.stream().limit(MAX_SHOWN).forEach(violation -> out.println("  " + violation));
        out.flush();
        Files.delete(image);
        if (violations.isEmpty()) {
          Files.deleteIfExists(kept);
        } else {
          violated++;
        }
      }
    }
    return violated;
  }

  /** Half of them are just after something became safe. In order. */
  private List<Long> moments(
      DiskImages images, List<Long> safe, long begin, long end, Random random) {
    List<Long> moments = new ArrayList<>();
    for (int number = 0; number < cuts; number++) {
      boolean justAfter = !safe.isEmpty() && random.nextBoolean();
      long from =
          justAfter
              ? safe.get(random.nextInt(safe.size()))
              : begin + (long) (random.nextDouble() * (end - begin));
      moments.add(images.after(from, random.nextInt(4)));
    }
    Collections.sort(moments);
    return moments;
  }
}
