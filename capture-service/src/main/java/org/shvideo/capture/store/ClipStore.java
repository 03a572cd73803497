package org.shvideo.capture.store;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.shvideo.capture.avi.AviWriter;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The service's clips on disk: their names, publication, salvage and outbox. Thread-safe.
 *
 * <p>A clip is written under {@code .recording} and {@linkplain Publication published} when it is
 * complete. What an earlier run left behind there is finished by {@link #open}.
 *
 * <p>Forcing to disk may take seconds. It is done by a thread of the store's own, one clip after
 * another, so that cameras are read meanwhile; should very many clips wait for it, the camera's
 * thread does it.
 */
public final class ClipStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClipStore.class);

  private static final String LOCK = ".lock";
  private static final String SALVAGING = ".salvage";
  private static final String UNREADABLE = "unreadable";

  /** AVI's header takes some 6 KiB: in a file up to this size no packet was recorded yet. */
  private static final long HEADER_ONLY = 16 << 10;

  private static final int MOST_WAITING = 100;
  private static final Duration CLOSING = Duration.ofSeconds(1);

  private final VideoFolder folder;
  private final boolean cameraInNames;
  private final Clock clock;
  private FolderLock lock;
  private final ClipListener listener;
  private final Outbox outbox;
  private final Publication publication;
  private final Set<String> inProgress = ConcurrentHashMap.newKeySet();
  private final ThreadPoolExecutor publisher;
  private volatile boolean leftovers;
  private volatile boolean paused;
  private volatile Consumer<String> named = name -> {};

  private ClipStore(
      VideoFolder folder,
      boolean cameraInNames,
      Clock clock,
      ClipListener listener,
      FolderLock lock) {
    this.folder = folder;
    this.cameraInNames = cameraInNames;
    this.clock = clock;
    this.lock = lock;
    this.listener = listener;
    this.outbox = new Outbox(folder.outbox());
    this.publication = new Publication(folder, outbox, listener, name -> named.accept(name));
    this.publisher =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            task -> {
              Thread thread = new Thread(task, "clip-publisher");
              thread.setDaemon(true);
              return thread;
            },
            (task, pool) -> task.run());
  }

  /**
   * Makes the folders where they are missing, takes the lock that keeps other capture services out,
   * and finishes what an earlier run left behind: publications cut short and unfinished recordings.
   *
   * @param cameraInNames whether clips are named after their camera too; wanted where there are
   *     several
   * @param clock gives the zone of the clips' names
   * @throws IOException when the folder cannot be used; the message says why and what to do
   */
  public static ClipStore open(
      VideoFolder folder, boolean cameraInNames, Clock clock, ClipListener listener)
      throws IOException {
    FolderLock lock;
    try {
      makeFolders(folder);
      lock = new FolderLock(folder.recording().resolve(LOCK));
    } catch (IOException e) {
      throw new IOException(
          "The video folder %s cannot be used by user %s: %s."
              .formatted(folder.root(), System.getProperty("user.name"), reason(e)),
          e);
    }
    ClipStore store = new ClipStore(folder, cameraInNames, clock, listener, lock);
    try {
      store.outbox.clean();
      store.recover();
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
    return store;
  }

  /** Whether a capture service records into the folder now. */
  public static boolean isInUse(VideoFolder folder) throws IOException {
    return FolderLock.isHeld(folder.recording().resolve(LOCK));
  }

  private static void makeFolders(VideoFolder folder) throws IOException {
    Files.createDirectories(folder.recording());
    Files.createDirectories(folder.outbox());
  }

  public VideoFolder folder() {
    return folder;
  }

  public Outbox outbox() {
    return outbox;
  }

  /** Has somebody told of each clip's name, before a worker can know it. */
  public void onPublication(Consumer<String> told) {
    named = told;
  }

  /** While paused, no clip is begun; clips in progress go on to their ends. */
  public void pause(boolean on) {
    paused = on;
  }

  public boolean isPaused() {
    return paused;
  }

  /** Whether the recording of that name lies there still: it is not published yet. */
  boolean isRecording(String name) {
    return Files.exists(folder.recording().resolve(name));
  }

  /**
   * Takes a name for a new clip, and makes its empty file.
   *
   * @param recordedAt of its first packet
   */
  public Recording begin(String camera, OffsetDateTime recordedAt) throws IOException {
    makeFoldersAgain();
    LocalDateTime localTime = recordedAt.atZoneSameInstant(clock.getZone()).toLocalDateTime();
    String first = ClipName.of(localTime, cameraInNames ? camera : null);
    for (int number = 1; ; number++) {
      String name = ClipName.numbered(first, number);
      if (!inProgress.add(name)) {
        continue;
      }
      Path file = folder.recording().resolve(name);
      boolean taken = false;
      try {
        if (!Files.exists(folder.root().resolve(name)) && !outbox.has(name)) {
          Files.createFile(file);
          taken = true;
          listener.opened(camera, recordedAt);
          return new Recording(name, file, camera, recordedAt);
        }
      } catch (FileAlreadyExistsException e) {
        // left behind by an earlier run; the next number is tried
      } finally {
        if (!taken) {
          inProgress.remove(name);
        }
      }
    }
  }

  /** Where the folder was removed while the service runs, its lock is gone with it. */
  private void makeFoldersAgain() throws IOException {
    makeFolders(folder);
    if (Files.notExists(folder.recording().resolve(LOCK))) {
      lockAgain();
    }
  }

  private synchronized void lockAgain() throws IOException {
    Path file = folder.recording().resolve(LOCK);
    if (Files.notExists(file)) {
      LOG.error(
          "The video folder {} was removed, with all that was in it; it is made anew",
          folder.root());
      FolderLock taken = new FolderLock(file);
      lock.close();
      lock = taken;
    }
  }

  /** Drops a recording that holds nothing. */
  public void discard(Recording recording) {
    try {
      Files.deleteIfExists(recording.file());
    } catch (IOException e) {
      LOG.warn("The empty recording {} cannot be deleted: {}", recording.file(), reason(e));
    } finally {
      inProgress.remove(recording.name());
    }
  }

  /**
   * Publishes a recording that was completed.
   *
   * @param length of the clip, for the log
   * @return done when it is published, or when that failed, which is logged
   */
  public CompletableFuture<Void> publish(Recording recording, Duration length) {
    return inBackground(
        recording,
        () -> {
          Job job = publication.publish(recording);
          LOG.info(
              "Clip finished: {}, {} s, job {}",
              job.filename(),
              length.toMillis() / 1000.0,
              job.id());
          if (leftovers) {
            recover();
          }
        });
  }

  /**
   * Publishes what can be read of a recording that could not be completed.
   *
   * @return done when it is published, or when that failed, which is logged
   */
  public CompletableFuture<Void> salvage(Recording recording) {
    return inBackground(recording, () -> salvage(recording.name()));
  }

  private CompletableFuture<Void> inBackground(Recording recording, Task task) {
    return CompletableFuture.runAsync(
        () -> {
          String before = MDC.get("camera");
          MDC.put("camera", recording.camera());
          try {
            attempt(recording.name(), task);
          } finally {
            MDC.put("camera", before);
            inProgress.remove(recording.name());
          }
        },
        publisher);
  }

  private interface Task {
    void run() throws IOException;
  }

  private void attempt(String recording, Task task) {
    try {
      task.run();
    } catch (IOException e) {
      leftovers = true;
      LOG.error(
          isRecording(recording)
              ? "Clip {} cannot be published: {}. It stays in {} and is published after the next"
                  + " clip or at the next start that can."
              : "Clip {} cannot be published: {}. It is no longer in {}.",
          recording,
          reason(e),
          folder.recording());
    }
  }

  private void recover() throws IOException {
    leftovers = false;
    for (String name : outbox.recordings()) {
      if (isRecording(name) && !inProgress.contains(name)) {
        attempt(name, () -> resume(name));
      }
    }
    for (String name : filesOf(folder.recording())) {
      if (name.endsWith(SALVAGING)) {
        Files.deleteIfExists(folder.recording().resolve(name));
      } else if (name.endsWith(ClipName.EXTENSION)
          && !outbox.has(name)
          && !inProgress.contains(name)) {
        attempt(name, () -> salvage(name));
      }
    }
  }

  private static List<String> filesOf(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void resume(String name) throws IOException {
    Optional<Job> job = outbox.get(name);
    if (job.isPresent()) {
      Job named = publication.giveName(name, job.get());
      LOG.info("Clip published that was cut short: {}, job {}", named.filename(), named.id());
    } else {
      outbox.setAside(name);
      salvage(name);
    }
  }

  private void salvage(String name) throws IOException {
    Path file = folder.recording().resolve(name);
    long size = Files.size(file);
    if (size == 0) {
      Files.delete(file);
      return;
    }
    Path copy = folder.recording().resolve(name + SALVAGING);
    try {
      Salvage.Found found = Salvage.copy(file, copy);
      if (found.packets() > 0) {
        boolean whole = AviWriter.isComplete(file);
        if (!whole) {
          FileOperations.sync(copy);
          Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE);
        }
        OffsetDateTime recordedAt = found.recordedAt();
        if (recordedAt == null) {
          recordedAt =
              ClipName.recordedAt(name)
                  .map(time -> time.atZone(clock.getZone()).toOffsetDateTime())
                  .orElse(null);
        }
        Job job = publication.publish(new Recording(name, file, found.camera(), recordedAt));
        LOG.warn(
            "{}: {}, {} packets, job {}",
            whole ? "Published a recording left behind" : "Salvaged a recording cut off",
            job.filename(),
            found.packets(),
            job.id());
      } else if (size <= HEADER_ONLY) {
        Files.delete(file);
      } else {
        setAside(file, "there is no whole packet in it");
      }
    } catch (Salvage.UnreadableException e) {
      setAside(file, e.getMessage());
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  private void setAside(Path file, String why) throws IOException {
    Path aside = Files.createDirectories(folder.recording().resolve(UNREADABLE));
    String name = file.getFileName().toString();
    Path kept = aside.resolve(name);
    for (int number = 2; Files.exists(kept); number++) {
      kept = aside.resolve(ClipName.numbered(name, number));
    }
    Files.move(file, kept);
    LOG.warn("An unfinished recording cannot be salvaged and was moved to {}: {}", kept, why);
  }

  /** What a user should read of it. */
  public static String reason(IOException e) {
    if (e instanceof AccessDeniedException denied) {
      return "no permission to write " + denied.getFile();
    }
    if (e instanceof NoSuchFileException missing) {
      return missing.getFile() + " is gone";
    }
    if (e instanceof FileAlreadyExistsException exists) {
      return exists.getFile() + " is in the way; it should be a folder";
    }
    return e.getMessage();
  }

  /** Waits, up to 1 s, for clips that are being published, and gives the lock back. */
  @Override
  public void close() {
    publisher.shutdown();
    try {
      if (!publisher.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("Clips were still being published at the end; the next start goes on with them");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    giveLockBack();
  }

  private synchronized void giveLockBack() {
    try {
      lock.close();
    } catch (IOException e) {
      LOG.warn("The lock of {} cannot be given back: {}", folder.recording(), reason(e));
    }
  }
}
