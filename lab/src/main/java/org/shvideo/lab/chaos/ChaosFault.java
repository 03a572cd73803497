package org.shvideo.lab.chaos;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
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
  REDIS_POWER_CUT("Redis: SIGKILL, and its last second on disk is lost", Component.REDIS, 16),
  ALL_KILLED("everything at once: SIGKILL", Component.ALL, 60),
  CAMERA_OFF(
      "camera: off", length -> List.of(new Fault.RefuseConnections(), new Fault.Disconnect(0))),
  CAMERA_SILENT(
      "camera: accepts connections and does not respond",
      length -> List.of(new Fault.NoResponse(), new Fault.Disconnect(0))),
  CAMERA_UNAVAILABLE(
      "camera: responds with 503",
      length -> List.of(new Fault.ErrorResponse(503), new Fault.Disconnect(0))),
  CAMERA_STALLS("camera: stalls", length -> List.of(new Fault.Stall(0, length))),
  CAMERA_DISCONNECTS("camera: closes the connection", length -> List.of(new Fault.Disconnect(0))),
  CAMERA_SENDS_GARBAGE("camera: sends garbage", length -> List.of(new Fault.Garbage(0, 5000))),
  CAMERA_LOSES_PACKETS("camera: loses packets", length -> List.of(new Fault.DropPackets(0, 30)));

  /** What a fault affects; each has one fault at a time. */
  enum Component {
    CAPTURE,
    WORKER,
    REDIS,
    CAMERA,
    ALL
  }

  private final String text;
  private final Component component;
  private final int weight;
  private final Function<Duration, List<Fault>> cameraFaults;

  ChaosFault(String text, Component component, int weight) {
    this(text, component, weight, length -> List.of());
  }

  ChaosFault(String text, Function<Duration, List<Fault>> cameraFaults) {
    this(text, Component.CAMERA, 1, cameraFaults);
  }

  ChaosFault(
      String text, Component component, int weight, Function<Duration, List<Fault>> cameraFaults) {
    this.text = text;
    this.component = component;
    this.weight = weight;
    this.cameraFaults = cameraFaults;
  }

  String text() {
    return text;
  }

  Component component() {
    return component;
  }

  /** The relative frequency. */
  int weight() {
    return weight;
  }

  /** The faults of a test camera that make up this one; none for other components. */
  Fault[] cameraFaults(Duration length) {
    return cameraFaults.apply(length).toArray(Fault[]::new);
  }
}
