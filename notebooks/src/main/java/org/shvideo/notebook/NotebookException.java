package org.shvideo.notebook;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.settings.SettingsException;
import org.shvideo.tasks.video.ClipNameException;
import org.shvideo.worker.clip.ClipUnreadableException;
import org.shvideo.worker.yolo.ModelUnavailableException;

/**
 * What a cell cannot do, and what to do about it, in a sentence. It carries no stack trace, because
 * a kernel would print it under the cell and bury the sentence.
 */
public final class NotebookException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotebookException(String message) {
    super(message, null, false, false);
  }

  /** Runs it; what a user can act on comes out as its message alone. */
  static <T> T explained(Callable<T> action) {
    try {
      return action.call();
    } catch (QueueUnavailableException e) {
      throw new NotebookException(
          e.getMessage()
              + ". Is Redis running? ./sh-video run and docker compose up start one; where it is"
              + " elsewhere, RDS_HOST, RDS_PORT and RDS_PSW say where.");
    } catch (SettingsException
        | ClipNameException
        | ClipUnreadableException
        | ModelUnavailableException
        | UncheckedIOException e) {
      throw new NotebookException(e.getMessage());
    } catch (IOException e) {
      throw new NotebookException(e.toString());
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
