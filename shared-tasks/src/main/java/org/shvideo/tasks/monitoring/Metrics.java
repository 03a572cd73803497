package org.shvideo.tasks.monitoring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;

/**
 * The figures of a service, in Prometheus' text format. They are kept by the parts themselves, as
 * numbers that cost next to nothing to count, and read here when somebody asks. Thread-safe.
 *
 * <p>Names are Prometheus': {@code shvideo_}, what is measured, its unit (seconds, bytes), {@code
 * _total} for what only grows. Labels have few values, known beforehand.
 */
public final class Metrics implements AutoCloseable {
  private static final double NANOS = 1e9;
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();

  /** Micrometer itself holds on to nothing that is counted: it would stand still. */
  private final List<DoubleSupplier> held = new CopyOnWriteArrayList<>();

  /**
   * Adds what only grows.
   *
   * @param name ends with {@code _total}
   * @param labels names and values by turns
   */
  public void counter(String name, String help, DoubleSupplier total, String... labels) {
    held.add(total);
    FunctionCounter.builder(dotted(name), total, DoubleSupplier::getAsDouble)
        .description(help)
        .tags(Tags.of(labels))
        .register(registry);
  }

  /**
   * Adds time that only grows.
   *
   * @param name ends with {@code _seconds_total}
   * @param nanos so far
   * @param labels names and values by turns
   */
  public void seconds(String name, String help, DoubleSupplier nanos, String... labels) {
    counter(name, help, () -> nanos.getAsDouble() / NANOS, labels);
  }

  /**
   * Adds what comes and goes.
   *
   * @param now NaN when it is not known
   * @param labels names and values by turns
   */
  public void gauge(String name, String help, DoubleSupplier now, String... labels) {
    held.add(now);
    Gauge.builder(dotted(name), now, DoubleSupplier::getAsDouble)
        .description(help)
        .tags(Tags.of(labels))
        .register(registry);
  }

  /** Adds what is so: labels whose value is always 1. */
  public void info(String name, String help, String... labels) {
    gauge(name, help, () -> 1, labels);
  }

  /** Adds what every Java process has, and which version this is. */
  void addProcess() {
    info(
        "shvideo_build_info",
        "Which version runs, on which Java.",
        "version",
        version(),
        "java",
        System.getProperty("java.version"));
    gauge(
        "process_resident_memory_bytes",
        "Memory of the process, native memory included; NaN on other systems than Linux.",
        Metrics::residentBytes);
    Stream.of(
            new JvmMemoryMetrics(),
            collections,
            new JvmThreadMetrics(),
            new ProcessorMetrics(),
            new FileDescriptorMetrics(),
            new UptimeMetrics())
        .forEach(binder -> binder.bindTo(registry));
  }

  /** All figures, in Prometheus' text format 0.0.4. */
  String text() {
    return registry.scrape();
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }

  /** Micrometer wants its own way of writing names, and turns them into Prometheus' again. */
  private static String dotted(String name) {
    return name.replace('_', '.');
  }

  private static double residentBytes() {
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(RESIDENT))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException | UncheckedIOException e) {
      return Double.NaN;
    }
  }

  /** The version of this build, such as 1.0.0. */
  public static String version() {
    try (InputStream in = Metrics.class.getResourceAsStream("build.properties")) {
      Properties build = new Properties();
      build.load(in);
      return build.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
