package org.shvideo.tasks.monitoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.monitoring.CheckResult.State;

/** The health of a service, from the checks of its parts. Thread-safe. */
public final class Health {
  private final List<Check> checks = new CopyOnWriteArrayList<>();

  private record Check(String name, Supplier<CheckResult> run) {}

  /** The state of all checks, and the answer of {@code /health}. */
  record Report(State state, String json) {}

  /** The JSON of a report. */
  private record Summary(String status, List<Part> checks) {}

  private record Part(String name, String status, String message) {}

  /**
   * Adds a check.
   *
   * @param name short, for people: {@code camera front-door}
   * @param check runs at each request, on several threads; must be quick
   */
  public void add(String name, Supplier<CheckResult> check) {
    checks.add(new Check(name, check));
  }

  Report report() {
    State worst = State.OK;
    List<Part> parts = new ArrayList<>();
    for (Check check : checks) {
      CheckResult result = run(check);
      worst = result.state().compareTo(worst) > 0 ? result.state() : worst;
      parts.add(new Part(check.name(), lower(result.state()), result.message()));
    }
    return new Report(worst, Json.write(new Summary(lower(worst), parts)));
  }

  private static CheckResult run(Check check) {
    try {
      return check.run().get();
    } catch (RuntimeException e) {
      return CheckResult.failed("the check itself failed: " + e);
    }
  }

  private static String lower(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }
}
