package org.shvideo.tasks.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class VideoFolderTest {
  @TempDir private Path parent;
  private VideoFolder folder;

  @BeforeEach
  void fill() throws IOException {
    folder = new VideoFolder(parent.resolve("video"));
    write("secret.avi");
    for (String clip :
        new String[] {"a.avi", "sub/b.avi", "a b 'c' \"d\".avi", "..avi", "x..avi"}) {
      write("video/" + clip);
    }
    write("video/.recording/c.avi");
    write("video-2/d.avi");
    Files.createSymbolicLink(folder.root().resolve("link.avi"), folder.root().resolve("a.avi"));
    Files.createSymbolicLink(folder.root().resolve("out.avi"), parent.resolve("secret.avi"));
    Files.createSymbolicLink(folder.root().resolve("up"), parent);
    Files.createSymbolicLink(folder.root().resolve("broken.avi"), parent.resolve("nothing"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.avi",
        "./a.avi",
        "sub/b.avi",
        "sub//b.avi",
        "a b 'c' \"d\".avi",
        "x..avi",
        "link.avi"
      })
  void findsAClipByItsName(String name) throws ClipNameException {
    assertThat(folder.clip(name)).isRegularFile().startsWith(folder.root());
  }

  @Test
  void findsNamesOfAnyAlphabet() throws Exception {
    write("video/Türklingel кіт 猫.avi");

    assertThat(folder.clip("Türklingel кіт 猫.avi")).isRegularFile();
  }

  /** "й" may be one character or two; file systems and programs differ in what they write. */
  @Test
  void findsANameWhetherItIsComposedOrNot() throws Exception {
    String composed = Normalizer.normalize("двір й/вхідний й.avi", Form.NFC);
    String decomposed = Normalizer.normalize(composed, Form.NFD);
    write("video/" + composed);
    String other = Normalizer.normalize("й.avi", Form.NFD);
    write("video/" + other);

    assertThat(folder.clip(composed)).isEqualTo(folder.root().resolve(composed));
    assertThat(folder.clip(decomposed)).isEqualTo(folder.root().resolve(composed));
    assertThat(folder.clip(Normalizer.normalize(other, Form.NFC)))
        .isEqualTo(folder.root().resolve(other));

    write("video/" + decomposed);
    assertThat(folder.clip(composed)).as("if there are both").hasContent("video/" + composed);
    assertThat(folder.clip(decomposed)).hasContent("video/" + decomposed);
    assertThatThrownBy(() -> folder.clip("й/й.avi")).hasMessageContaining("not found");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | the job names no file",
        "`  ` | the job names no file",
        "missing.avi | File \"missing.avi\" not found in the video folder",
        "broken.avi | File \"broken.avi\" not found in the video folder",
        "A.AVI/x | not found",
        "../secret.avi | \"../secret.avi\" climbs with ..",
        "../../etc/passwd | climbs with ..",
        "sub/../a.avi | climbs with ..",
        "../video/a.avi | climbs with ..",
        "../video-2/d.avi | climbs with ..",
        ".. | climbs with ..",
        "/etc/passwd | is absolute",
        "out.avi | leads outside the video folder through a link",
        "up/secret.avi | leads outside the video folder through a link",
        "sub | is not a file",
        ". | is not a file",
        ".recording/c.avi | is hidden",
        "..avi | is hidden",
        "..\\..\\x | is hidden",
        "file:///etc/passwd | not found"
      })
  void refusesEverythingElseAndSaysWhy(String name, String reason) {
    assertThatThrownBy(() -> folder.clip(name))
        .isInstanceOf(ClipNameException.class)
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"a\0.avi", "\n", "no\nsuch\u001b[31m.avi"})
  void namesOfNoFileAreShownWithoutTheirControlCharacters(String name) {
    assertThatThrownBy(() -> folder.clip(name))
        .isInstanceOf(ClipNameException.class)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}"));
  }

  @Test
  void aNameOfAnyLengthIsShownInPart() {
    assertThatThrownBy(() -> folder.clip("x".repeat(1_000_000)))
        .isInstanceOf(ClipNameException.class)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
  }

  @Test
  void aFolderThatIsMissingHasNoClips() {
    assertThatThrownBy(() -> new VideoFolder(parent.resolve("none")).clip("a.avi"))
        .isInstanceOf(ClipNameException.class)
        .hasMessageContaining("not found");
  }

  @Test
  void aFolderBehindALinkHasItsClips() throws Exception {
    Path link = Files.createSymbolicLink(parent.resolve("link"), folder.root());

    assertThat(new VideoFolder(link).clip("a.avi")).isEqualTo(link.resolve("a.avi"));
  }

  @Tag("process")
  @Test
  void aPipeIsNotAClip() throws Exception {
    Path pipe = folder.root().resolve("pipe.avi");
    Process process = new ProcessBuilder("mkfifo", pipe.toString()).start();
    assumeThat(process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0).isTrue();

    assertThatThrownBy(() -> folder.clip("pipe.avi")).hasMessageContaining("is not a file");
  }

  @Test
  void knowsWhereEverythingLies() {
    Path root = parent.resolve("video");
    assertThat(new VideoFolder(parent.resolve("x/../video")).root()).isEqualTo(root);
    assertThat(folder.recording()).isEqualTo(root.resolve(".recording"));
    assertThat(folder.outbox()).isEqualTo(root.resolve(".outbox"));
    assertThat(folder.log()).isEqualTo(root.resolve("detections_log.jsonl"));
    assertThat(folder.deletionLog()).isEqualTo(root.resolve("deletions_log.jsonl"));
  }

  @ParameterizedTest
  @CsvSource({
    "20260223-144819.avi, true",
    "20260223-144819.mp4, true",
    "cats.MOV,            true",
    "20260223-144819.jpg, false",
    "avi,                 false",
  })
  void recognisesVideosByTheirExtension(String name, boolean video) {
    assertThat(VideoFolder.isVideo(name)).isEqualTo(video);
  }

  private void write(String name) throws IOException {
    Path file = parent.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, name, StandardCharsets.UTF_8);
  }
}
