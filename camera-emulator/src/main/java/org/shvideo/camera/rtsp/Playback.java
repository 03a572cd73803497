package org.shvideo.camera.rtsp;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.shvideo.camera.Fault;
import org.shvideo.camera.StreamFaults;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the video to one client on a thread of its own, each unit when it is due on the monotonic
 * clock. A client that has fallen behind is sent what it missed as fast as it reads; units are
 * taken from the video one by one, so nothing is queued.
 */
final class Playback implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Playback.class);
  private static final Duration REPORT_INTERVAL = Duration.ofSeconds(5);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final RtspCamera camera;
  private final VideoLoop loop;
  private final StreamFaults faults;
  private final PacketOutput output;
  private final Closeable connection;
  private final RtpPacketizer packetizer;
  private final int firstTimestamp;
  private final long startNanos;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;

  private VideoLoop.Scheduled next;
  private long jumpNanos;
  private int timestampsToRepeat;
  private int packetsToDrop;
  private Predicate<byte[]> isLost = packet -> false;
  private int timestamp;

  /** Prepares to send. A fault that disconnects the client closes the connection. */
  Playback(
      String name,
      RtspCamera camera,
      StreamFaults faults,
      PacketOutput output,
      Closeable connection) {
    this.camera = camera;
    this.loop = new VideoLoop(camera.video.get());
    this.faults = faults;
    this.output = output;
    this.connection = connection;
    this.packetizer = new RtpPacketizer(camera.random.nextInt(), camera.random.nextInt());
    this.firstTimestamp = camera.random.nextInt();
    this.startNanos = camera.liveSinceNanos.orElse(System.nanoTime());
    if (camera.liveSinceNanos.isPresent()) {
      loop.skipTo(System.nanoTime() - startNanos);
    }
    this.next = loop.next();
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  /** The RTP-Info of the first packet, for the response to PLAY. */
  String rtpInfo() {
    String time = Integer.toUnsignedString(timestampAt(next.ptsNanos()));
    return "seq=%d;rtptime=%s".formatted(packetizer.nextSequence(), time);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try (faults) {
      long reportNanos = 0;
      for (long unit = 0; !sleep(startNanos + next.dueNanos() - System.nanoTime()); unit++) {
        if (!apply(faults.due(unit))) {
          return;
        }
        long elapsedNanos = System.nanoTime() - startNanos;
        if (elapsedNanos >= reportNanos) {
          output.rtcp(packetizer.senderReport(camera.clock.instant(), timestampAt(elapsedNanos)));
          reportNanos = elapsedNanos + REPORT_INTERVAL.toNanos();
        }
        send();
        next = loop.next();
      }
    } catch (IOException e) {
      log.debug("Client disconnected: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits; true if the playback was stopped. */
  private boolean sleep(long nanos) throws InterruptedException {
    return stopped.await(nanos, TimeUnit.NANOSECONDS);
  }

  private void send() throws IOException {
    if (timestampsToRepeat > 0) {
      timestampsToRepeat--;
    } else {
      timestamp = timestampAt(next.ptsNanos());
    }
    List<byte[]> packets = packetizer.packets(next.unit(), timestamp);
    int dropped = Math.min(packetsToDrop, packets.size());
    packetsToDrop -= dropped;
    output.rtp(packets.stream().skip(dropped).filter(isLost.negate()).toList());
    camera.unitsSent.increment();
  }

  /** Whether the stream continues. */
  private boolean apply(List<Fault.StreamFault> due) throws IOException, InterruptedException {
    for (Fault.StreamFault fault : due) {
      if (fault instanceof Fault.Disconnect) {
        connection.close();
        return false;
      } else if (fault instanceof Fault.Stall stall) {
        if (sleep(stall.length().toNanos())) {
          return false;
        }
      } else if (fault instanceof Fault.Garbage garbage) {
        byte[] bytes = new byte[garbage.bytes()];
        camera.random.nextBytes(bytes);
        output.write(bytes);
      } else if (fault instanceof Fault.DropPackets drop) {
        packetsToDrop = drop.packets();
      } else if (fault instanceof Fault.PacketLoss loss) {
        RandomGenerator random = new SplittableRandom(loss.seed());
        isLost = packet -> random.nextInt(100) < loss.percent();
      } else if (fault instanceof Fault.SwitchVideo to) {
        next = loop.switchTo(to.to(), next);
        camera.video.set(to.to());
      } else if (fault instanceof Fault.JumpTimestamp jump) {
        jumpNanos += jump.by().toNanos();
      } else if (fault instanceof Fault.RepeatTimestamp repeat) {
        timestampsToRepeat = repeat.units();
      }
    }
    return true;
  }

  private int timestampAt(long nanos) {
    return firstTimestamp + (int) Math.floorDiv((nanos + jumpNanos) * 9 + 50_000, 100_000L);
  }

  /**
   * Ends the stream and waits for its thread, up to 5 s, even if the caller is interrupted, as it
   * is when the camera closes. Close the connection first if the thread may be blocked by it.
   */
  @Override
  public void close() {
    stopped.countDown();
    output.close();
    long deadline = System.nanoTime() + CLOSE_TIMEOUT.toNanos();
    boolean interrupted = false;
    while (thread.isAlive() && System.nanoTime() < deadline) {
      try {
        TimeUnit.NANOSECONDS.timedJoin(thread, deadline - System.nanoTime());
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
