package org.shvideo.lab.bench;

import java.util.Locale;

/**
 * How many cameras a machine sustains, calculated as in {@code docs/guide/capacity.md}. All loads
 * are in cores: seconds of processor time per second.
 *
 * @param cores of the machine
 * @param service load of capture without cameras
 * @param idle load of a camera at rest, without motion
 * @param decoded load of a camera without motion that is fully decoded, as after a start
 * @param recorded load of capture for a camera that is recorded
 * @param analysis load of the worker per second of a clip
 */
record Capacity(
    int cores, double service, double idle, double decoded, double recorded, double analysis) {
  /** The rest is for the system, Redis, and motion on many cameras at once. */
  static final double USABLE_SHARE = 0.7;

  /** Short measurements may find none at all. */
  private static final double MIN_CAMERA_LOAD = 0.0005;

  /** Derives the loads from those of capture with one camera, and of each additional idle one. */
  static Capacity measured(
      int cores,
      double oneIdle,
      double additionalIdle,
      double oneDecoded,
      double oneRecorded,
      double analysis) {
    double idle = Math.max(MIN_CAMERA_LOAD, additionalIdle);
    double service = Math.max(0, oneIdle - idle);
    double decoded = Math.max(idle, oneDecoded - service);
    double recorded = Math.max(idle, oneRecorded - service);
    return new Capacity(cores, service, idle, decoded, recorded, analysis);
  }

  /** The average load on all services of a camera recorded for this share of the time, 0 to 1. */
  double cameraLoad(double motion) {
    return (1 - motion) * idle + motion * (recorded + analysis);
  }

  /** The number of cameras that the usable share of the cores sustains. */
  int cameras(double motion) {
    return camerasOf(cameraLoad(motion));
  }

  /** The number of cameras that can be fully decoded. */
  int decodedCameras() {
    return camerasOf(decoded);
  }

  private int camerasOf(double load) {
    return (int) Math.max(0, Math.floor((USABLE_SHARE * cores - service) / load));
  }

  /** The calculation of {@link #cameras}. */
  String formula(double motion) {
    return String.format(
        Locale.ROOT,
        "(%.0f %% × %d cores − %.3f) / (%.0f %% × %.4f + %.0f %% × (%.4f + %.3f)) = %.2f / %.4f",
        100 * USABLE_SHARE,
        cores,
        service,
        100 * (1 - motion),
        idle,
        100 * motion,
        recorded,
        analysis,
        USABLE_SHARE * cores - service,
        cameraLoad(motion));
  }
}
