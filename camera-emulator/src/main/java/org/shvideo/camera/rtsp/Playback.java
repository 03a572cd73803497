package org.shvideo.camera.rtsp;

import java.io.Closeable;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.shvideo.camera.Fault;
import org.shvideo.camera.Faults;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.rtsp.Timeline.Moment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends one client its pictures, each when it is due by the monotonic clock, on a thread of its
 * own. A late client is sent what it missed as fast as it reads: pictures are taken from the video
 * when their turn comes, so nothing piles up.
 */
final class Playback implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Playback.class);
  private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(5);
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final AtomicReference<EncodedVideo> served;
  private final Timeline timeline;
  private final Faults.OfOneStream faults;
  private final PacketOutput output;
  private final Closeable connection;
  private final Clock clock;
  private final RandomGenerator random;
  private final LongAdder unitsSent;
  private final RtpPacketizer packetizer;
  private final int firstTimestamp;
  private final long startNanos;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;

  private Moment moment;
  private long jumpNanos;
  private int repeats;
  private int losses;
  private Predicate<byte[]> lost = packet -> false;
  private int timestamp;

  /**
   * @param connection closed when the camera drops the client
   * @param random for the initial values that RFC 3550 wants random, and for garbage
   * @param liveSinceNanos where the camera's time began, if it is one for all clients
   * @param unitsSent counts what was sent
   */
  Playback(
      String name,
      AtomicReference<EncodedVideo> served,
      Faults faults,
      PacketOutput output,
      Closeable connection,
      Clock clock,
      RandomGenerator random,
      OptionalLong liveSinceNanos,
      LongAdder unitsSent) {
    this.served = served;
    this.timeline = new Timeline(served.get());
    this.faults = faults.ofNewStream();
    this.output = output;
    this.connection = connection;
    this.clock = clock;
    this.random = random;
    this.unitsSent = unitsSent;
    this.packetizer = new RtpPacketizer(random.nextInt(), random.nextInt());
    this.firstTimestamp = random.nextInt();
    this.startNanos = liveSinceNanos.orElse(System.nanoTime());
    if (liveSinceNanos.isPresent()) {
      timeline.skipTo(System.nanoTime() - startNanos);
    }
    this.moment = timeline.next();
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  /** What PLAY says of the first packet. */
  String rtpInfo() {
    return "seq="
        + packetizer.nextSequence()
        + ";rtptime="
        + Integer.toUnsignedString(timestampAt(moment.shownNanos()));
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      long reportNanos = 0;
      for (long unit = 0; ; unit++) {
        if (stopped.await(startNanos + moment.dueNanos() - System.nanoTime(), TimeUnit.NANOSECONDS)
            || !suffer(faults.before(unit))) {
          return;
        }
        long elapsed = System.nanoTime() - startNanos;
        if (elapsed >= reportNanos) {
          output.rtcp(packetizer.senderReport(unixNanos(), timestampAt(elapsed)));
          reportNanos = elapsed + BETWEEN_REPORTS.toNanos();
        }
        send();
        moment = timeline.next();
      }
    } catch (IOException e) {
      log.debug("client gone: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      faults.close();
    }
  }

  private void send() throws IOException {
    if (repeats > 0) {
      repeats--;
    } else {
      timestamp = timestampAt(moment.shownNanos());
    }
    List<byte[]> packets = packetizer.packets(moment.unit(), timestamp);
    int first = Math.min(losses, packets.size());
    losses -= first;
    output.rtp(packets.stream().skip(first).filter(lost.negate()).toList());
    unitsSent.increment();
  }

  /** Whether the stream goes on. */
  private boolean suffer(List<Fault.StreamFault> due) throws IOException, InterruptedException {
    for (Fault.StreamFault fault : due) {
      if (fault instanceof Fault.Disconnect) {
        connection.close();
        return false;
      } else if (fault instanceof Fault.Stall stall) {
        if (stopped.await(stall.length().toNanos(), TimeUnit.NANOSECONDS)) {
          return false;
        }
      } else if (fault instanceof Fault.Garbage garbage) {
        byte[] bytes = new byte[garbage.bytes()];
        random.nextBytes(bytes);
        output.garbage(bytes);
      } else if (fault instanceof Fault.DropPackets lose) {
        losses = lose.packets();
      } else if (fault instanceof Fault.PacketLoss lose) {
        RandomGenerator lots = new SplittableRandom(lose.seed());
        lost = packet -> lots.nextInt(100) < lose.percent();
      } else if (fault instanceof Fault.SwitchVideo to) {
        moment = timeline.switchTo(to.to(), moment);
        served.set(to.to());
      } else if (fault instanceof Fault.JumpTimestamp jump) {
        jumpNanos += jump.by().toNanos();
      } else if (fault instanceof Fault.RepeatTimestamp repeat) {
        repeats = repeat.units();
      }
    }
    return true;
  }

  private int timestampAt(long nanos) {
    return firstTimestamp + (int) Math.floorDiv((nanos + jumpNanos) * 9 + 50_000, 100_000L);
  }

  private long unixNanos() {
    Instant now = clock.instant();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  /**
   * Ends the stream and waits for its thread, 5 s at most; the connection must be closed if it may
   * be stuck. Waits also where the caller is interrupted, which is how a camera that closes ends
   * its connections' threads.
   */
  @Override
  public void close() {
    stopped.countDown();
    output.close();
    long until = System.nanoTime() + CLOSING.toNanos();
    boolean interrupted = false;
    while (thread.isAlive() && System.nanoTime() < until) {
      try {
        thread.join(Math.max(1, (until - System.nanoTime()) / 1_000_000));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
