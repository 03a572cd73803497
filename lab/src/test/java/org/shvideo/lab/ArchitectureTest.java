package org.shvideo.lab;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.shvideo.tasks.settings.Settings;

/** The arrows between the modules and packages, as docs/design/architecture.md draws them. */
final class ArchitectureTest {
  private static final String TASKS = "org.shvideo.tasks..";
  private static final String CAPTURE = "org.shvideo.capture..";
  private static final String WORKER = "org.shvideo.worker..";
  private static final String CAMERA = "org.shvideo.camera..";
  private static final String NOTEBOOK = "org.shvideo.notebook..";
  private static final String CLI = "org.shvideo.cli..";
  private static final String LAB = "org.shvideo.lab..";

  private static final JavaClasses product =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("org.shvideo");

  @Test
  void everyModuleIsSeenByTheseRules() {
    assertThat(
            product.stream()
                .map(type -> type.getPackageName().replaceFirst("org\\.shvideo\\.(\\w+).*", "$1"))
                .distinct())
        .containsExactlyInAnyOrder(
            "tasks", "capture", "worker", "camera", "notebook", "cli", "lab", "ffmpeg");
  }

  @Test
  void arrowsBetweenModulesPointOneWay() {
    noClasses()
        .that()
        .resideInAPackage(TASKS)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(CAPTURE, WORKER, CAMERA, NOTEBOOK, CLI, LAB)
        .check(product);
    noClasses()
        .that()
        .resideInAPackage(CAPTURE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(WORKER, CAMERA, NOTEBOOK, CLI, LAB)
        .check(product);
    noClasses()
        .that()
        .resideInAPackage(WORKER)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(CAPTURE, CAMERA, NOTEBOOK, CLI, LAB)
        .check(product);
    noClasses()
        .that()
        .resideInAPackage(NOTEBOOK)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(CAPTURE, CAMERA, CLI, LAB)
        .check(product);
    noClasses()
        .that()
        .resideInAPackage(CAMERA)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(TASKS, CAPTURE, WORKER, NOTEBOOK, CLI, LAB)
        .check(product);
    noClasses()
        .that()
        .resideInAPackage(CLI)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(NOTEBOOK, LAB)
        .check(product);
  }

  @Test
  void packagesFormNoCycles() {
    slices().matching("org.shvideo.(**)").should().beFreeOfCycles().check(product);
  }

  @Test
  void onlyTheQueueKnowsRedis() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.shvideo.tasks.queue")
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
            "org.shvideo.capture.avi",
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
