package org.shvideo.notebook;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
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

  /** For a loop that would go on after its cell was stopped. */
  static void whenInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new NotebookException("Stopped.");
    }
  }

  /** Runs it; what a user can act on comes out as its message alone. */
  static <T> T explained(Callable<T> action) {
    try {
      return action.call();
    } catch (QueueUnavailableException e) {
      throw new NotebookException(
          e.getMessage() + ". ./sh-video run and docker compose up start a Redis with the rest.");
    } catch (SettingsException
        | ClipNameException
        | ClipUnreadableException
        | ModelUnavailableException
        | UncheckedIOException e) {
      throw new NotebookException(e.getMessage());
    } catch (NoSuchFileException e) {
      throw new NotebookException(e.getFile() + " is not there any more");
    } catch (AccessDeniedException e) {
      throw new NotebookException(e.getFile() + " may not be read or written by this user");
    } catch (IOException e) {
      throw new NotebookException(e.getMessage() == null ? e.toString() : e.getMessage());
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
