package org.shvideo.ffmpeg;

import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.bytedeco.ffmpeg.avutil.LogCallback;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Redirects FFmpeg's own messages, which would go to standard error: warnings and errors appear in
 * our log at level DEBUG, at most one line a second. What a user must know is reported by
 * exceptions. FFmpeg has one log for the whole process, so the last call here decides. Thread-safe.
 */
public final class FFmpegLog extends LogCallback {
  private static final Logger log = LoggerFactory.getLogger(FFmpegLog.class);
  private static final long INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();

  private static final ThreadLocal<ServerAnswers> LISTENING = new ThreadLocal<>();

  private static final FFmpegLog INSTANCE = new FFmpegLog(); // never collected

  private volatile UnaryOperator<String> masking = UnaryOperator.identity();
  private volatile int level = avutil.AV_LOG_QUIET;
  private int listeners;
  private long lastNanos = System.nanoTime() - INTERVAL_NANOS;
  private int suppressed;

  private FFmpegLog() {}

  /**
   * Redirects FFmpeg's messages to our log.
   *
   * @param masking removes credentials from a line: FFmpeg prints whole URLs
   */
  public static void install(UnaryOperator<String> masking) {
    INSTANCE.masking = masking;
    INSTANCE.setLevel(avutil.AV_LOG_WARNING);
    avutil.setLogCallback(INSTANCE);
  }

  /** Discards FFmpeg's messages. */
  public static void silence() {
    INSTANCE.setLevel(avutil.AV_LOG_QUIET);
  }

  /**
   * Collects what servers answer to this thread, until {@link #stopListening}. Headers are trace
   * messages, so FFmpeg formats these for all threads meanwhile.
   *
   * @param mayContact whether FFmpeg may turn to an address that a server names
   * @param refused run once before FFmpeg turns to one that it may not
   */
  static ServerAnswers listen(Predicate<String> mayContact, Runnable refused) {
    ServerAnswers answers = new ServerAnswers(mayContact, refused);
    LISTENING.set(answers);
    INSTANCE.countListeners(1);
    return answers;
  }

  static void stopListening() {
    LISTENING.remove();
    INSTANCE.countListeners(-1);
  }

  private synchronized void countListeners(int more) {
    listeners += more;
    avutil.setLogCallback(this);
    setLevel(level);
  }

  private synchronized void setLevel(int chosen) {
    level = chosen;
    avutil.av_log_set_level(listeners > 0 ? avutil.AV_LOG_TRACE : chosen);
  }

  @Override
  public void call(int messageLevel, BytePointer message) {
    ServerAnswers answers = LISTENING.get();
    if (answers != null) {
      answers.accept(message.getString());
    }
    if (messageLevel <= level && log.isDebugEnabled()) {
      write(message.getString().strip(), System.nanoTime());
    }
  }

  private synchronized void write(String line, long now) {
    if (line.isEmpty()) {
      return;
    }
    if (now - lastNanos < INTERVAL_NANOS) {
      suppressed++;
      return;
    }
    String more = suppressed == 0 ? "" : " (%d more lines suppressed)".formatted(suppressed);
    log.debug("FFmpeg: {}{}", masking.apply(line), more);
    lastNanos = now;
    suppressed = 0;
  }
}
