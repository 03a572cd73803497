package org.shvideo.lab.chaos;

/** What the chaos run does to the pipeline. */
enum ChaosFault {
  CAPTURE_KILLED("capture: SIGKILL", Target.CAPTURE, 12),
  CAPTURE_TERMINATED("capture: SIGTERM", Target.CAPTURE, 6),
  CAPTURE_FROZEN("capture: stands still", Target.CAPTURE, 4),
  WORKER_KILLED("worker: SIGKILL", Target.WORKER, 10),
  WORKER_TERMINATED("worker: SIGTERM", Target.WORKER, 4),
  WORKER_FROZEN("worker: stands still, beyond its lease or not", Target.WORKER, 6),
  REDIS_KILLED("Redis: SIGKILL", Target.REDIS, 6),
  REDIS_RESTARTED("Redis: SIGTERM", Target.REDIS, 4),
  REDIS_FROZEN("Redis: stands still", Target.REDIS, 6),
  REDIS_POWER_CUT("Redis: SIGKILL, and its last second on disk is lost", Target.REDIS, 16),
  ALL_KILLED("everything at once: SIGKILL", Target.ALL, 60),
  CAMERA_OFF("camera: off", Target.CAMERA, 1),
  CAMERA_SILENT("camera: accepts, and says nothing", Target.CAMERA, 1),
  CAMERA_UNAVAILABLE("camera: answers 503", Target.CAMERA, 1),
  CAMERA_STALLS("camera: stalls", Target.CAMERA, 1),
  CAMERA_DROPS("camera: closes the connection", Target.CAMERA, 1),
  CAMERA_SENDS_GARBAGE("camera: sends garbage", Target.CAMERA, 1),
  CAMERA_LOSES_PACKETS("camera: packets are lost", Target.CAMERA, 1);

  /** What a fault strikes; one fault at a time strikes each. */
  enum Target {
    CAPTURE,
    WORKER,
    REDIS,
    CAMERA,
    ALL
  }

  private final String text;
  private final Target target;
  private final int weight;

  ChaosFault(String text, Target target, int weight) {
    this.text = text;
    this.target = target;
    this.weight = weight;
  }

  String text() {
    return text;
  }

  Target target() {
    return target;
  }

  /** How often it is drawn, in proportion to the others. */
  int weight() {
    return weight;
  }
}
