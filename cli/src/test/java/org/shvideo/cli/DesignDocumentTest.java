package org.shvideo.cli;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The design notes name the modules, packages and classes that exist. */
final class DesignDocumentTest {
  private static final Path root = Path.of(System.getProperty("shvideo.root"));
  private static final Path notes = root.resolve("docs/design");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern CELL = Pattern.compile("\\|([^|]+)");

  /** CamelCase, perhaps with a method. Constants and settings are all capitals. */
  private static final Pattern CLASS =
      Pattern.compile("`([A-Z]\\w*[a-z]\\w*)(?:\\.[a-z]\\w*(?:\\(\\))?)?`");

  /** Classes of libraries and other things. */
  private static final Set<String> FOREIGN =
      Set.of(
          "BufferedImage",
          "BytePointer",
          "Compiler",
          "DisplayData",
          "Dockerfile",
          "LongAdder",
          "OutOfMemoryError",
          "YoloV8Translator");

  private static final Pattern MODULE = Pattern.compile("<module>(.+)</module>");
  private static final Pattern DEPENDENCY =
      Pattern.compile("(?s)<dependency>\\s*<groupId>org\\.shvideo</groupId>(.*?)</dependency>");
  private static final Pattern ARTIFACT = Pattern.compile("<artifactId>(.+)</artifactId>");

  @Test
  void architectureListsEveryPackageOnce() throws IOException {
    List<String> listed = rows("Packages").map(row -> found(CODE, row).get(0)).toList();

    assertThat(listed).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(packages());
  }

  @Test
  void architectureListsEveryModuleWithThoseItUses() throws IOException {
    Map<String, Set<String>> listed = new TreeMap<>();
    for (String row : rows("Modules").toList()) {
      List<String> cells = found(CELL, row);
      listed.put(found(CODE, cells.get(0)).get(0), new TreeSet<>(found(CODE, cells.get(1))));
    }

    assertThat(listed).isEqualTo(modules());
  }

  @ParameterizedTest
  @MethodSource("notes")
  void everyClassNamedExists(Path note) throws IOException {
    Set<String> classes =
        sources("src")
            .map(file -> file.getFileName().toString().replace(".java", ""))
            .collect(toSet());

    assertThat(found(CLASS, Files.readString(note)))
        .allMatch(name -> classes.contains(name) || FOREIGN.contains(name));
  }

  private static List<Path> notes() throws IOException {
    try (Stream<Path> files = Files.list(notes)) {
      return files.filter(file -> file.toString().endsWith(".md")).toList();
    }
  }

  /** The rows of the tables in a section of architecture.md. */
  private static Stream<String> rows(String section) throws IOException {
    return Files.readAllLines(notes.resolve("architecture.md")).stream()
        .dropWhile(line -> !line.equals("## " + section))
        .skip(1)
        .takeWhile(line -> !line.startsWith("## "))
        .filter(line -> line.startsWith("| `"));
  }

  private static Set<String> packages() throws IOException {
    return sources("src/main/java")
        .map(file -> file.getParent().toString().replaceFirst(".*src/main/java/", ""))
        .map(folder -> folder.replace('/', '.'))
        .collect(toSet());
  }

  private static Stream<Path> sources(String folder) throws IOException {
    List<Path> sources = new ArrayList<>();
    for (String module : found(MODULE, Files.readString(root.resolve("pom.xml")))) {
      Path start = root.resolve(module).resolve(folder);
      if (Files.exists(start)) {
        try (Stream<Path> files = Files.walk(start)) {
          files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
        }
      }
    }
    return sources.stream();
  }

  /** Each module with the modules that its main code uses, as the poms declare them. */
  private static Map<String, Set<String>> modules() throws IOException {
    Map<String, Set<String>> modules = new TreeMap<>();
    for (String module : found(MODULE, Files.readString(root.resolve("pom.xml")))) {
      modules.put(
          module,
          found(DEPENDENCY, Files.readString(root.resolve(module).resolve("pom.xml"))).stream()
              .filter(dependency -> !dependency.contains("<scope>test</scope>"))
              .map(dependency -> found(ARTIFACT, dependency).get(0))
              .collect(toCollection(TreeSet::new)));
    }
    return modules;
  }

  private static List<String> found(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(result -> result.group(1)).toList();
  }
}
