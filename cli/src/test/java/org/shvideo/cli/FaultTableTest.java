package org.shvideo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/design/faults.md promises nothing that no test holds. */
final class FaultTableTest {
  private static final Path root = Path.of(System.getProperty("shvideo.root"));
  private static final Pattern NAMED = Pattern.compile("`(\\w+Test)(?:\\.(\\w+))?`");

  @Test
  void everyTestInTheTableExists() throws IOException {
    Map<String, String> tests = sources();
    List<MatchResult> named =
        NAMED
            .matcher(Files.readString(root.resolve("docs/design/faults.md")))
            .results()
            .filter(result -> !result.group(1).equals("FaultTableTest"))
            .toList();

    assertThat(named).hasSizeGreaterThan(30);
    for (MatchResult one : named) {
      assertThat(tests.keySet()).contains(one.group(1));
      assertThat(
              one.group(2) == null
                  || tests.get(one.group(1)).contains("void " + one.group(2) + "("))
          .as(one.group())
          .isTrue();
    }
  }

  private static Map<String, String> sources() throws IOException {
    Map<String, String> sources = new TreeMap<>();
    try (Stream<Path> modules = Files.list(root)) {
      for (Path tests :
          modules.map(module -> module.resolve("src/test/java")).filter(Files::exists).toList()) {
        try (Stream<Path> files = Files.walk(tests)) {
          files
              .filter(file -> file.toString().endsWith("Test.java"))
              .forEach(
                  file ->
                      sources.put(file.getFileName().toString().replace(".java", ""), read(file)));
        }
      }
    }
    return sources;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
