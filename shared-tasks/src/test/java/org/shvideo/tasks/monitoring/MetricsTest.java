package org.shvideo.tasks.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MetricsTest {
  private final Metrics metrics = new Metrics();

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void writesThePrometheusFormat() {
    AtomicLong packets = new AtomicLong(41);
    metrics.counter("shvideo_camera_packets_total", "Packets.", packets::get, "camera", "gate");
    metrics.counter("shvideo_camera_packets_total", "Packets.", () -> 7, "camera", "a \"b\" \\");
    metrics.gauge("shvideo_redis_up", "Up.", () -> Double.NaN);
    metrics.gauge("shvideo_video_folder_free_bytes", "Room.", () -> 3e9);
    metrics.info("shvideo_model_info", "Model.", "model", "yolov8n@c4da9869");
    packets.incrementAndGet();

    PrometheusText read = PrometheusText.parse(metrics.text());

    assertThat(read.value("shvideo_camera_packets_total", "camera", "gate")).isEqualTo(42);
    assertThat(read.value("shvideo_camera_packets_total", "camera", "a \\\"b\\\" \\\\"))
        .isEqualTo(7);
    assertThat(read.value("shvideo_redis_up")).isNaN();
    assertThat(read.value("shvideo_video_folder_free_bytes")).isEqualTo(3e9);
    assertThat(read.value("shvideo_model_info", "model", "yolov8n@c4da9869")).isEqualTo(1);
    assertThat(read.families().get("shvideo_camera_packets_total").help()).isEqualTo("Packets.");
    assertThat(read.families().get("shvideo_camera_packets_total").type()).isEqualTo("counter");
    assertThat(read.families().get("shvideo_redis_up").type()).isEqualTo("gauge");
  }

  @Test
  void keepsItsSourcesDuringGarbageCollection() throws InterruptedException {
    AtomicLong count = new AtomicLong(1);
    metrics.counter("shvideo_a_total", "A.", count::get);
    metrics.gauge("shvideo_b", "B.", count::get);
    collectGarbage();
    count.set(2);

    PrometheusText read = PrometheusText.parse(metrics.text());
    assertThat(read.value("shvideo_a_total")).isEqualTo(2);
    assertThat(read.value("shvideo_b")).isEqualTo(2);
  }

  private static void collectGarbage() throws InterruptedException {
    DoubleSupplier garbage = new AtomicLong()::get;
    WeakReference<DoubleSupplier> gone = new WeakReference<>(garbage);
    garbage = null;
    while (gone.get() != null) {
      System.gc();
      Thread.sleep(1);
    }
  }

  @Test
  void includesTheProcessMetrics() {
    metrics.addProcess();

    PrometheusText read = PrometheusText.parse(metrics.text());

    assertThat(
            read.value(
                "shvideo_build_info",
                "java",
                System.getProperty("java.version"),
                "version",
                Metrics.version()))
        .isEqualTo(1);
    assertThat(Metrics.version()).matches("[0-9]+\\.[0-9]+\\.[0-9]+(-[A-Z0-9]+)?");
    assertThat(read.value("process_resident_memory_bytes")).isBetween(1e7, 1e11);
    assertThat(read.value("process_uptime_seconds")).isPositive();
    assertThat(read.families()).containsKeys("jvm_memory_used_bytes", "jvm_threads_live_threads");
  }

  @Test
  void rejectsMalformedText() {
    assertThatThrownBy(() -> PrometheusText.parse("shvideo_a 1\n")).hasMessageContaining("TYPE");
    assertThatThrownBy(() -> PrometheusText.parse("# HELP a_b A.\n# TYPE a_b counter\na_b 1\n"))
        .hasMessageContaining("_total");
    assertThatThrownBy(
            () -> PrometheusText.parse("# HELP a A.\n# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n"))
        .hasMessageContaining("label twice");
    assertThatThrownBy(() -> PrometheusText.parse("# HELP a A.\n# TYPE a gauge\na 1\na 2\n"))
        .hasMessageContaining("sample twice");
    assertThatThrownBy(() -> PrometheusText.parse("# HELP a A.\n# TYPE a gauge\na one\n"))
        .hasMessageContaining("a sample");
  }
}
