package org.shvideo.capture.stream;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntSupplier;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.javacpp.Pointer;

/**
 * Bounds FFmpeg's blocking calls: while one waits, FFmpeg asks ten times a second or more whether
 * to go on, and is told to give up when the time is over or the service stops. Not thread-safe:
 * belongs to the thread that reads the stream; only the latch is counted down by others.
 *
 * <p>There is one callback for all streams, because JavaCPP has room for ten instances of a
 * callback class and no more. FFmpeg asks on the thread that made the call, so a thread-local tells
 * whose call it is. Without this class a silent camera would hold its thread for ever, and with
 * FFmpeg's own {@code timeout} option an open may take twice as long as asked.
 */
final class Deadline {
  private static final ThreadLocal<Deadline> CURRENT = new ThreadLocal<>();
  private static final AVIOInterruptCB.Callback_Pointer CALLBACK =
      new AVIOInterruptCB.Callback_Pointer() {
        @Override
        public int call(Pointer unused) {
          Deadline current = CURRENT.get();
          return current != null && current.over() ? 1 : 0;
        }
      };

  private final CountDownLatch stop;
  private long end;
  private boolean closing;

  Deadline(CountDownLatch stop) {
    this.stop = stop;
    this.end = System.nanoTime();
  }

  /** To be called before the context is opened: its protocols take a copy then. */
  static void watch(AVFormatContext context) {
    context.interrupt_callback().callback(CALLBACK);
  }

  void in(Duration time) {
    end = System.nanoTime() + time.toNanos();
  }

  /** Closing goes on when the service stops: a camera wants to be told. */
  void inClosing(Duration time) {
    closing = true;
    in(time);
  }

  boolean passed() {
    return System.nanoTime() - end >= 0;
  }

  boolean stopped() {
    return stop.getCount() == 0;
  }

  /** Makes a call of FFmpeg's, which answers {@code AVERROR_EXIT} when this deadline cut it off. */
  int bound(IntSupplier call) {
    CURRENT.set(this);
    try {
      return call.getAsInt();
    } finally {
      CURRENT.remove();
    }
  }

  boolean over() {
    return passed() || (stopped() && !closing);
  }
}
