package org.shvideo.tasks.monitoring;

/** The result of a health check, with what to do unless it is OK; the message has no secrets. */
public record CheckResult(State state, String message) {
  /** A service's state is the worst of its checks'. */
  public enum State {
    OK,
    /** Something outside the service is unavailable, or soon will be; the service retries. */
    DEGRADED,
    /** The service does not work. */
    FAILED
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
