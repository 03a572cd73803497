package org.shvideo.worker.result;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.shvideo.tasks.video.ClipName;
import org.shvideo.worker.yolo.Box;
import org.shvideo.worker.yolo.Detection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The picture beside a clip: its best frame with boxes and labels. The best frame is the one whose
 * detections' confidences add up to most, so that more and surer objects win; of equals the
 * earliest.
 */
public final class Snapshot {
  private static final Logger log = LoggerFactory.getLogger(Snapshot.class);
  private static final float QUALITY = 0.9f;
  private static final String MARK = "sh-video snapshot of ";
  private static final short COMMENT = (short) 0xfffe;

  /** Up to the end of the header that ImageIO writes. */
  private static final int JFIF_BYTES = 20;

  /** Turns a colour circle so that neighbours differ most. */
  private static final float GOLDEN_RATIO = 0.618034f;

  private Snapshot() {}

  /** How good a frame with these detections is, to be compared; 0 when it shows nothing. */
  public static double score(List<Detection> detections) {
    return detections.stream().mapToDouble(Detection::confidence).sum();
  }

  /** Draws the detections into the picture, sized to it. */
  public static void draw(BufferedImage picture, List<Detection> detections) {
    int size = Math.min(picture.getWidth(), picture.getHeight());
    int line = Math.max(2, Math.round(size / 240f));
    Graphics2D graphics = picture.createGraphics();
    try {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      // The surest last, on top of the others.
      List<Detection> ordered =
          detections.stream().sorted(Comparator.comparing(Detection::confidence)).toList();
      for (Detection detection : ordered) {
        graphics.setColor(color(detection.label()));
        frame(graphics, detection.box(), line);
      }
      labels(graphics, picture, ordered, Math.max(11, Math.round(size / 30f)));
    } finally {
      graphics.dispose();
    }
  }

  /** Along the box's inner edge, on whole pixels. */
  private static void frame(Graphics2D graphics, Box box, int line) {
    int left = Math.round(box.left());
    int top = Math.round(box.top());
    int right = Math.round(box.right());
    int bottom = Math.round(box.bottom());
    graphics.fillRect(left, top, right - left, line);
    graphics.fillRect(left, bottom - line, right - left, line);
    graphics.fillRect(left, top, line, bottom - top);
    graphics.fillRect(right - line, top, line, bottom - top);
  }

  private static void labels(
      Graphics2D graphics, BufferedImage picture, List<Detection> detections, int fontSize) {
    FontMetrics metrics;
    try {
      graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, fontSize));
      metrics = graphics.getFontMetrics();
    } catch (RuntimeException | LinkageError | InternalError e) {
      // A Java without fonts, as in a bare container: boxes are better than nothing.
      log.warn(
          "The snapshot has no labels, because this system has no fonts (Debian: apt install"
              + " fontconfig libfreetype6 fonts-dejavu-core): {}",
          e.toString());
      return;
    }
    for (Detection detection : detections) {
      String text =
          String.format(Locale.ROOT, "%s %.0f%%", detection.label(), 100 * detection.confidence());
      float gap = fontSize / 4f;
      float width = metrics.stringWidth(text) + 2 * gap;
      float height = metrics.getAscent() + metrics.getDescent();
      Box box = detection.box();
      // Above the box, or inside it at the picture's top; never cut off at the sides.
      float left = Math.max(0, Math.min(box.left(), picture.getWidth() - width));
      float top = box.top() - height;
      if (top < 0) {
        top = Math.min(box.top(), picture.getHeight() - height);
      }
      Color color = color(detection.label());
      graphics.setColor(color);
      graphics.fill(new Rectangle2D.Float(left, top, width, height));
      graphics.setColor(bright(color) ? Color.BLACK : Color.WHITE);
      graphics.drawString(text, left + gap, top + metrics.getAscent());
    }
  }

  /** Always the same for a label, in all pictures. */
  static Color color(String label) {
    float turn = Math.floorMod(label.hashCode(), 10_007) * GOLDEN_RATIO;
    return Color.getHSBColor(turn, 0.85f, 0.95f);
  }

  private static boolean bright(Color color) {
    return 0.299 * color.getRed() + 0.587 * color.getGreen() + 0.114 * color.getBlue() > 140;
  }

  /**
   * Writes the picture beside its clip as a JPEG that names the clip; a reader sees the whole file
   * or none. An earlier snapshot of the same clip is replaced, and no other file: then it gets
   * another name. Returns the name.
   */
  public static String write(BufferedImage picture, Path clip) throws IOException {
    String name = clip.getFileName().toString();
    byte[] jpeg = marked(jpeg(picture), MARK + name);
    Path unfinished = clip.resolveSibling("." + UUID.randomUUID() + ".tmp");
    try {
      Files.write(unfinished, jpeg, StandardOpenOption.CREATE_NEW);
      for (int number = 1; number <= ClipName.SNAPSHOT_CHOICES; number++) {
        Path file = clip.resolveSibling(ClipName.snapshot(name, number));
        if (isOf(name, file)) {
          Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
          return file.getFileName().toString();
        }
        try {
          Files.move(unfinished, file);
          return file.getFileName().toString();
        } catch (FileAlreadyExistsException e) {
          log.debug("{} is not the snapshot of {}", file, name);
        }
      }
      throw new FileAlreadyExistsException(clip.resolveSibling(ClipName.snapshot(name)).toString());
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static byte[] jpeg(BufferedImage picture) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var stream = ImageIO.createImageOutputStream(bytes)) {
      ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
      try {
        ImageWriteParam parameters = writer.getDefaultWriteParam();
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionQuality(QUALITY);
        writer.setOutput(stream);
        writer.write(null, new IIOImage(picture, null, null), parameters);
      } finally {
        writer.dispose();
      }
    }
    return bytes.toByteArray();
  }

  /** Inserts a comment after the first segment, JFIF's header. */
  private static byte[] marked(byte[] jpeg, String comment) {
    byte[] text = comment.getBytes(StandardCharsets.UTF_8);
    int header = commentAt(jpeg);
    return ByteBuffer.allocate(jpeg.length + text.length + 4)
        .put(jpeg, 0, header)
        .putShort(COMMENT)
        .putShort((short) (text.length + 2))
        .put(text)
        .put(jpeg, header, jpeg.length - header)
        .array();
  }

  private static int commentAt(byte[] jpeg) {
    return 4 + Short.toUnsignedInt(ByteBuffer.wrap(jpeg).getShort(4));
  }

  /** Whether a file is a snapshot of the clip of that name. */
  private static boolean isOf(String clip, Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    byte[] mark = (MARK + clip).getBytes(StandardCharsets.UTF_8);
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(JFIF_BYTES + 4 + mark.length);
    }
    return head.length == JFIF_BYTES + 4 + mark.length
        && commentAt(head) == JFIF_BYTES
        && ByteBuffer.wrap(head).getShort(JFIF_BYTES) == COMMENT
        && ByteBuffer.wrap(head).getShort(JFIF_BYTES + 2) == mark.length + 2
        && Arrays.equals(head, JFIF_BYTES + 4, head.length, mark, 0, mark.length);
  }
}
