package org.shvideo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The Ukrainian pages have the same headings, commands, tables, settings and links as the English
 * ones. Only prose may differ.
 */
final class ReadmeTranslationTest {
  private static final Path root = Path.of(System.getProperty("shvideo.root"));
  private static final Pattern CODE = Pattern.compile("`[^`]+`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)]+)\\)");

  @ParameterizedTest
  @ValueSource(strings = {"README", "docs/guide/settings"})
  void theTranslationHasTheSameStructureCommandsAndSettings(String page) throws IOException {
    assertThat(skeleton(page + ".uk.md")).isEqualTo(skeleton(page + ".md"));
  }

  /** All that does not depend on the language, line by line. */
  private static String skeleton(String name) throws IOException {
    List<String> skeleton = new ArrayList<>();
    // By section, because the order within one is the language's.
    SortedSet<String> links = new TreeSet<>();
    String fence = null;
    for (String line : Files.readAllLines(root.resolve(name))) {
      if (line.startsWith("```")) {
        fence = fence == null ? line.substring(3) : null;
        skeleton.add(line);
      } else if (fence != null) {
        if (!fence.equals("mermaid")) {
          skeleton.add(line.replaceFirst("\\s+#\\s.*", "").replaceFirst("^#\\s.*", "#"));
        }
      } else if (line.matches("#+ .*")) {
        skeleton.addAll(links);
        links.clear();
        skeleton.add(line.replaceFirst(" .*", ""));
      } else if (line.startsWith("|")) {
        // The first cells hold what a user types; the last one explains.
        String typed = line.substring(0, line.lastIndexOf('|', line.length() - 2) + 1);
        skeleton.add("|" + String.join(" ", found(CODE, 0, typed)));
      }
      if (fence == null) {
        links.addAll(found(LINK, 1, line));
      }
    }
    skeleton.addAll(links);
    // Links from a page to its translation and back.
    skeleton.removeIf(line -> line.matches("README\\.md|.*\\.uk\\.md"));
    return String.join("\n", skeleton);
  }

  private static List<String> found(Pattern pattern, int group, String line) {
    Matcher matcher = pattern.matcher(line);
    return matcher.results().map(result -> result.group(group)).toList();
  }
}
