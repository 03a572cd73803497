package org.shvideo.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.shvideo.camera.media.VideoFile;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.capture.motion.MotionSettings;
import org.shvideo.capture.motion.StreamMotionDetector;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.capture.stream.StreamSettings.Transport;
import org.shvideo.tasks.settings.Settings;

/**
 * Cameras that send what takes memory or time without end, beside one that does not: it loses no
 * packet, memory stays within a bound, and the other is told. {@code -Dshvideo.hostile=SECONDS}
 * goes on with each for so long.
 */
@Tag("camera")
@EnabledOnOs(OS.LINUX) // memory is read from /proc
class HostileCameraTest {
  private static final long SECONDS = Long.getLong("shvideo.hostile", 0);
  private static final long MAX_GROWTH_MIB = 300;
  private static final int FPS = 25;
  private static final byte[] ZEROS = new byte[1 << 16];
  private static final StreamSettings IMPATIENT =
      new StreamSettings(Transport.TCP, Duration.ofSeconds(2));
  private static final StreamSettings PATIENT =
      new StreamSettings(Transport.TCP, Duration.ofSeconds(30));

  private static byte[] jpeg;
  private static RtspCamera good;
  private static Thread watch;
  private static volatile Kind end;
  private static final AtomicInteger packets = new AtomicInteger();
  private static final AtomicLong longestStep = new AtomicLong();
  private static final CountDownLatch stop = new CountDownLatch(1);

  @TempDir static Path folder;

  /** What a camera sends; endless ones end when the client leaves. */
  private enum Attack {
    PART("http", Kind.TOO_LARGE, "more than 32 MiB") {
      @Override
      void send(OutputStream out) throws IOException {
        ScriptedServer.send(out, HTTP, MULTIPART);
        write(out, "--b\r\nContent-Type: image/jpeg\r\nContent-Length: 1800000000\r\n\r\n");
        out.write(jpeg, 0, jpeg.length - 2);
        endless(out);
      }
    },
    PART_AFTER_PICTURES("http", Kind.TOO_LARGE, "more than 32 MiB") {
      @Override
      void send(OutputStream out) throws IOException {
        ScriptedServer.send(out, HTTP, MULTIPART);
        for (int i = 0; i < 10; i++) {
          part(out, jpeg);
        }
        write(out, "--b\r\nContent-Type: image/jpeg\r\nContent-Length: 1800000000\r\n\r\n");
        out.write(jpeg, 0, jpeg.length - 2);
        endless(out);
      }
    },
    PART_HEADERS("http", Kind.TOO_LARGE, "more than 32 MiB") {
      @Override
      void send(OutputStream out) throws IOException {
        ScriptedServer.send(out, HTTP, MULTIPART);
        part(out, jpeg);
        write(out, "--b\r\n");
        while (true) {
          write(out, "X-A: b\r\n".repeat(1000));
        }
      }
    },
    PICTURE_WITHOUT_END("http", Kind.TOO_LARGE, "more than 32 MiB") {
      @Override
      void send(OutputStream out) throws IOException {
        ScriptedServer.send(out, HTTP, "Content-Type: image/jpeg");
        out.write(jpeg);
        out.write(jpeg, 0, jpeg.length - 2);
        endless(out);
      }
    },
    CHUNK("http", Kind.BROKEN, "cannot be opened") {
      @Override
      void send(OutputStream out) throws IOException {
        ScriptedServer.send(out, HTTP, "Transfer-Encoding: chunked");
        while (true) {
          write(out, "1".repeat(1000));
        }
      }
    },
    HEADERS("http", Kind.NOT_VIDEO, "not a video") {
      @Override
      void send(OutputStream out) throws IOException {
        write(out, HTTP + "\r\n");
        while (true) {
          write(out, "X-A: b\r\n".repeat(1000));
        }
      }
    },
    HEADER("http", Kind.NOT_VIDEO, "not a video") {
      @Override
      void send(OutputStream out) throws IOException {
        write(out, HTTP + "\r\nX-A: ");
        endless(out);
      }
    },
    LARGE_PICTURE("http", Kind.TOO_LARGE, "15360 × 15360 pixels, more than 40 megapixels") {
      @Override
      void send(OutputStream out) throws IOException {
        ScriptedServer.send(out, HTTP, MULTIPART);
        while (true) {
          part(out, sized(15360));
        }
      }
    },
    GROWING_PICTURE("http", Kind.CHANGED, "size or codec parameters changed") {
      @Override
      void send(OutputStream out) throws IOException {
        ScriptedServer.send(out, HTTP, MULTIPART);
        for (int i = 0; i < 10; i++) {
          part(out, jpeg);
        }
        while (true) {
          part(out, sized(65_500));
        }
      }
    },
    SCANS("http", Kind.TOO_LARGE, "more than 100 scans") {
      @Override
      void send(OutputStream out) throws IOException {
        ScriptedServer.send(out, HTTP, MULTIPART);
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        many.write(jpeg, 0, jpeg.length - 2);
        for (int i = 0; i < 1_000_000; i++) {
          many.writeBytes(new byte[] {(byte) 0xff, (byte) 0xda, 0, 8, 1, 1, 0, 0, 0x3f, 0});
        }
        many.writeBytes(new byte[] {(byte) 0xff, (byte) 0xd9});
        while (true) {
          part(out, many.toByteArray());
        }
      }
    },
    RTSP_HEADERS("rtsp", Kind.TIMED_OUT, "no picture within 2 s") {
      @Override
      void send(OutputStream out) throws IOException {
        write(out, "RTSP/1.0 200 OK\r\n");
        while (true) {
          write(out, "X-A: b\r\n".repeat(1000));
        }
      }
    },
    RTSP_CONTENT("rtsp", null, "") {
      @Override
      void send(OutputStream out) throws IOException {
        write(out, "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 2000000000\r\n\r\n");
        endless(out);
      }
    },
    RTSP_TRACKS("rtsp", null, "") {
      @Override
      String description() {
        return "v=0\r\n" + "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n".repeat(30_000);
      }
    },
    /** An access unit in fragments (FU-A, RFC 6184), none of which is the last. */
    RTSP_PICTURE_WITHOUT_END("rtsp", Kind.TIMED_OUT, "no picture within 2 s") {
      @Override
      void send(OutputStream out) throws IOException {
        ByteBuffer packet = ByteBuffer.allocate(4 + 12 + 1400);
        packet.put((byte) '$').put((byte) 0).putShort((short) (12 + 1400));
        packet.put((byte) 0x80).put((byte) 96).putShort((short) 0).putInt(9000).putInt(1);
        packet.put((byte) 0x7c).put((byte) 0x85);
        for (int i = 1; ; i++) {
          out.write(packet.array());
          packet.putShort(6, (short) i).put(17, (byte) 0x05);
        }
      }
    },
    RTSP_UNKNOWN_CHANNEL("rtsp", Kind.TIMED_OUT, "no picture within 2 s") {
      @Override
      void send(OutputStream out) throws IOException {
        byte[] packet = new byte[4 + 0xffff];
        packet[0] = '$';
        packet[1] = 77;
        packet[2] = (byte) 0xff;
        packet[3] = (byte) 0xff;
        while (true) {
          out.write(packet);
        }
      }
    };

    private static final String HTTP = "HTTP/1.1 200 OK";
    private static final String MULTIPART = "Content-Type: multipart/x-mixed-replace; boundary=b";

    /** Null for any. */
    private final Kind kind;

    private final String sentence;
    private final String scheme;

    Attack(String scheme, Kind kind, String sentence) {
      this.scheme = scheme;
      this.kind = kind;
      this.sentence = sentence;
    }

    /** All that is sent over HTTP; over RTSP, what follows the answer to the first PLAY. */
    void send(OutputStream out) throws IOException {}

    String description() {
      return "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n";
    }

    ScriptedServer start() {
      return new ScriptedServer(
          (request, out) -> {
            String method = request.get(0).replaceFirst(" .*", "");
            boolean atOnce =
                !name().startsWith("RTSP_")
                    || Set.of("HEADERS", "CONTENT").contains(name().replaceFirst("RTSP_", ""));
            if (atOnce) {
              send(out);
              return true;
            }
            String body = method.equals("DESCRIBE") ? description() : "";
            ScriptedServer.send(
                out,
                "RTSP/1.0 200 OK",
                ScriptedServer.sequence(request),
                "Session: 1",
                "Transport: RTP/AVP/TCP;unicast;interleaved=0-1",
                "Content-Length: " + body.length());
            write(out, body);
            if (method.equals("PLAY")) {
              send(out);
            }
            return true;
          });
    }

    private static void part(OutputStream out, byte[] bytes) throws IOException {
      write(out, "--b\r\nContent-Type: image/jpeg\r\nContent-Length: " + bytes.length + "\r\n\r\n");
      out.write(bytes);
      write(out, "\r\n");
    }

    /** The picture with another size in its header. */
    private static byte[] sized(int side) {
      byte[] changed = jpeg.clone();
      for (int i = 0; i < changed.length - 9; i++) {
        if (changed[i] == (byte) 0xff && changed[i + 1] == (byte) 0xc0) {
          ByteBuffer.wrap(changed).putShort(i + 5, (short) side).putShort(i + 7, (short) side);
          return changed;
        }
      }
      throw new IllegalStateException("no frame header");
    }

    private static void endless(OutputStream out) throws IOException {
      while (true) {
        out.write(ZEROS);
      }
    }

    private static void write(OutputStream out, String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }
  }

  @BeforeAll
  static void startGoodCamera() throws IOException {
    jpeg = new TestVideo("mjpeg", 320, 240, FPS, 1, 1, 0, 0).jpegs().pictures().get(0);
    Path file = TestVideo.of("libopenh264", FPS, FPS * 4).write(folder.resolve("good.mp4"));
    good = RtspCamera.serving(VideoFile.read(file)).start();
    watch =
        new Thread(
            () -> end = watch(good.url(), PATIENT, stop, packets, longestStep).kind(), "good");
    watch.start();
    await().atMost(Duration.ofMinutes(1)).until(() -> packets.get() > FPS);
  }

  @AfterAll
  static void stopGoodCamera() throws InterruptedException {
    stop.countDown();
    watch.join();
    good.close();
    assertThat(end).isEqualTo(Kind.STOPPED);
  }

  @ParameterizedTest
  @EnumSource
  void isClosedAndToldWhileAnotherCameraGoesOn(Attack attack) throws Exception {
    long before = resident();
    long most = before;
    long start = System.nanoTime();
    int packetsBefore = packets.get();
    try (ScriptedServer bad = attack.start()) {
      do {
        AtomicReference<StreamException> told = new AtomicReference<>();
        CountDownLatch ended = new CountDownLatch(1);
        Thread attacked =
            new Thread(
                () -> {
                  told.set(
                      watch(
                          bad.url(attack.scheme, "/live"),
                          attack.scheme.equals("http") ? PATIENT : IMPATIENT,
                          new CountDownLatch(1),
                          new AtomicInteger(),
                          new AtomicLong()));
                  ended.countDown();
                },
                "bad");
        attacked.start();
        while (!ended.await(20, TimeUnit.MILLISECONDS)) {
          most = Math.max(most, resident());
        }
        assertThat(told.get()).hasMessageContaining(attack.sentence);
        assertThat(told.get().kind())
            .isEqualTo(attack.kind == null ? told.get().kind() : attack.kind);
      } while (System.nanoTime() - start < SECONDS * 1_000_000_000);
    }
    await().until(() -> packets.get() > packetsBefore + FPS / 5);
    double seconds = (System.nanoTime() - start) / 1e9;
    int received = packets.get() - packetsBefore;
    System.out.printf(
        "%s: %.1f s, good camera %d packets, memory %d to %d MiB%n",
        attack, seconds, received, before, most);

    assertThat(end).isNull();
    assertThat(longestStep.get() / 1e6).as("a gap").isEqualTo(1.0 / FPS, within(0.02));
    assertThat((double) received).isGreaterThan((seconds - 0.5) * FPS);
    assertThat(most - before).as("growth in MiB").isLessThan(MAX_GROWTH_MIB);
  }

  /** Until it ends, with the reason. */
  private static StreamException watch(
      String url,
      StreamSettings settings,
      CountDownLatch stop,
      AtomicInteger packets,
      AtomicLong longestStep) {
    try (CameraStream stream = CameraStream.open(CameraUrl.parse(url), settings, stop);
        StreamMotionDetector detector =
            new StreamMotionDetector(
                "camera", stream.info(), MotionSettings.from(Settings.of(Map.of())))) {
      long last = 0;
      while (true) {
        try (Packet packet = stream.read()) {
          detector.accept(packet);
          long step = packet.dtsMicros() - last;
          last = packet.dtsMicros();
          longestStep.accumulateAndGet(step, Math::max);
          packets.incrementAndGet();
        }
      }
    } catch (StreamException e) {
      return e;
    }
  }

  private static long resident() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
        .findFirst()
        .orElseThrow();
  }
}
