package org.shvideo.camera.scene;

import java.awt.image.BufferedImage;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/**
 * Writes the training and test data of the demo model: pictures {@code 00000.jpg} … and their
 * ground truth {@code objects.jsonl}, one line per picture. The same arguments give the same
 * pictures. See {@code tools/demo-model/README.md}.
 */
final class SceneDataset {
  private static final List<Backdrop> TRAINING =
      List.of(Backdrop.STREET, Backdrop.GRADIENT, Backdrop.CLUTTER);
  private static final List<Backdrop> HELD_OUT = List.of(Backdrop.WALL, Backdrop.NIGHT);

  private final Path folder;

  private SceneDataset(Path folder) {
    this.folder = folder;
  }

  /** Arguments: {@code FOLDER training|held-out WIDTH HEIGHT COUNT SEED} or {@code FOLDER demo}. */
  public static void main(String[] args) throws IOException {
    SceneDataset dataset = new SceneDataset(Path.of(args[0]));
    if (args[1].equals("demo")) {
      dataset.writeDemo();
    } else {
      List<Backdrop> backdrops = args[1].equals("held-out") ? HELD_OUT : TRAINING;
      int width = Integer.parseInt(args[2]);
      int height = Integer.parseInt(args[3]);
      dataset.write(
          backdrops, width, height, Integer.parseInt(args[4]), new Random(Long.parseLong(args[5])));
    }
  }

  private void write(
      List<Backdrop> backdrops, int width, int height, int count, RandomGenerator random)
      throws IOException {
    Files.createDirectories(folder);
    try (BufferedWriter lines = Files.newBufferedWriter(folder.resolve("objects.jsonl"))) {
      for (int index = 0; index < count; index++) {
        Backdrop backdrop = backdrops.get(index % backdrops.size());
        TrainingPicture picture = new TrainingPicture(backdrop, width, height, random);
        float quality = random.nextFloat(0.5f, 0.95f);
        String name = writeJpeg(index, picture.image(), quality);
        lines.write(line(name, backdrop.name(), picture.objects()));
      }
    }
  }

  /** Every third frame of the demo scene, which is not part of the training data. */
  private void writeDemo() throws IOException {
    Files.createDirectories(folder);
    Scene scene = Scene.demo();
    try (BufferedWriter lines = Files.newBufferedWriter(folder.resolve("objects.jsonl"))) {
      for (int index = 0; index < scene.frames(); index += 3) {
        String name = writeJpeg(index, scene.frame(index), 0.85f);
        lines.write(line(name, "DEMO", SceneObject.in(scene, index)));
      }
    }
  }

  private String writeJpeg(int index, BufferedImage picture, float quality) throws IOException {
    String name = String.format(Locale.ROOT, "%05d.jpg", index);
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    Files.deleteIfExists(folder.resolve(name));
    try (ImageOutputStream out = ImageIO.createImageOutputStream(folder.resolve(name).toFile())) {
      ImageWriteParam settings = writer.getDefaultWriteParam();
      settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      settings.setCompressionQuality(quality);
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, null), settings);
    } finally {
      writer.dispose();
    }
    return name;
  }

  private static String line(String name, String backdrop, List<SceneObject> objects) {
    String boxes =
        objects.stream()
            .map(
                object ->
                    String.format(
                        Locale.ROOT,
                        "{\"label\":\"%s\",\"box\":[%.2f,%.2f,%.2f,%.2f],\"visible\":%.3f}",
                        object.label(),
                        object.x(),
                        object.y(),
                        object.width(),
                        object.height(),
                        object.visible()))
            .collect(Collectors.joining(","));
    return String.format(
        Locale.ROOT,
        "{\"file\":\"%s\",\"backdrop\":\"%s\",\"objects\":[%s]}%n",
        name,
        backdrop.toLowerCase(Locale.ROOT),
        boxes);
  }
}
