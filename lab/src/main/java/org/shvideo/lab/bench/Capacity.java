package org.shvideo.lab.bench;

import java.util.Locale;

/**
 * How many cameras a machine sustains, as {@code docs/guide/capacity.md} reckons it. What things
 * cost is in cores: seconds of processor time a second.
 *
 * @param cores of the machine
 * @param service what capture takes besides its cameras
 * @param idle what a camera at rest takes, before which nothing happens
 * @param unproven what such a camera takes of which it is not known yet that it may rest
 * @param recorded what capture takes for a camera while it is recorded
 * @param analysis what the worker takes for each second of a clip
 */
record Capacity(
    int cores, double service, double idle, double unproven, double recorded, double analysis) {
  /** The rest is for the system, for Redis, and for motion before many cameras at once. */
  static final double USABLE = 0.7;

  /** No camera is for nothing, though a short measurement may say so. */
  private static final double LEAST = 0.0005;

  /**
   * From what was measured.
   *
   * @param oneIdle capture with one idle camera
   * @param furtherIdle what each further one adds
   * @param oneDecoded capture with one idle camera of which all is decoded
   * @param oneRecorded capture with one camera that is recorded all the time
   */
  static Capacity measured(
      int cores,
      double oneIdle,
      double furtherIdle,
      double oneDecoded,
      double oneRecorded,
      double analysis) {
    double idle = Math.max(LEAST, furtherIdle);
    double service = Math.max(0, oneIdle - idle);
    double unproven = Math.max(idle, oneDecoded - service);
    double recorded = Math.max(idle, oneRecorded - service);
    return new Capacity(cores, service, idle, unproven, recorded, analysis);
  }

  /**
   * What a camera takes on average, all services together.
   *
   * @param motion share of the time in which it is recorded, 0 to 1
   */
  double camera(double motion) {
    return (1 - motion) * idle + motion * (recorded + analysis);
  }

  /** So many cameras find room in the usable part of the cores. */
  int cameras(double motion) {
    return fitting(camera(motion));
  }

  /** So many do when all have just connected, and none may rest yet. */
  int camerasUnproven() {
    return fitting(unproven);
  }

  private int fitting(double camera) {
    return (int) Math.max(0, Math.floor((USABLE * cores - service) / camera));
  }

  /** How {@link #cameras} comes about. */
  String arithmetic(double motion) {
    return String.format(
        Locale.ROOT,
        "(%.0f %% × %d cores − %.3f) / (%.0f %% × %.4f + %.0f %% × (%.4f + %.3f)) = %.2f / %.4f",
        100 * USABLE,
        cores,
        service,
        100 * (1 - motion),
        idle,
        100 * motion,
        recorded,
        analysis,
        USABLE * cores - service,
        camera(motion));
  }
}
