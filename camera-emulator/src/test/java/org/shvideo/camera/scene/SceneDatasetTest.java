package org.shvideo.camera.scene;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("video")
class SceneDatasetTest {
  @TempDir private Path folder;

  @Test
  void datasetIsReproducible() throws IOException {
    for (String run : new String[] {"one", "two"}) {
      String out = folder.resolve(run).toString();
      SceneDataset.main(new String[] {out, "held-out", "160", "96", "4", "5"});
    }

    assertThat(folder.resolve("one/objects.jsonl"))
        .hasSameTextualContentAs(folder.resolve("two/objects.jsonl"));
    assertThat(Files.readAllLines(folder.resolve("one/objects.jsonl"))).hasSize(4);
    for (String name : new String[] {"00000.jpg", "00003.jpg"}) {
      assertThat(folder.resolve("one").resolve(name))
          .hasSameBinaryContentAs(folder.resolve("two").resolve(name));
    }
  }

  @ParameterizedTest
  @EnumSource
  void boxesLieInsideThePicture(Backdrop backdrop) {
    Random random = new Random(3);
    int signs = 0;
    for (int i = 0; i < 12; i++) {
      TrainingPicture picture = new TrainingPicture(backdrop, 160, 96, random);
      signs += picture.objects().size();
      assertThat(picture.objects())
          .allSatisfy(
              sign -> {
                assertThat(sign.x()).isNotNegative();
                assertThat(sign.x() + sign.width()).isLessThan(160.01);
                assertThat(sign.y()).isNotNegative();
                assertThat(sign.y() + sign.height()).isLessThan(96.01);
              });
    }
    assertThat(signs).isPositive();
  }
}
