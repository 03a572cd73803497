package org.shvideo.lab.chaos;

import java.time.Duration;
import org.shvideo.camera.Fault;

/** A fault that a chaos run injects. */
enum ChaosFault {
  CAPTURE_KILLED("capture: SIGKILL", Component.CAPTURE, 12),
  CAPTURE_TERMINATED("capture: SIGTERM", Component.CAPTURE, 6),
  CAPTURE_SUSPENDED("capture: suspended", Component.CAPTURE, 4),
  WORKER_KILLED("worker: SIGKILL", Component.WORKER, 10),
  WORKER_TERMINATED("worker: SIGTERM", Component.WORKER, 4),
  WORKER_SUSPENDED("worker: suspended, for longer than its lease or not", Component.WORKER, 6),
  REDIS_KILLED("Redis: SIGKILL", Component.REDIS, 6),
  REDIS_RESTARTED("Redis: SIGTERM", Component.REDIS, 4),
  REDIS_SUSPENDED("Redis: suspended", Component.REDIS, 6),
  REDIS_POWER_CUT(
      "Redis: SIGKILL, and its last second on disk is lost or damaged", Component.REDIS, 16),
  REDIS_CONSUMERS_DELETED("Redis: consumers deleted, with what they hold", Component.REDIS, 3),
  REDIS_STREAM_TRIMMED("Redis: stream trimmed (XTRIM)", Component.REDIS, 3),
  REDIS_FLUSHED("Redis: FLUSHALL", Component.REDIS, 2),
  ALL_KILLED("everything at once: SIGKILL", Component.ALL, 60),
  CAMERA_OFF("camera: off", Component.CAMERA, 1),
  CAMERA_SILENT("camera: accepts connections and does not respond", Component.CAMERA, 1),
  CAMERA_UNAVAILABLE("camera: responds with 503", Component.CAMERA, 1),
  CAMERA_STALLS("camera: stalls", Component.CAMERA, 1),
  CAMERA_DISCONNECTS("camera: closes the connection", Component.CAMERA, 1),
  CAMERA_SENDS_GARBAGE("camera: sends garbage", Component.CAMERA, 1),
  CAMERA_LOSES_PACKETS("camera: loses packets", Component.CAMERA, 1);

  /** What a fault affects; each has one fault at a time. */
  enum Component {
    CAPTURE,
    WORKER,
    REDIS,
    CAMERA,
    ALL
  }

  final String text;
  final Component component;

  /** The relative frequency. */
  final int weight;

  ChaosFault(String text, Component component, int weight) {
    this.text = text;
    this.component = component;
    this.weight = weight;
  }

  /** The faults of a test camera that make up this one; none for other components. */
  Fault[] cameraFaults(Duration length) {
    Fault disconnect = new Fault.Disconnect(0);
    return switch (this) {
      case CAMERA_OFF -> new Fault[] {new Fault.RefuseConnections(), disconnect};
      case CAMERA_SILENT -> new Fault[] {new Fault.NoResponse(), disconnect};
      case CAMERA_UNAVAILABLE -> new Fault[] {new Fault.ErrorResponse(503), disconnect};
      case CAMERA_STALLS -> new Fault[] {new Fault.Stall(0, length)};
      case CAMERA_DISCONNECTS -> new Fault[] {disconnect};
      case CAMERA_SENDS_GARBAGE -> new Fault[] {new Fault.Garbage(0, 5000)};
      case CAMERA_LOSES_PACKETS -> new Fault[] {new Fault.DropPackets(0, 30)};
      default -> new Fault[0];
    };
  }
}
