package org.shvideo.capture.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.lifecycle.Threads;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes clips of the files that others put into the video folder's {@code inbox}, in a thread of
 * its own, one file at a time.
 *
 * <p>A file that no longer changes is moved to {@code .recording/inbox}, where no uploader reaches
 * it, and its packets are copied into a container of ours. The copy takes the file's place, and is
 * then moved to the recordings, each in one step; from there on it is published as any recording.
 * So whatever a crash leaves is in exactly one place and of one piece, and the next start goes on.
 * What is no video is moved to {@code inbox/rejected}, with its reason.
 */
public final class Inbox implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);

  private static final String REJECTED = "rejected";
  private static final String REASON = ".txt";

  /** What programs name what they have not finished writing, and folders of network storages. */
  private static final Pattern UNFINISHED =
      Pattern.compile(
          "\\..*|@eaDir|#recycle|.*~|.*\\.(part|partial|filepart|tmp|temp|upload|uploading|download|crdownload)",
          Pattern.CASE_INSENSITIVE);

  /** In names, as {@code VID_20260223_144819.mp4}, with or without separators. */
  private static final Pattern TIME =
      Pattern.compile(
          "(?<!\\d)(20\\d\\d)[-_.]?(\\d\\d)[-_.]?(\\d\\d)[-_."
              + " T]?(\\d\\d)[-_.:]?(\\d\\d)[-_.:]?(\\d\\d)");

  private static final String CREATION_TIME = "creation_time";

  private static final Duration POLL_INTERVAL = Duration.ofSeconds(2);

  /** After a failure; a copy of a large file may have been in vain. */
  private static final Duration RETRY_INTERVAL = Duration.ofSeconds(30);

  /** How long a file must not have changed; uploads over Wi-Fi stall for seconds. */
  private static final Duration SETTLE_TIME = Duration.ofSeconds(10);

  /** How long one must not have changed that says itself that something is missing. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

  /** A clip that is later than this was recorded by a clock that is wrong. */
  private static final Duration MAX_LEAD = Duration.ofDays(1);

  /** Folders within each other; cameras make one for each year, month, day and hour. */
  private static final int MAX_DEPTH = 8;

  /** That are looked at in one round. */
  private static final int MAX_FILES = 10_000;

  /** After which a file is given up that ended this process, by a fault of native code. */
  private static final int MAX_ATTEMPTS = 3;

  /** At most four bytes each, of the 255 that file systems allow. */
  private static final int MAX_NAME_CHARACTERS = 50;

  private final ClipStore store;
  private final Path inbox;
  private final Path taken;
  private final Path copy;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final Thread thread = new Thread(this::run, "inbox");
  private final CountDownLatch stop = new CountDownLatch(1);

  // Used by the thread only.
  private boolean recovered;
  private Map<Path, Upload> uploads = new HashMap<>();
  private Map<Path, String> failures = new HashMap<>();

  /** A file as it was seen last, and since when it is so, by the clock of nanoseconds. */
  private record Upload(FileTime modified, long bytes, Object key, long since) {
    boolean isAs(BasicFileAttributes file) {
      return file.size() == bytes
          && file.lastModifiedTime().equals(modified)
          && String.valueOf(file.fileKey()).equals(String.valueOf(key));
    }
  }

  private interface Action {
    void run() throws IOException, InterruptedException;
  }

  /**
   * @param store not closed by this; to be closed later
   * @param clock for the time zone of clip names, and for which times are plausible
   */
  public Inbox(ClipStore store, Clock clock) {
    this(store, clock, System::nanoTime);
  }

  Inbox(ClipStore store, Clock clock, LongSupplier nanoTime) {
    this.store = store;
    this.inbox = store.folder().inbox();
    this.taken = store.folder().recording().resolve(VideoFolder.INBOX);
    this.copy = taken.resolve("copy");
    this.clock = clock;
    this.nanoTime = nanoTime;
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    Duration wait;
    try {
      do {
        check();
        wait = failures.isEmpty() ? POLL_INTERVAL : RETRY_INTERVAL;
      } while (!stop.await(wait.toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      // the service is stopping
    }
  }

  /** Looks once, and takes what is complete. */
  void check() throws InterruptedException {
    if (store.isPaused()) {
      return; // there is no room
    }
    Map<Path, String> before = failures;
    failures = new HashMap<>();
    if (!recovered) {
      attempt(taken, before, this::countAttempts);
      recovered = true;
    }
    List<Path> left = new ArrayList<>();
    attempt(taken, before, () -> listTaken(left));
    for (Path file : left) {
      attempt(file, before, () -> take(file));
    }
    Map<Path, BasicFileAttributes> found = new LinkedHashMap<>();
    attempt(inbox, before, () -> list(found));
    Map<Path, Upload> known = uploads;
    uploads = new HashMap<>();
    for (Map.Entry<Path, BasicFileAttributes> entry : found.entrySet()) {
      Path file = entry.getKey();
      attempt(file, before, () -> look(file, entry.getValue(), known.get(file)));
    }
  }

  /**
   * Does something with a file, unless the service is stopping. A failure is told once, and tried
   * again.
   */
  private void attempt(Path file, Map<Path, String> toldBefore, Action action)
      throws InterruptedException {
    if (stop.getCount() == 0) {
      return;
    }
    try {
      action.run();
    } catch (NoSuchFileException e) {
      LOG.debug("Gone meanwhile: {}", e.getMessage());
    } catch (IOException | RuntimeException e) {
      String reason = e instanceof IOException io ? ClipStore.reason(io) : e.toString();
      failures.put(file, reason);
      if (stop.getCount() > 0 && !reason.equals(toldBefore.get(file))) {
        LOG.error("Cannot take {} from the inbox: {}. It is tried again.", shown(file), reason);
      }
    }
  }

  /** What earlier attempts left; one that ended the process is counted by the folder's name. */
  private void countAttempts() throws IOException {
    for (Path file : files(taken.resolve("" + MAX_ATTEMPTS))) {
      reject(
          file, "capture crashed or was killed %d times while it read it".formatted(MAX_ATTEMPTS));
    }
    FileOperations.deleteTree(taken.resolve("" + MAX_ATTEMPTS));
    for (int number = MAX_ATTEMPTS; number > 1; number--) {
      Path earlier = taken.resolve("" + (number - 1));
      if (Files.exists(earlier)) {
        Files.move(earlier, taken.resolve("" + number), StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  private void listTaken(List<Path> found) throws IOException {
    for (int number = 1; number <= MAX_ATTEMPTS; number++) {
      found.addAll(files(taken.resolve("" + number)));
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Finds all but what is rejected, or not finished by its name. */
  private void list(Map<Path, BasicFileAttributes> found) throws IOException {
    if (!Files.isDirectory(inbox)) {
      return;
    }
    Files.walkFileTree(
        inbox,
        EnumSet.noneOf(FileVisitOption.class),
        MAX_DEPTH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            boolean other = folder.equals(inbox.resolve(REJECTED)) || isUnfinished(folder);
            return other && !folder.equals(inbox)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (!isUnfinished(file)) {
              found.put(file, attributes);
            }
            return found.size() < MAX_FILES ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException reason) throws IOException {
            if (file.equals(inbox)) {
              throw reason;
            }
            LOG.debug("Cannot look at {}", file, reason);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static boolean isUnfinished(Path file) {
    return UNFINISHED.matcher(file.getFileName().toString()).matches();
  }

  /** Takes a file that is complete, rejects what is none, and remembers the others. */
  private void look(Path file, BasicFileAttributes attributes, Upload before)
      throws IOException, InterruptedException {
    long now = nanoTime.getAsLong();
    boolean unchanged = before != null && before.isAs(attributes);
    Upload upload =
        unchanged
            ? before
            : new Upload(
                attributes.lastModifiedTime(), attributes.size(), attributes.fileKey(), now);
    uploads.put(file, upload);
    Duration age = Duration.ofNanos(now - upload.since());
    if (age.compareTo(SETTLE_TIME) < 0) {
      return;
    }
    if (!attributes.isRegularFile()) {
      reject(
          file,
          attributes.isDirectory()
              ? "it is a folder inside of %d others".formatted(MAX_DEPTH - 1)
              : attributes.isSymbolicLink() ? "it is a link" : "it is a pipe or device");
    } else if (age.compareTo(PATIENCE) >= 0
        || (attributes.size() > 0 && FileStructure.isWhole(file))) {
      if (attributes.size() == 0) {
        reject(file, "it is empty");
      } else {
        take(moved(file, folderOf(inbox.relativize(file))));
      }
    }
  }

  /** Where a file is to be taken from: a folder for each camera. */
  private Path folderOf(Path relative) {
    Path first = taken.resolve("1");
    return relative.getNameCount() > 1 ? first.resolve(relative.getName(0)) : first;
  }

  /** Moves a file in one step, under a name that is free there. */
  private static Path moved(Path file, Path folder) throws IOException {
    FileOperations.createFolders(folder);
    String name = file.getFileName().toString();
    Path target = folder.resolve(name);
    for (int number = 2; exists(target); number++) {
      target = folder.resolve(ClipName.numbered(name, number));
    }
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
    return target;
  }

  private static boolean exists(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  /** Makes a clip of a file that no uploader reaches any more. */
  private void take(Path file) throws IOException, InterruptedException {
    try {
      BasicFileAttributes before = Files.readAttributes(file, BasicFileAttributes.class);
      ClipRepair.Upload upload;
      try {
        upload = ClipRepair.copyUpload(file, copy, camera(file), tags -> time(file, before, tags));
      } catch (ClipRepair.UnreadableException e) {
        reject(file, e.getMessage());
        return;
      }
      BasicFileAttributes after = Files.readAttributes(file, BasicFileAttributes.class);
      if (after.size() != before.size()
          || !after.lastModifiedTime().equals(before.lastModifiedTime())) {
        throw new IOException("it is still being written to");
      } else if (upload.packets() == 0) {
        reject(file, "it has no readable picture");
      } else {
        publish(file, upload);
      }
    } catch (IOException | RuntimeException e) {
      Path relative = taken.relativize(file);
      if (!relative.startsWith("1") && Files.exists(file)) {
        // It did not end the process.
        moved(file, folderOf(relative.subpath(1, relative.getNameCount())));
      }
      throw e;
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  private void publish(Path file, ClipRepair.Upload upload)
      throws IOException, InterruptedException {
    FileOperations.sync(copy);
    String name = shown(file);
    PendingClip clip =
        store.beginUpload(camera(file), upload.recordedAt(), upload.container().extension());
    try {
      Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE);
      Files.move(file, clip.file(), StandardCopyOption.ATOMIC_MOVE); // which was empty
    } catch (IOException e) {
      store.discard(clip);
      throw e;
    }
    FileOperations.sync(clip.file().getParent());
    FileOperations.sync(file.getParent());
    LOG.info("Took {} from the inbox as clip {}", name, clip.name());
    try {
      store.publish(clip, upload.length()).get();
    } catch (ExecutionException e) {
      LOG.debug("Logged by the store", e);
    }
  }

  /** By the folder; null without one. */
  private String camera(Path file) {
    Path relative = taken.relativize(file);
    return relative.getNameCount() > 2 ? relative.getName(1).toString() : null;
  }

  /** When the first picture was taken, by the first of these that is plausible. */
  private OffsetDateTime time(
      Path file, BasicFileAttributes attributes, ClipRepair.UploadTags tags) {
    return Stream.of(
            parsed(tags.values().get(PendingClip.RECORDED_AT)), // which our own clips have
            parsed(tags.values().get(CREATION_TIME)),
            timeIn(file.getFileName().toString()),
            Optional.of(attributes.lastModifiedTime().toInstant().minus(tags.length())))
        .flatMap(Optional::stream)
        .filter(this::isPlausible)
        .findFirst()
        .orElseGet(clock::instant)
        .atZone(clock.getZone())
        .toOffsetDateTime();
  }

  private boolean isPlausible(Instant time) {
    return !time.isBefore(ClipName.EARLIEST) && time.isBefore(clock.instant().plus(MAX_LEAD));
  }

  private static Optional<Instant> parsed(String time) {
    return Optional.ofNullable(ClipRepair.time(time)).map(OffsetDateTime::toInstant);
  }

  private Optional<Instant> timeIn(String name) {
    Matcher match = TIME.matcher(name);
    while (match.find()) {
      int[] parts = new int[match.groupCount()];
      for (int i = 0; i < parts.length; i++) {
        parts[i] = Integer.parseInt(match.group(i + 1));
      }
      try {
        LocalDateTime time =
            LocalDateTime.of(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]);
        return Optional.of(time.atZone(clock.getZone()).toInstant());
      } catch (DateTimeException e) {
        // these digits are something else
      }
    }
    return Optional.empty();
  }

  private void reject(Path file, String reason) throws IOException {
    Path folder = inbox.resolve(REJECTED);
    FileOperations.createFolders(folder);
    String name = file.getFileName().toString();
    if (name.codePointCount(0, name.length()) > MAX_NAME_CHARACTERS) {
      name = name.substring(name.offsetByCodePoints(name.length(), -MAX_NAME_CHARACTERS));
    }
    Path kept = folder.resolve(name);
    for (int number = 2; exists(kept) || exists(folder.resolve(kept + REASON)); number++) {
      kept = folder.resolve(ClipName.numbered(name, number));
    }
    String shown = shown(file);
    Files.move(file, kept, StandardCopyOption.ATOMIC_MOVE);
    LOG.warn("Rejected {} from the inbox: {}. Moved it to {}.", shown, reason, kept);
    Files.writeString(
        folder.resolve(kept + REASON), "%s: %s%n".formatted(shown, reason), StandardCharsets.UTF_8);
  }

  /** The path inside of the inbox, also of one that was taken from there. */
  private String shown(Path file) {
    Path relative = file.startsWith(taken) ? taken.relativize(file) : inbox.relativize(file);
    return file.startsWith(taken) && relative.getNameCount() > 1
        ? relative.subpath(1, relative.getNameCount()).toString()
        : relative.toString();
  }

  /** Stops within 1 s; what is left is taken after the next start. */
  @Override
  public void close() {
    stop.countDown();
    thread.interrupt();
    Threads.awaitEnd(thread, CLOSE_TIMEOUT);
  }
}
