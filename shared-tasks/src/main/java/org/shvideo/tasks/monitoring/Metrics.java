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
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The metrics of a service, in Prometheus' text format. The service's parts keep the numbers, which
 * are read on request. Thread-safe.
 *
 * <p>Names follow Prometheus' conventions: {@code shvideo_}, what is measured, its unit (seconds,
 * bytes), {@code _total} for counters. Labels have few values, known in advance.
 */
public final class Metrics implements AutoCloseable {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();

  /** Micrometer keeps weak references only: a collected source would freeze its metric. */
  private final List<DoubleSupplier> sources = new CopyOnWriteArrayList<>();

  private final List<Supplier<String>> others = new CopyOnWriteArrayList<>();

  /**
   * Adds a number that only grows.
   *
   * @param name ends with {@code _total}
   * @param labels alternating names and values
   */
  public void counter(String name, String help, DoubleSupplier total, String... labels) {
    sources.add(total);
    FunctionCounter.builder(dotted(name), total, DoubleSupplier::getAsDouble)
        .description(help)
        .tags(Tags.of(labels))
        .register(registry);
  }

  /** Adds a number that rises and falls; NaN when unknown. Labels are as for a counter. */
  public void gauge(String name, String help, DoubleSupplier now, String... labels) {
    sources.add(now);
    Gauge.builder(dotted(name), now, DoubleSupplier::getAsDouble)
        .description(help)
        .tags(Tags.of(labels))
        .register(registry);
  }

  /** Adds labels, as a metric whose value is always 1. */
  public void info(String name, String help, String... labels) {
    gauge(name, help, () -> 1, labels);
  }

  /**
   * Adds the metrics of another process, which have other names than these.
   *
   * @param text as {@link #text} of that process
   */
  public void include(Supplier<String> text) {
    others.add(text);
  }

  /** Adds the metrics of the Java process, and the version. */
  void addProcess() {
    info(
        "shvideo_build_info",
        "The running version, and its Java version.",
        "version",
        version(),
        "java",
        System.getProperty("java.version"));
    gauge(
        "process_resident_memory_bytes",
        "Memory of the process, including native memory; NaN on systems other than Linux.",
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

  /** All metrics, in Prometheus' text format 0.0.4. */
  public String text() {
    var text = new StringBuilder(registry.scrape());
    others.forEach(other -> text.append(other.get()));
    return text.toString();
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }

  /** Micrometer expects names with dots, and converts them to Prometheus' form. */
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
