package org.shvideo.notebook.session;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.settings.SettingsException;
import org.shvideo.worker.clip.ClipUnreadableException;
import org.shvideo.worker.yolo.ModelUnavailableException;

/**
 * What a cell cannot do and what the user can do about it. Without a stack trace, because a kernel
 * would print that under the cell and hide the message.
 */
public final class NotebookException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public NotebookException(String message) {
    super(message, null, false, false);
  }

  /** Ends a loop whose cell was interrupted. */
  public static void throwIfInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new NotebookException("Stopped.");
    }
  }

  /** Runs the action; a failure that the user can act on is thrown as its message alone. */
  public static <T> T explain(Callable<T> action) {
    try {
      return action.call();
    } catch (QueueUnavailableException e) {
      throw new NotebookException(
          e.getMessage() + ". Start it with ./sh-video run or docker compose up.");
    } catch (SettingsException
        | ClipUnreadableException
        | ModelUnavailableException
        | UncheckedIOException e) {
      throw new NotebookException(e.getMessage());
    } catch (NoSuchFileException e) {
      throw new NotebookException(e.getFile() + " no longer exists");
    } catch (AccessDeniedException e) {
      throw new NotebookException("No permission to read or write " + e.getFile());
    } catch (IOException e) {
      throw new NotebookException(e.getMessage() == null ? e.toString() : e.getMessage());
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
