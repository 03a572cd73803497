package org.shvideo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every link between the documents leads to a file that exists, and to a heading in it. */
final class DocumentLinksTest {
  private static final Path root = Path.of(System.getProperty("shvideo.root"));
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]*)(?:#([^)\\s]+))?\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

  private static List<Path> documents() throws IOException {
    try (Stream<Path> top = Files.list(root);
        Stream<Path> docs = Files.walk(root.resolve("docs"))) {
      return Stream.concat(top, docs).filter(file -> file.toString().endsWith(".md")).toList();
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyLinkLeadsSomewhere(Path document) throws IOException {
    String text = Files.readString(document).replaceAll("(?s)```.*?```", "");
    for (MatchResult link : LINK.matcher(text).results().toList()) {
      String target = link.group(1);
      if (!target.matches("https?:.*")) {
        Path file = target.isEmpty() ? document : document.resolveSibling(target).normalize();
        assertThat(file).as(link.group()).exists();
        if (link.group(2) != null) {
          assertThat(anchors(file)).as(link.group()).contains(link.group(2));
        }
      }
    }
  }

  /** As GitHub makes them from headings. */
  private static List<String> anchors(Path document) throws IOException {
    return HEADING
        .matcher(Files.readString(document))
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N}_ -]", "").replace(' ', '-'))
        .toList();
  }
}
