package org.shvideo.capture;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.shvideo.camera.media.EncodedVideo;
import org.shvideo.camera.media.VideoFile;
import org.shvideo.camera.mjpeg.MjpegCamera;
import org.shvideo.camera.rtsp.RtspCamera;
import org.shvideo.capture.motion.MotionSettings;
import org.shvideo.capture.motion.StreamMotionDetector;
import org.shvideo.capture.stream.CameraStream;
import org.shvideo.capture.stream.CameraUrl;
import org.shvideo.capture.stream.Packet;
import org.shvideo.capture.stream.StreamException;
import org.shvideo.capture.stream.StreamSettings;
import org.shvideo.capture.stream.StreamSettings.Transport;
import org.shvideo.capture.stream.TestVideo;
import org.shvideo.tasks.logging.LogLevel;
import org.shvideo.tasks.settings.Settings;

/**
 * Opens, reads and watches what a camera answers when its answers are spoilt, each time otherwise.
 * What a real emulated camera said is recorded once; of each number, from the first, a server says
 * the same with the spoilings that follow from the number. A process of its own, because native
 * code that fails takes its process with it.
 *
 * <p>Prints each number before its turn, and at the end what became of all.
 */
final class CameraFuzz {
  static final Duration TIMEOUT = Duration.ofMillis(300);

  /** Opening once and, patiently, once more; a packet; closing: with room for a busy machine. */
  static final Duration LONGEST = TIMEOUT.multipliedBy(6).plusSeconds(8);

  private static final int WARM_UP = 20;
  private static final long UNSPOILT = -1;
  private static final Pattern LENGTH = Pattern.compile("Content-Length: (\\d+)");
  private static final StreamSettings SETTINGS = new StreamSettings(Transport.TCP, TIMEOUT);

  private final boolean rtsp;
  private final List<byte[]> answers;
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private final AtomicReference<Long> current = new AtomicReference<>(0L);
  private final ExecutorService serving = Executors.newCachedThreadPool(CameraFuzz::daemon);

  private CameraFuzz(boolean rtsp, List<byte[]> answers) {
    this.rtsp = rtsp;
    this.answers = answers;
  }

  /** Arguments: {@code rtsp} or {@code http}, first number, how many, a folder for files. */
  public static void main(String[] arguments) throws Exception {
    LogLevel.CRITICAL.apply();
    boolean rtsp = arguments[0].equals("rtsp");
    long first = Long.parseLong(arguments[1]);
    int count = Integer.parseInt(arguments[2]);
    Path folder = Path.of(arguments[3]);
    new CameraFuzz(rtsp, rtsp ? recordRtsp(folder) : recordHttp()).run(first, count);
  }

  private void run(long first, int count) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      serving.execute(() -> accept(server));
      String url = (rtsp ? "rtsp" : "http") + "://127.0.0.1:" + server.getLocalPort() + "/live";
      current.set(UNSPOILT);
      System.out.println("unspoilt " + outcome(url));
      long files = 0;
      long longest = 0;
      int threads = 0;
      for (long number = first; number < first + count; number++) {
        if (number == first + Math.min(WARM_UP, count - 1)) {
          files = openFiles();
          threads = Thread.activeCount();
        }
        System.out.println("number " + number);
        current.set(number);
        long start = System.nanoTime();
        outcomes.merge(outcome(url), 1, Integer::sum);
        long took = System.nanoTime() - start;
        longest = Math.max(longest, took);
        if (took > TIMEOUT.multipliedBy(10).toNanos()) {
          System.out.println("slow " + number);
        }
      }
      System.out.println("outcomes " + outcomes);
      System.out.println("longest " + longest / 1_000_000);
      System.out.println("files " + (openFiles() - files));
      System.out.println("threads " + (Thread.activeCount() - threads));
      System.out.println("resident " + residentMegabytes());
    }
    System.out.println("done " + count);
  }

  private String outcome(String url) {
    int packets = 0;
    try (CameraStream stream =
            CameraStream.open(CameraUrl.parse(url), SETTINGS, new CountDownLatch(1));
        StreamMotionDetector watch =
            new StreamMotionDetector(
                "fuzz",
                stream.info(),
                MotionSettings.from(Settings.of(Map.of("MOTION_WARM_UP", "0"))))) {
      for (; packets < 200; packets++) {
        try (Packet packet = stream.read()) {
          watch.accept(packet);
        }
      }
      return "played on";
    } catch (StreamException e) {
      if (e.getMessage().contains("hush")) {
        throw new IllegalStateException("a secret in " + e.getMessage());
      }
      return packets == 0 ? e.kind().toString() : "played, then " + e.kind();
    } catch (IllegalArgumentException e) {
      return "cannot be decoded";
    }
  }

  private void accept(ServerSocket server) {
    try {
      while (true) {
        Socket client = server.accept();
        serving.execute(() -> serve(client));
      }
    } catch (IOException e) {
      // the end
    }
  }

  private void serve(Socket client) {
    try (client) {
      client.setSoTimeout((int) LONGEST.toMillis());
      var spoilt = new Spoiling(new SplittableRandom(current.get()), client.getLocalPort());
      int target = spoilt.below(answers.size());
      InputStream in = client.getInputStream();
      OutputStream out = client.getOutputStream();
      for (int i = 0; i < answers.size() && readRequest(in); i++) {
        byte[] answer = answers.get(i);
        boolean spoil = current.get() != UNSPOILT && (i == target || spoilt.below(6) == 0);
        out.write(spoil ? spoilt.of(answer) : answer);
        out.flush();
        if (spoil && spoilt.hangs()) {
          while (in.read() >= 0) {}
          return;
        }
      }
      // Some cameras hang up at once; else what was sent last may be lost with the connection.
      client.shutdownOutput();
      while (in.read() >= 0) {}
    } catch (IOException e) {
      // the client has left
    }
  }

  /** Whether there was one. */
  private static boolean readRequest(InputStream in) throws IOException {
    int ends = 0;
    while (ends < 2) {
      int next = in.read();
      if (next < 0) {
        return false;
      }
      ends = next == '\n' ? ends + 1 : next == '\r' ? ends : 0;
    }
    return true;
  }

  private static List<byte[]> recordRtsp(Path folder) throws Exception {
    EncodedVideo video =
        VideoFile.read(TestVideo.of("libopenh264", 50, 60).write(folder.resolve("camera.mp4")));
    List<byte[]> answers = new ArrayList<>();
    try (RtspCamera camera = RtspCamera.serving(video).start();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), camera.port())) {
      String url = camera.url();
      answers.add(ask(socket, "OPTIONS " + url, 1, "", 0));
      answers.add(ask(socket, "DESCRIBE " + url, 2, "", 0));
      answers.add(
          ask(
              socket,
              "SETUP " + url + "/trackID=0",
              3,
              "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n",
              0));
      answers.add(ask(socket, "PLAY " + url, 4, "", 20_000));
    }
    return answers;
  }

  private static List<byte[]> recordHttp() throws Exception {
    TestVideo drawn = new TestVideo("mjpeg", 160, 120, 100, 12, 1, 0, 0);
    try (MjpegCamera camera = MjpegCamera.serving(drawn.jpegs()).start();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), camera.port())) {
      socket
          .getOutputStream()
          .write("GET /video HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return List.of(read(socket, 20_000));
    }
  }

  private static byte[] ask(Socket socket, String request, int number, String more, int bytes)
      throws IOException {
    String text = request + " RTSP/1.0\r\nCSeq: " + number + "\r\n" + more + "\r\n";
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return read(socket, bytes);
  }

  /** An answer, and so many bytes of what follows it. */
  private static byte[] read(Socket socket, int bytes) throws IOException {
    socket.setSoTimeout(10_000);
    InputStream in = socket.getInputStream();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    String head = "";
    while (!head.endsWith("\r\n\r\n")) {
      all.writeBytes(in.readNBytes(1));
      head = all.toString(StandardCharsets.ISO_8859_1);
    }
    Matcher length = LENGTH.matcher(head);
    all.writeBytes(in.readNBytes(bytes + (length.find() ? Integer.parseInt(length.group(1)) : 0)));
    return all.toByteArray();
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "fuzz-server");
    thread.setDaemon(true);
    return thread;
  }

  private static long openFiles() throws IOException {
    Path own = Path.of("/proc/self/fd");
    if (!Files.isDirectory(own)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(own)) {
      return files.count();
    }
  }

  private static long residentMegabytes() throws IOException {
    Path own = Path.of("/proc/self/status");
    return !Files.exists(own)
        ? 0
        : Files.readAllLines(own).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
            .sum();
  }

  /** What is done to an answer. */
  private static final class Spoiling {
    private static final String[] NUMBERS = {
      "0",
      "-1",
      "1",
      "255",
      "65535",
      "65536",
      "2147483647",
      "2147483648",
      "4294967295",
      "99999999999999999999",
      "",
      "x"
    };

    private static final String[] WORDS = {
      "H264",
      "H265",
      "VP8",
      "VP9",
      "AV1",
      "JPEG",
      "MP4V-ES",
      "MPV",
      "MP2T",
      "theora",
      "vorbis",
      "X-QT",
      "X-ASF-PF",
      "H261",
      "H263-1998",
      "dv",
      "raw",
      "vc2",
      "MP4A-LATM",
      "mpeg4-generic",
      "QCELP",
      "RTP/AVP",
      "RAW/RAW/UDP",
      "x-pn-tng",
      "200 OK",
      "100 Continue",
      "401 Unauthorized",
      "503 Service Unavailable",
      "999",
      "application/sdp",
      "text/html",
      "multipart/x-mixed-replace",
      "image/jpeg",
      "chunked",
      "video",
      "audio",
      "application",
      "interleaved=0-1",
      "interleaved=7-9",
      "destination=127.0.0.1",
      "a=fmtp:96",
      "a=control:",
      "Content-Length",
      "Content-Encoding: gzip",
      "Transfer-Encoding: chunked",
      "RTSP/1.0",
      "HTTP/1.1",
      "m=",
      "a=",
      "packetization-mode=2",
      "sprop-parameter-sets=",
      "config=",
      "boundary="
    };

    private final SplittableRandom random;
    private final int port;
    private final boolean hanging;

    Spoiling(SplittableRandom random, int port) {
      this.random = random;
      this.port = port;
      this.hanging = random.nextInt(60) == 0;
    }

    int below(int bound) {
      return random.nextInt(bound);
    }

    /** Whether the server falls silent after this answer. */
    boolean hangs() {
      return hanging && random.nextInt(3) == 0;
    }

    byte[] of(byte[] answer) {
      byte[] spoilt = answer;
      for (int i = 0; i <= below(4) && spoilt.length > 0; i++) {
        spoilt = once(spoilt);
      }
      return spoilt;
    }

    private byte[] once(byte[] bytes) {
      // The head of an answer is small beside the pictures behind it, and says more.
      int reach = random.nextBoolean() ? Math.min(bytes.length, 800) : bytes.length;
      int at = below(reach);
      int length = Math.min(bytes.length - at, 1 + below(random.nextBoolean() ? 8 : 2000));
      return switch (below(11)) {
        case 0, 1 -> flipped(bytes, reach);
        case 2 -> replaced(bytes, at, length, new byte[0]);
        case 3 -> replaced(bytes, at, 0, noise(1 + below(below(20) == 0 ? 70_000 : 64)));
        case 4 -> replaced(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + length));
        case 5 -> Arrays.copyOf(bytes, at);
        case 6 -> number(bytes, at);
        case 7, 8 -> word(bytes, at);
        case 9 -> framing(bytes, at);
        default -> header(bytes);
      };
    }

    private byte[] flipped(byte[] bytes, int reach) {
      byte[] copy = bytes.clone();
      for (int i = 0; i <= below(8); i++) {
        copy[below(reach)] = (byte) random.nextInt();
      }
      return copy;
    }

    private byte[] noise(int length) {
      byte[] noise = new byte[length];
      random.nextBytes(noise);
      return noise;
    }

    /** The next decimal number becomes an odd one. */
    private byte[] number(byte[] bytes, int from) {
      int at = from;
      while (at < bytes.length && !Character.isDigit(bytes[at])) {
        at++;
      }
      int end = at;
      while (end < bytes.length && Character.isDigit(bytes[end])) {
        end++;
      }
      return replaced(bytes, at, end - at, ascii(NUMBERS[below(NUMBERS.length)]));
    }

    /** A word that the field knows becomes another, or comes in between. */
    private byte[] word(byte[] bytes, int at) {
      byte[] to = ascii(WORDS[below(WORDS.length)]);
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      for (int tried = 0; tried < 8; tried++) {
        String word = WORDS[below(WORDS.length)];
        int found = text.indexOf(word);
        if (found >= 0) {
          return replaced(bytes, found, word.length(), to);
        }
      }
      return replaced(bytes, at, 0, to);
    }

    /** An interleaved frame gets another channel or length. */
    private byte[] framing(byte[] bytes, int from) {
      for (int at = from; at + 3 < bytes.length; at++) {
        if (bytes[at] == '$') {
          byte[] copy = bytes.clone();
          int length = random.nextBoolean() ? 0 : below(65_536);
          copy[at + 1] = (byte) (random.nextBoolean() ? copy[at + 1] : below(256));
          copy[at + 2] = (byte) (length >> 8);
          copy[at + 3] = (byte) length;
          return copy;
        }
      }
      return flipped(bytes, bytes.length);
    }

    /** Another header after the first line, or very many. */
    private byte[] header(byte[] bytes) {
      int end = new String(bytes, StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
      String header =
          switch (below(8)) {
            case 0 -> "X-Long: " + "A".repeat(below(200_000)) + "\r\n";
            case 1 -> "X-Many: a\r\n".repeat(below(100_000));
            case 2 -> "Location: rtsp://127.0.0.1:" + port + "/live\r\n";
            case 3 -> "Content-Length: " + NUMBERS[below(NUMBERS.length)] + "\r\n";
            case 4 -> "Session: " + "9".repeat(below(2000)) + ";timeout=-1\r\n";
            case 5 -> "WWW-Authenticate: Digest realm=\"" + "r".repeat(below(3000)) + "\r\n";
            case 6 ->
                "Transport: RTP/AVP/TCP;interleaved=" + below(300) + "-" + below(300) + "\r\n";
            default -> "Set-Cookie: " + "c=".repeat(below(3000)) + "\r\n";
          };
      if (below(4) == 0) {
        byte[] moved = ascii("RTSP/1.0 302 Found\r\nCSeq: 1\r\n");
        return replaced(replaced(bytes, end, 0, ascii(header)), 0, end, moved);
      }
      return replaced(bytes, end, 0, ascii(header));
    }

    private static byte[] ascii(String text) {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] replaced(byte[] bytes, int at, int length, byte[] by) {
      ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + by.length);
      out.write(bytes, 0, at);
      out.writeBytes(by);
      out.write(bytes, at + length, bytes.length - at - length);
      return out.toByteArray();
    }
  }
}
