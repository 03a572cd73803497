package org.shvideo.tasks.monitoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import org.shvideo.tasks.json.Json;
import org.shvideo.tasks.monitoring.CheckResult.State;

/** Whether a service does its work, as the checks of its parts find. Thread-safe. */
public final class Health {
  private final List<NamedCheck> checks = new CopyOnWriteArrayList<>();

  /** Looks at one part. Called at each request, by several threads: must be quick. */
  public interface Check {
    CheckResult run();
  }

  private record NamedCheck(String name, Check check) {}

  /** What one look found. */
  record Report(State state, String json) {}

  private record Answer(String status, List<Part> checks) {}

  private record Part(String name, String status, String message) {}

  /**
   * Adds a part.
   *
   * @param name short, for people: {@code camera front-door}
   */
  public void add(String name, Check check) {
    checks.add(new NamedCheck(name, check));
  }

  Report report() {
    State worst = State.OK;
    List<Part> parts = new ArrayList<>();
    for (NamedCheck each : checks) {
      CheckResult finding = look(each.check());
      if (finding.state().compareTo(worst) > 0) {
        worst = finding.state();
      }
      parts.add(new Part(each.name(), word(finding.state()), finding.message()));
    }
    return new Report(worst, Json.write(new Answer(word(worst), parts)));
  }

  private static CheckResult look(Check check) {
    try {
      return check.run();
    } catch (RuntimeException e) {
      return CheckResult.failed("the check itself failed: " + e);
    }
  }

  private static String word(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }
}
