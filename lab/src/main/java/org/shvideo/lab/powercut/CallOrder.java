package org.shvideo.lab.powercut;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.shvideo.tasks.video.ClipName;

/**
 * Whether each step of publication, log, outbox and retention was on disk before the next one
 * began, by the calls of {@code tools/powercut/failingcalls.c}. Not thread-safe.
 */
final class CallOrder {
  private static final String LOG = "/detections_log.jsonl";
  private static final String DELETIONS = "/deletions_log.jsonl";
  private static final String RECORDING = "/.recording/";
  private static final String OUTBOX = "/.outbox/";

  private final String root;
  private final List<String> violations = new ArrayList<>();

  /** Files with data that is not on disk; the value is true if forcing it has failed. */
  private final Map<String, Boolean> dirty = new HashMap<>();

  /** Names that were created, or removed, without their folder being forced since. */
  private final Set<String> created = new HashSet<>();

  private final Set<String> removed = new HashSet<>();
  private final Set<String> known = new HashSet<>();

  /**
   * @param root the video folder
   */
  CallOrder(String root) {
    this.root = root;
  }

  List<String> violations() {
    return violations;
  }

  /** A call, as a line of the trace. */
  void call(String line) {
    String[] parts = line.split("\t", -1);
    String path = parts[1].replace(root, "");
    String other = parts.length > 2 ? parts[2].replace(root, "") : null;
    boolean failed = parts[0].length() > 1;
    switch (parts[0].charAt(0)) {
      case 'f' -> force(path, failed);
      case 'w' -> dirty.putIfAbsent(path, false);
      default -> {
        if (!failed) {
          change(parts[0].charAt(0), path, other);
        }
      }
    }
  }

  private void force(String path, boolean failed) {
    if (failed) {
      dirty.put(path, true);
    } else {
      dirty.remove(path, false);
      created.removeIf(name -> folder(name).equals(path));
      removed.removeIf(name -> folder(name).equals(path));
    }
  }

  private void change(char call, String path, String other) {
    switch (call) {
      case 'T', 't' -> {
        dirty.put(path, false); // written anew
        create(path);
      }
      case 'O', 'm' -> create(path);
      case 'r', 'l' -> {
        require(clean(path), path, "got the name " + other + " before its data was on disk");
        if (path.startsWith(RECORDING) && other.lastIndexOf('/') == 0) {
          String entry = OUTBOX + path.substring(RECORDING.length()) + ".json";
          require(durable(entry), path, "was published before its job was on disk");
        }
        known.remove(other);
        create(other);
        if (call == 'r') {
          removed.add(path);
          known.remove(path);
          dirty.remove(path);
          dirty.remove(other); // replaced by a file whose data is on disk
        }
      }
      case 'u' -> remove(path);
      default -> {}
    }
  }

  private void create(String path) {
    if (known.add(path)) {
      created.add(path);
    }
  }

  private void remove(String path) {
    if (path.startsWith(RECORDING)) {
      String name = "/" + path.substring(RECORDING.length());
      require(
          !known.contains(name) || durable(name),
          path,
          "was removed before its name as a clip was on disk");
    } else if (path.startsWith(OUTBOX) && path.endsWith(".json")) {
      require(
          removed.stream().noneMatch(name -> name.startsWith(RECORDING)),
          path,
          "was removed before the removal of a recording was on disk");
    } else if (path.lastIndexOf('/') == 0 && ClipName.hasExtension(path)) {
      require(durable(DELETIONS), path, "was deleted before that was logged on disk");
    }
    removed.add(path);
    known.remove(path);
    created.remove(path);
    dirty.remove(path);
  }

  /** A line was said to be written. */
  void written(String clip) {
    require(durable(LOG), clip, "was said to have a line before that was on disk");
    require(
        created.stream().noneMatch(name -> name.startsWith("/detections_log-")),
        clip,
        "was said to have a line before the rotation was on disk");
  }

  private boolean clean(String path) {
    return !dirty.containsKey(path);
  }

  /** Whether data and names of a file and of the folders above it are on disk. */
  private boolean durable(String path) {
    boolean result = known.contains(path) && clean(path);
    for (String name = path; !name.isEmpty(); name = folder(name)) {
      result &= !created.contains(name);
    }
    return result && !created.contains("");
  }

  private String folder(String path) {
    String whole = path.isEmpty() ? root : path;
    return whole.substring(0, whole.lastIndexOf('/'));
  }

  private void require(boolean kept, String path, String violation) {
    if (!kept) {
      violations.add(path + " " + violation);
    }
  }
}
