package org.shvideo.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.shvideo.capture.store.ClipListener;
import org.shvideo.tasks.job.Job;

/** What the service tells, in order. */
final class Heard implements ClipListener {
  private static final Duration SOON = Duration.ofSeconds(60);

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
    return soon(published);
  }

  Job queued() throws InterruptedException {
    return soon(queued);
  }

  private static <T> T soon(BlockingQueue<T> from) throws InterruptedException {
    T next = from.poll(SOON.toSeconds(), TimeUnit.SECONDS);
    assertThat(next).as("something within " + SOON).isNotNull();
    return next;
  }
}
