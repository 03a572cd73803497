package org.shvideo.notebook.results;

import java.util.Locale;
import java.util.Map;
import org.shvideo.notebook.view.Table;
import org.shvideo.notebook.view.Text;
import org.shvideo.notebook.view.View;
import org.shvideo.tasks.log.DetectedObject;
import org.shvideo.tasks.log.DetectionLine;

/** What was detected in one clip. */
public final class ClipResult extends View {
  private final DetectionLine line;

  /** For the line of a clip that was analysed. */
  public ClipResult(DetectionLine line) {
    this.line = line;
  }

  /** As the worker writes it. */
  public DetectionLine line() {
    return line;
  }

  @Override
  public Map<String, String> mimeBundle() {
    String sentence =
        String.format(
            Locale.ROOT,
            "%s: %.1f s, %d of %d frames analysed in %.1f s",
            line.filename(),
            line.durationSeconds(),
            line.analysed(),
            line.frames(),
            line.elapsedSeconds());
    View view =
        line.objects().isEmpty()
            ? new Text(sentence + "; nothing detected.")
            : Table.of(line.objects())
                .column("label", DetectedObject::label)
                .column("confidence", DetectedObject::confidence)
                .column("frames", DetectedObject::frames)
                .column("from, s", DetectedObject::firstSeconds)
                .column("to, s", DetectedObject::lastSeconds)
                .column("max at once", DetectedObject::maxAtOnce)
                .caption(sentence);
    return view.mimeBundle();
  }
}
