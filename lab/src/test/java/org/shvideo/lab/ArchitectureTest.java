package org.shvideo.lab;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.shvideo.tasks.settings.Settings;

/** The dependencies between modules and packages, as in docs/design/architecture.md. */
final class ArchitectureTest {
  private static final int MAX_CLASSES_PER_PACKAGE = 16;

  /** The modules that each module may use. */
  private static final Map<String, Set<String>> MODULES =
      Map.of(
          "tasks", Set.of(),
          "ffmpeg", Set.of(),
          "capture", Set.of("tasks", "ffmpeg"),
          "worker", Set.of("tasks", "ffmpeg"),
          "camera", Set.of("ffmpeg"),
          "notebook", Set.of("tasks", "worker"),
          "cli", Set.of("tasks", "ffmpeg", "capture", "worker", "camera"),
          "lab", Set.of("tasks", "ffmpeg", "capture", "worker", "camera", "cli"));

  /** All packages; each may use only those before it. */
  private static final List<String> PACKAGES =
      List.of(
          "ffmpeg",
          "tasks.files",
          "tasks.settings",
          "tasks.lifecycle",
          "tasks.json",
          "tasks.logging",
          "tasks.job",
          "tasks.log",
          "tasks.video",
          "tasks.queue",
          "tasks.monitoring",
          "capture.connection",
          "capture.stream",
          "capture.motion",
          "capture.container",
          "capture.store",
          "capture.record",
          "capture.retention",
          "capture",
          "worker.clip",
          "worker.yolo",
          "worker.result",
          "worker.analysis",
          "worker",
          "camera.media",
          "camera",
          "camera.mjpeg",
          "camera.rtsp",
          "camera.scene",
          "notebook.view",
          "notebook.results",
          "notebook.session",
          "notebook",
          "cli.pipeline",
          "cli.inspect",
          "cli.discover",
          "cli.jupyter",
          "cli",
          "lab.measure",
          "lab.bench",
          "lab.chaos",
          "lab.evaluate",
          "lab.powercut",
          "lab");

  private static final JavaClasses product =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("org.shvideo");

  @Test
  void modulesUseOnlyTheModulesBelowThem() {
    assertThat(product.stream().map(ArchitectureTest::module).distinct())
        .containsExactlyInAnyOrderElementsOf(MODULES.keySet());
    assertThat(
            dependencies()
                .filter(
                    use -> {
                      String user = module(use.getOriginClass());
                      String used = module(use.getTargetClass());
                      return !user.equals(used) && !MODULES.get(user).contains(used);
                    })
                .map(Dependency::getDescription))
        .isEmpty();
  }

  @Test
  void packagesUseOnlyThePackagesBelowThem() {
    assertThat(product.stream().map(ArchitectureTest::packageOf).distinct())
        .as("each package is listed above")
        .isSubsetOf(PACKAGES);
    assertThat(
            dependencies()
                .filter(
                    use ->
                        PACKAGES.indexOf(packageOf(use.getTargetClass()))
                            > PACKAGES.indexOf(packageOf(use.getOriginClass())))
                .map(Dependency::getDescription))
        .isEmpty();
  }

  @Test
  void packagesAreSmall() {
    assertThat(
            product.stream()
                .filter(JavaClass::isTopLevelClass)
                .collect(groupingBy(ArchitectureTest::packageOf, counting())))
        .allSatisfy(
            (name, classes) ->
                assertThat(classes).as(name).isLessThanOrEqualTo(MAX_CLASSES_PER_PACKAGE));
  }

  private static Stream<Dependency> dependencies() {
    return product.stream()
        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
        .filter(use -> use.getTargetClass().getPackageName().startsWith("org.shvideo."));
  }

  private static String packageOf(JavaClass type) {
    return type.getPackageName().replaceFirst("^org\\.shvideo\\.", "");
  }

  private static String module(JavaClass type) {
    return packageOf(type).replaceFirst("\\..*", "");
  }

  /** Besides chaos runs, which do to Redis what strangers do. */
  @Test
  void onlyTheQueueKnowsRedis() {
    noClasses()
        .that()
        .resideOutsideOfPackages("org.shvideo.tasks.queue", "org.shvideo.lab.chaos")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("redis.clients..")
        .check(product);
  }

  @Test
  void onlyTheDetectorKnowsTheEngine() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.shvideo.worker.yolo")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl..")
        .check(product);
  }

  @Test
  void onlyMonitoringKnowsMicrometer() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.shvideo.tasks.monitoring")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.micrometer..", "io.prometheus..", "com.sun.net.httpserver..")
        .check(product);
  }

  @Test
  void onlyNativeVideoCallsFFmpeg() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.shvideo.ffmpeg")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bytedeco.ffmpeg.global..")
        .check(product);
  }

  @Test
  void fewPackagesTouchNativeObjects() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "org.shvideo.capture.stream",
            "org.shvideo.capture.motion",
            "org.shvideo.capture.container",
            "org.shvideo.capture.record",
            "org.shvideo.capture.store",
            "org.shvideo.worker.clip",
            "org.shvideo.camera.media",
            "org.shvideo.camera.scene",
            "org.shvideo.ffmpeg",
            "org.shvideo.lab.bench")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bytedeco..")
        .check(product);
  }

  @Test
  void theEnvironmentIsReadInOnePlace() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(Settings.class.getName())
        .should()
        .callMethod(System.class, "getenv")
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .check(product);
  }

  @Test
  void nothingStaticCanChange() {
    fields().that().areStatic().should().beFinal().check(product);
  }

  @Test
  void namesSayWhatThingsAre() {
    classes()
        .should()
        .haveNameNotMatching(".*(Util|Utils|Manager|Impl|Helper|Helpers)$")
        .check(product);
  }
}
