package org.shvideo.notebook;

import java.util.Locale;
import java.util.Map;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;

/**
 * What was found in one clip.
 *
 * @param line as the worker would write it
 */
public record ClipResult(DetectionLine line) implements View {

  @Override
  public String text() {
    return table().text();
  }

  @Override
  public Map<String, String> forms() {
    return table().forms();
  }

  private View table() {
    if (!line.ok()) {
      return new Text("%s could not be analysed: %s".formatted(line.filename(), line.error()));
    }
    if (line.objects() == null) { // the prototype's line tells no more
      return new Text(
          line.detected().isEmpty()
              ? line.filename() + ": nothing was seen."
              : "%s: %s.".formatted(line.filename(), String.join(", ", line.detected())));
    }
    String sentence =
        String.format(
            Locale.ROOT,
            "%s: %.1f s, %d of %d frames analysed in %.1f s",
            line.filename(),
            line.durationSeconds(),
            line.analysed(),
            line.frames(),
            line.elapsedSeconds());
    return line.objects().isEmpty()
        ? new Text(sentence + "; nothing was seen.")
        : Table.of(line.objects())
            .column("seen", DetectedObject::label)
            .column("confidence", DetectedObject::confidence)
            .column("frames", DetectedObject::frames)
            .column("from, s", DetectedObject::firstSeconds)
            .column("to, s", DetectedObject::lastSeconds)
            .column("at once", DetectedObject::maxAtOnce)
            .caption(sentence);
  }

  @Override
  public String toString() {
    return text();
  }
}
