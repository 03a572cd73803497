package org.shvideo.capture.store;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.shvideo.capture.container.Container;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.tasks.video.VideoFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The clips on disk: names them, and publishes them when they are complete. Thread-safe.
 *
 * <p>A clip is written in {@code .recording} and then {@linkplain ClipPublisher published}. What an
 * earlier run left there is {@linkplain ClipRecovery recovered} by {@link #open}.
 *
 * <p>Forcing data to disk may take seconds. A thread of the store does it, one clip after another,
 * so that cameras are read meanwhile; only if very many clips are waiting, the camera's thread does
 * it.
 */
public final class ClipStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClipStore.class);

  private static final String LOCK = ".lock";

  /** In the name of an upload, whose folder may have any; up to four bytes each. */
  private static final int MAX_CAMERA_CHARACTERS = 50;

  private static final int MAX_WAITING_CLIPS = 100;
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

  private final VideoFolder folder;
  private final boolean cameraInNames;
  private final Clock clock;
  private FolderLock lock;
  private final List<ClipListener> listeners = new CopyOnWriteArrayList<>();
  private final Outbox outbox;
  private final ClipPublisher publisher;
  private final ClipRecovery recovery;

  /** By name, how far the clock was ahead of the steady one when the clip was begun. */
  private final Map<String, Duration> inProgress = new ConcurrentHashMap<>();

  private final ThreadPoolExecutor executor;
  private volatile boolean paused;

  private ClipStore(VideoFolder folder, boolean cameraInNames, Clock clock, FolderLock lock) {
    this.folder = folder;
    this.cameraInNames = cameraInNames;
    this.clock = clock;
    this.lock = lock;
    this.outbox = new Outbox(folder.outbox());
    this.publisher = new ClipPublisher(folder, outbox, listeners, ConcurrentHashMap.newKeySet());
    this.recovery = new ClipRecovery(folder, outbox, publisher, clock);
    this.executor =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING_CLIPS),
            task -> {
              Thread thread = new Thread(task, "clip-publisher");
              thread.setDaemon(true);
              return thread;
            },
            (task, pool) -> task.run());
  }

  /**
   * Creates missing folders, takes the lock that keeps other capture services out, and publishes
   * what an earlier run left behind.
   *
   * @param cameraInNames whether clip names include the camera, for several cameras
   * @param clock for the time zone of clip names
   * @throws IOException if the folder cannot be used; the message says why and what to do
   */
  public static ClipStore open(
      VideoFolder folder, boolean cameraInNames, Clock clock, ClipListener... listeners)
      throws IOException {
    FolderLock lock;
    try {
      createFolders(folder);
      lock = new FolderLock(folder.recording().resolve(LOCK));
    } catch (IOException e) {
      throw new IOException(
          "The video folder %s cannot be used by user %s: %s."
              .formatted(folder.root(), System.getProperty("user.name"), reason(e)),
          e);
    }
    ClipStore store = new ClipStore(folder, cameraInNames, clock, lock);
    store.listeners.addAll(List.of(listeners));
    try {
      store.outbox.deleteTemporaryFiles();
      if (lock.isNew()) {
        // Somebody may have deleted the file of another service's lock.
        store.recovery.leaveGrowing();
      }
      store.recover();
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
    return store;
  }

  /** Whether a capture service is recording into the folder. */
  public static boolean isInUse(VideoFolder folder) throws IOException {
    return FolderLock.isHeld(folder.recording().resolve(LOCK));
  }

  private static void createFolders(VideoFolder folder) throws IOException {
    FileOperations.createPrivateFolder(folder.recording());
    FileOperations.createPrivateFolder(folder.outbox());
  }

  public VideoFolder folder() {
    return folder;
  }

  public Outbox outbox() {
    return outbox;
  }

  public void addListener(ClipListener listener) {
    listeners.add(listener);
  }

  /** While paused, no clip is started; clips in progress continue to their end. */
  public void pause(boolean on) {
    paused = on;
  }

  public boolean isPaused() {
    return paused;
  }

  /** Forces to disk that published clips have no name among the recordings any more. */
  void syncRecordings() throws IOException {
    FileOperations.sync(folder.recording());
  }

  /** Whether the clip is not published yet. */
  boolean isPending(String name) {
    return Files.exists(folder.recording().resolve(name));
  }

  /**
   * Reserves a name for a new clip by its first packet's time, and creates its empty file.
   *
   * @param extension of the name, with its dot
   */
  public PendingClip begin(String camera, OffsetDateTime recordedAt, String extension)
      throws IOException {
    PendingClip clip = reserve(name(camera, recordedAt, extension), camera, recordedAt);
    listeners.forEach(listener -> listener.opened(camera, recordedAt));
    return clip;
  }

  /** As {@link #begin}, for a clip of continuous recording, which gets no job. */
  public PendingClip beginContinuous(String camera, OffsetDateTime recordedAt, String extension)
      throws IOException {
    String name = VideoFolder.CONTINUOUS + "/" + name(camera, recordedAt, extension);
    return reserve(name, camera, recordedAt);
  }

  /** As {@link #begin}, for what another program recorded; the camera may be null. */
  PendingClip beginUpload(String camera, OffsetDateTime recordedAt, String extension)
      throws IOException {
    String suffix =
        camera == null
            ? null
            : camera
                .codePoints()
                .limit(MAX_CAMERA_CHARACTERS)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    return reserve(name(recordedAt, suffix, extension), camera, recordedAt);
  }

  private PendingClip reserve(String first, String camera, OffsetDateTime recordedAt)
      throws IOException {
    createFolders(folder);
    FileOperations.createFolders(folder.recording().resolve(first).getParent());
    lockAgain();
    for (int number = 1; ; number++) {
      String name = ClipName.numbered(first, number);
      if (inProgress.putIfAbsent(name, clockLead()) != null) {
        continue;
      }
      Path file = folder.recording().resolve(name);
      boolean created = false;
      try {
        if (!Files.exists(folder.root().resolve(name)) && !outbox.has(name)) {
          Files.createFile(file);
          created = true;
          return new PendingClip(name, file, camera, recordedAt);
        }
      } catch (FileAlreadyExistsException e) {
        // left behind by an earlier run; the next number is tried
      } finally {
        if (!created) {
          inProgress.remove(name);
        }
      }
    }
  }

  private String name(String camera, OffsetDateTime recordedAt, String extension) {
    return name(recordedAt, cameraInNames ? camera : null, extension);
  }

  private String name(OffsetDateTime recordedAt, String suffix, String extension) {
    LocalDateTime localTime = recordedAt.atZoneSameInstant(clock.getZone()).toLocalDateTime();
    return ClipName.of(localTime, suffix, extension);
  }

  private Duration clockLead() {
    return Duration.ofMillis(clock.millis()).minusNanos(System.nanoTime());
  }

  /** A clip that was begun before the clock was set has its true time once it is. */
  private PendingClip dated(PendingClip clip) {
    Duration lead = inProgress.get(clip.name());
    if (lead == null
        || clip.recordedAt() == null
        || !clip.recordedAt().toInstant().isBefore(ClipName.EARLIEST)) {
      return clip;
    }
    Instant time = clip.recordedAt().toInstant().plus(clockLead().minus(lead));
    return time.isBefore(ClipName.EARLIEST)
        ? clip
        : new PendingClip(
            clip.name(),
            clip.file(),
            clip.camera(),
            time.atZone(clock.getZone()).toOffsetDateTime());
  }

  /** The lock keeps nobody out once somebody has removed its file, or the whole folder. */
  private synchronized void lockAgain() throws IOException {
    if (!lock.isEffective()) {
      FolderLock newLock = new FolderLock(folder.recording().resolve(LOCK));
      LOG.error(
          "The video folder {}, or {} in it, was removed or replaced. Created it again.",
          folder.root(),
          folder.root().relativize(folder.recording().resolve(LOCK)));
      lock.close();
      lock = newLock;
    }
  }

  /** Deletes a clip without packets. */
  public void discard(PendingClip clip) {
    try {
      Files.deleteIfExists(clip.file());
    } catch (IOException e) {
      LOG.warn("Cannot delete the empty clip {}: {}", clip.file(), reason(e));
    } finally {
      inProgress.remove(clip.name());
    }
  }

  /**
   * Publishes a complete clip.
   *
   * @return completes when the clip is published, or publication has failed, which is logged
   */
  public CompletableFuture<Void> publish(PendingClip clip, Duration length) {
    return inBackground(
        clip,
        () -> {
          if (VideoFolder.isContinuous(clip.name())) {
            LOG.debug("Finished clip {}", publisher.publishContinuous(clip));
            recover();
            return;
          }
          PendingClip dated = dated(clip);
          String extension = Container.ofFile(clip.file()).extension();
          Job job =
              publisher.publish(
                  dated,
                  dated.equals(clip)
                      ? clip.name()
                      : name(clip.camera(), dated.recordedAt(), extension));
          LOG.info(
              "Finished clip {}, {} s, job {}",
              job.filename(),
              length.toMillis() / 1000.0,
              job.id());
          recover();
        });
  }

  /** Publishes what can be read of a clip that could not be completed; as {@link #publish}. */
  public CompletableFuture<Void> salvage(PendingClip clip) {
    return inBackground(clip, () -> recovery.salvage(clip.name()));
  }

  private CompletableFuture<Void> inBackground(PendingClip clip, ClipRecovery.Attempt attempt) {
    return CompletableFuture.runAsync(
        () -> {
          Map<String, String> before = MDC.getCopyOfContextMap();
          MDC.put("camera", clip.camera());
          try {
            recovery.attempt(clip.name(), attempt);
          } finally {
            MDC.setContextMap(before == null ? Map.of() : before);
            inProgress.remove(clip.name());
          }
        },
        executor);
  }

  private void recover() throws IOException {
    recovery.recover(inProgress::containsKey);
  }

  /** The reason of a failed file operation, in words for users. */
  public static String reason(IOException e) {
    if (e instanceof AccessDeniedException denied) {
      return "no permission to write " + denied.getFile();
    }
    if (e instanceof NoSuchFileException missing) {
      return missing.getFile() + " does not exist";
    }
    if (e instanceof FileAlreadyExistsException exists) {
      return exists.getFile() + " exists, but is not a folder";
    }
    return e.getMessage();
  }

  /** Waits up to 1 s for clips that are being published, and releases the lock. */
  @Override
  public void close() {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("Stopped while clips were being published. The next start publishes them.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    releaseLock();
  }

  private synchronized void releaseLock() {
    try {
      lock.close();
    } catch (IOException e) {
      LOG.warn("Cannot release the lock of {}: {}", folder.recording(), reason(e));
    }
  }
}
