package org.shvideo.notebook.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Collections;
import org.junit.jupiter.api.Test;

class PictureGridTest {
  @Test
  void scalingDownUsesAllPixels() {
    BufferedImage lines = new BufferedImage(1780, 1000, BufferedImage.TYPE_3BYTE_BGR);
    for (int y = 0; y < lines.getHeight(); y += 2) {
      for (int x = 0; x < lines.getWidth(); x++) {
        lines.setRGB(x, y, Color.WHITE.getRGB());
      }
    }

    BufferedImage scaled = PictureGrid.scaled(lines, 4);

    assertThat(scaled.getWidth()).isEqualTo(219);
    assertThat(scaled.getHeight()).isEqualTo(123);
    assertThat(new Color(scaled.getRGB(100, 60)).getGreen()).isBetween(110, 145);
  }

  @Test
  void scalingUpKeepsTheAspectRatio() {
    BufferedImage scaled =
        PictureGrid.scaled(new BufferedImage(10, 20, BufferedImage.TYPE_INT_RGB), 2);

    assertThat(scaled.getWidth()).isEqualTo(446);
    assertThat(scaled.getHeight()).isEqualTo(892);
    assertThat(
            PictureGrid.scaled(new BufferedImage(4000, 1, BufferedImage.TYPE_INT_RGB), 12)
                .getHeight())
        .isEqualTo(1);
  }

  @Test
  void fillsRowsFromTheLeft() {
    BufferedImage black =
        PictureGrid.scaled(new BufferedImage(16, 9, BufferedImage.TYPE_INT_RGB), 3);

    BufferedImage sheet =
        PictureGrid.draw(Collections.nCopies(4, new PictureGrid.Tile(black, "1.0 s")), 3);

    assertThat(sheet.getRGB(20, sheet.getHeight() - 40)).isEqualTo(Color.BLACK.getRGB());
    assertThat(sheet.getRGB(sheet.getWidth() - 20, 20)).isEqualTo(Color.BLACK.getRGB());
    assertThat(sheet.getRGB(sheet.getWidth() - 20, sheet.getHeight() - 40))
        .isEqualTo(Color.WHITE.getRGB());
  }
}
