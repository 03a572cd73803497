package org.shvideo.capture.stream;

import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_WARNING;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.setLogCallback;

import java.time.Duration;
import org.bytedeco.ffmpeg.avutil.LogCallback;
import org.bytedeco.javacpp.BytePointer;
import org.shvideo.tasks.settings.Masking;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What FFmpeg would print to the standard error goes to our log instead: warnings and worse, at
 * level DEBUG because whatever matters reaches the user as an exception with a clear sentence, one
 * line a second at most, and without the credentials that FFmpeg's lines carry. There is one for
 * the process, as FFmpeg has one log. Thread-safe.
 */
public final class FFmpegLog extends LogCallback {
  private static final Logger LOG = LoggerFactory.getLogger(FFmpegLog.class);

  private static final long INTERVAL = Duration.ofSeconds(1).toNanos();

  private static final FFmpegLog INSTANCE = new FFmpegLog();

  private long last = System.nanoTime() - INTERVAL;
  private int left;

  private FFmpegLog() {}

  /** May be called more than once. */
  public static void install() {
    av_log_set_level(AV_LOG_WARNING);
    setLogCallback(INSTANCE);
  }

  @Override
  public void call(int level, BytePointer message) {
    if (LOG.isDebugEnabled()) {
      write(message.getString().strip(), System.nanoTime());
    }
  }

  private synchronized void write(String line, long now) {
    if (line.isEmpty()) {
      return;
    }
    if (now - last < INTERVAL) {
      left++;
      return;
    }
    String more = left == 0 ? "" : " (and %d more lines since the last)".formatted(left);
    LOG.debug("FFmpeg: {}{}", Masking.mask(line), more);
    last = now;
    left = 0;
  }
}
