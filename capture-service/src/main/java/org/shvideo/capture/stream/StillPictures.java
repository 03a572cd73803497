package org.shvideo.capture.stream;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.shvideo.capture.connection.HttpStream;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.ffmpeg.Demuxer;
import org.shvideo.ffmpeg.FFmpegException;
import org.shvideo.ffmpeg.Packets;

/**
 * The pictures of a camera that answers each request with a single one. A request that fails is
 * repeated at the next interval, until the stream's deadline. Owns the last picture until closed.
 * Not thread-safe.
 */
final class StillPictures implements AutoCloseable {
  /** What repeating the request does not change, and what would lock an account. */
  private static final Set<Kind> LASTING =
      Set.of(
          Kind.STOPPED,
          Kind.UNAUTHORIZED,
          Kind.NOT_FOUND,
          Kind.REJECTED,
          Kind.NOT_VIDEO,
          Kind.TOO_LARGE,
          Kind.REDIRECTED,
          Kind.UNTRUSTED);

  private final CameraUrl url;
  private final StreamSettings settings;
  private final CountDownLatch stop;
  private final Deadline deadline;
  private final long intervalNanos;
  private long dueNanos;
  private AVPacket last;

  /**
   * The next picture is due one interval from now.
   *
   * @param deadline of the stream, set before each call of {@link #next}
   */
  StillPictures(CameraUrl url, StreamSettings settings, CountDownLatch stop, Deadline deadline) {
    this.url = url;
    this.settings = settings;
    this.stop = stop;
    this.deadline = deadline;
    this.intervalNanos = settings.snapshotInterval().toNanos();
    this.dueNanos = System.nanoTime() + intervalNanos;
  }

  /**
   * Waits until a picture is due, and asks for it.
   *
   * @return borrowed, until the next call; may end in mid-picture
   */
  AVPacket next() throws StreamException {
    while (true) {
      awaitDue();
      long asked = System.nanoTime();
      try {
        dueNanos = Math.max(dueNanos + intervalNanos, asked);
        return fetch();
      } catch (StreamException e) {
        Duration wish = e.retryAfter().orElse(Duration.ZERO);
        dueNanos = Math.max(dueNanos, asked + wish.toNanos());
        if (LASTING.contains(e.kind()) || deadline.isBefore(dueNanos)) {
          throw e;
        }
      }
    }
  }

  private void awaitDue() throws StreamException {
    try {
      if (!stop.await(dueNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new StreamException(Kind.STOPPED, url, "the service is stopping");
  }

  private AVPacket fetch() throws StreamException {
    close();
    StreamErrors failures = new StreamErrors(url, settings.timeout(), deadline);
    try (Demuxer demuxer =
        new Demuxer(
            HttpStream.get(url.endpoint(), settings.trust(), deadline),
            url.masked(),
            "mjpeg",
            Map.of(),
            CameraStream.MAX_PACKET_BYTES,
            deadline)) {
      demuxer.selectVideo();
      AVPacket picture;
      try {
        picture = demuxer.read();
      } catch (FFmpegException e) {
        throw failures.reading(e);
      }
      if (picture == null) {
        throw failures.closed();
      }
      last = Packets.take(picture);
      return last;
    } catch (FFmpegException e) {
      throw deadline.getAsBoolean() ? failures.stalled() : failures.opening(e);
    } catch (IOException e) {
      throw deadline.getAsBoolean() ? failures.stalled() : failures.connecting(e);
    }
  }

  @Override
  public void close() {
    if (last != null) {
      Packets.free(last);
    }
  }
}
