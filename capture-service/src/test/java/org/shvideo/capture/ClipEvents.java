package org.shvideo.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.tasks.job.Job;

/** Records the events of a capture service, in order. */
final class ClipEvents implements ClipListener {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final BlockingQueue<Path> published = new LinkedBlockingQueue<>();
  private final BlockingQueue<Job> queued = new LinkedBlockingQueue<>();

  @Override
  public void published(Path clip, Job job) {
    published.add(clip);
  }

  @Override
  public void queued(Job job) {
    queued.add(job);
  }

  Path published() throws InterruptedException {
    return next(published);
  }

  Job queued() throws InterruptedException {
    return next(queued);
  }

  private static <T> T next(BlockingQueue<T> from) throws InterruptedException {
    T next = from.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    assertThat(next).as("event within %s", TIMEOUT).isNotNull();
    return next;
  }
}
