package org.shvideo.tasks.monitoring;

import java.util.Objects;

/**
 * What a check found.
 *
 * @param message what is so and, unless all is well, what to do; holds no secret
 */
public record CheckResult(State state, String message) {
  /** How well a part does; the worst of its parts is how well a service does. */
  public enum State {
    OK,
    /** Something outside is away or soon will not do; this is known, and tried again. */
    DEGRADED,
    /** The service does not do its part. */
    FAILED
  }

  public CheckResult {
    Objects.requireNonNull(state);
    Objects.requireNonNull(message);
  }

  public static CheckResult ok(String message) {
    return new CheckResult(State.OK, message);
  }

  public static CheckResult degraded(String message) {
    return new CheckResult(State.DEGRADED, message);
  }

  public static CheckResult failed(String message) {
    return new CheckResult(State.FAILED, message);
  }
}
