package org.shvideo.ffmpeg;

import static org.bytedeco.ffmpeg.presets.avutil.AVERROR_EIO;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVProbeData;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avformat.Read_packet_Pointer_BytePointer_int;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.shvideo.ffmpeg.FFmpegException.Problem;

/**
 * Reads the packets of one video stream from a file or URL. Opening goes in three steps, because
 * callers report the failure of each differently: open, {@link #findStreams}, {@link #selectVideo}.
 *
 * <p>Owns FFmpeg's demuxer and its current packet until closed. Not thread-safe: one thread opens,
 * reads and closes.
 */
public final class Demuxer implements AutoCloseable {
  // JavaCPP has room for ten instances of a callback class in a process, so all demuxers share one.
  // FFmpeg calls it on the thread that made the blocking call, whose interrupt this is.
  private static final ThreadLocal<BooleanSupplier> CURRENT = new ThreadLocal<>();
  private static final AVIOInterruptCB.Callback_Pointer CALLBACK =
      new AVIOInterruptCB.Callback_Pointer() {
        @Override
        public int call(Pointer unused) {
          BooleanSupplier current = CURRENT.get();
          return current != null && current.getAsBoolean() ? 1 : 0;
        }
      };

  /** How long one call may take on a file. */
  private static final Duration FILE_TIMEOUT = Duration.ofSeconds(30);

  /** FFmpeg's demuxers of files that hold a video and name no other file. */
  public static final String CONTAINERS =
      "mov,avi,matroska,mpegts,mpeg,mpegvideo,m4v,mjpeg,mpjpeg,smjpeg,h261,h263,h264,hevc,vvc,evc,"
          + "av1,obu,ivf,flv,live_flv,asf,ogg,nut,mxf,gxf,rm,dv,wtv,dhav,nsv,vc1,vc1test,gif,"
          + "yuv4mpegpipe,swf,roq,film_cpk,avs2,avs3,cavsvideo,dirac,dnxhd,lvf,pmp,xmv,viv,amv";

  private static final Set<String> PLAYLISTS =
      Set.of("hls", "dash", "concat", "imf", "sdp", "image2", "webm_dash_manifest", "vobsub");

  private static final int PROBE_BYTES = 1 << 16;

  private static final int BUFFER_BYTES = 1 << 15;

  /** One for all, as above; it serves the demuxer of its thread's current call. */
  private static final ThreadLocal<Demuxer> READING = new ThreadLocal<>();

  private static final Read_packet_Pointer_BytePointer_int READ =
      new Read_packet_Pointer_BytePointer_int() {
        @Override
        public int call(Pointer unused, BytePointer target, int size) {
          return READING.get().fill(target, size);
        }
      };

  private final String name;
  private final BooleanSupplier interrupt;
  private final AVFormatContext context = Frames.allocated(avformat.avformat_alloc_context());
  private final AVPacket packet = Packets.allocate();
  private final ServerAnswers answers;

  /** What is read instead of a URL; null for one. */
  private final InputStream input;

  private final long maxPacketBytes;
  private final byte[] bytes;
  private AVIOContext inputContext;
  private long bytesSincePacket;
  private AVStream video;
  private int videoIndex = -1;
  private int timeBaseNum;
  private int timeBaseDen;

  /**
   * Opens a URL. A server's wish that FFmpeg ask another one is refused.
   *
   * @param name for error messages; shows no credentials
   * @param options of FFmpeg, such as {@code rtsp_transport}, {@code protocol_whitelist} or {@code
   *     format_whitelist}
   * @param mayContact whether FFmpeg may turn to an address that the server names: a URL, or a host
   *     for datagrams
   * @param maxPacketBytes of the selected stream
   * @param interrupt asked by FFmpeg ten times a second or more while a call waits, on the calling
   *     thread: true ends the call with {@code AVERROR_EXIT}. Bounds this call and every later one,
   *     {@link #close} too.
   * @throws FFmpegException when it cannot be opened
   */
  public Demuxer(
      String url,
      String name,
      Map<String, String> options,
      Predicate<String> mayContact,
      long maxPacketBytes,
      BooleanSupplier interrupt)
      throws FFmpegException {
    this.name = name;
    this.interrupt = interrupt;
    this.input = null;
    this.maxPacketBytes = maxPacketBytes;
    this.bytes = null;
    boolean remote = !url.startsWith("file:");
    answers = remote ? FFmpegLog.listen(mayContact, this::openNothingMore) : new ServerAnswers();
    try {
      open(url, null, options);
    } finally {
      if (remote) {
        FFmpegLog.stopListening();
      }
    }
  }

  /** Called by FFmpeg's thread in the midst of opening. */
  private void openNothingMore() {
    avutil.av_opt_set(context, "protocol_whitelist", "none", 0);
  }

  /**
   * Reads a stream of bytes.
   *
   * @param input read by the calls of this, on their threads; an exception is an I/O error. Closed
   *     by this, also when it cannot be opened.
   * @param format FFmpeg's name of its demuxer; null for what the content looks like
   * @param maxPacketBytes that may come without a packet
   * @param interrupt as above; the input has to end its own waits
   * @throws FFmpegException when it cannot be opened
   */
  public Demuxer(
      InputStream input,
      String name,
      String format,
      Map<String, String> options,
      long maxPacketBytes,
      BooleanSupplier interrupt)
      throws FFmpegException {
    this.name = name;
    this.interrupt = interrupt;
    this.input = input;
    this.maxPacketBytes = maxPacketBytes;
    this.bytes = new byte[BUFFER_BYTES];
    this.answers = new ServerAnswers();
    BytePointer buffer = new BytePointer(Frames.allocated(avutil.av_malloc(BUFFER_BYTES)));
    inputContext =
        Frames.allocated(
            avformat.avio_alloc_context(buffer, BUFFER_BYTES, 0, null, READ, null, null));
    context.pb(inputContext);
    open("", format, options);
  }

  private void open(String url, String format, Map<String, String> options) throws FFmpegException {
    context.interrupt_callback().callback(CALLBACK); // protocols copy it when they are opened
    AVDictionary dictionary = Dictionary.of(options);
    AVInputFormat demuxer = format == null ? null : avformat.av_find_input_format(format);
    int result;
    READING.set(this);
    CURRENT.set(() -> !answers.forbidden().isEmpty() || interrupt.getAsBoolean());
    try (BytePointer address = new BytePointer(url, StandardCharsets.UTF_8)) {
      result = avformat.avformat_open_input(context, address, demuxer, dictionary);
    } finally {
      endCall();
      avutil.av_dict_free(dictionary);
    }
    if (result < 0) {
      context.setNull(); // freed by FFmpeg
      closeInput();
      Packets.free(packet);
      if (result == avutil.AVERROR_EINVAL() && options.containsKey("format_whitelist")) {
        result = avutil.AVERROR_INVALIDDATA(); // the format is not on the list
      }
      throw isPacketTooLarge()
          ? tooLarge("open " + name)
          : FFmpegException.of(result, "open " + name, answers);
    }
  }

  /** What the server answered while the URL was opened. */
  public ServerAnswers answers() {
    return answers;
  }

  /**
   * Opens a regular file that holds a video, and no other with it: playlists, patterns of file
   * names and the like are refused, whatever their name. Its name is not taken for a URL. Each call
   * ends after {@link #FILE_TIMEOUT} at the latest, unless the system itself does not answer.
   *
   * @param options as for a URL; {@code format_whitelist} replaces {@link #CONTAINERS}
   * @throws FFmpegException when it cannot be opened; {@link FFmpegException.Problem#NO_VIDEO} when
   *     it is something else
   */
  public static Demuxer of(Path file, Map<String, String> options) throws FFmpegException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      String kind = Files.isDirectory(file) ? "a folder" : "a pipe or device";
      throw new FFmpegException(Problem.NO_VIDEO, kind, "open " + file);
    }
    Map<String, String> all = new HashMap<>(options);
    all.putIfAbsent("format_whitelist", CONTAINERS);
    all.put("protocol_whitelist", "file");
    try {
      return new Demuxer(
          "file:" + file.toAbsolutePath(),
          file.toString(),
          all,
          other -> false,
          Long.MAX_VALUE,
          new CallTimeout());
    } catch (FFmpegException e) {
      String other = otherFormat(file);
      throw other == null ? e : new FFmpegException(Problem.NO_VIDEO, other, "open " + file);
    }
  }

  /** What FFmpeg takes a file for that is in no container of videos; null for any other. */
  private static String otherFormat(Path file) {
    byte[] head = new byte[PROBE_BYTES + avformat.AVPROBE_PADDING_SIZE];
    int length;
    try (InputStream in = Files.newInputStream(file)) {
      length = in.readNBytes(head, 0, PROBE_BYTES);
    } catch (IOException e) {
      return null; // FFmpeg's own reason says more
    }
    try (BytePointer bytes = new BytePointer(head);
        BytePointer name = new BytePointer(file.toString(), StandardCharsets.UTF_8);
        AVProbeData data = new AVProbeData()) {
      data.filename(name).buf(bytes).buf_size(length);
      var format = length == 0 ? null : avformat.av_probe_input_format(data, 1);
      if (format == null) {
        return null;
      }
      String key = format.name().getString();
      if (Stream.of(key.split(",")).anyMatch(List.of(CONTAINERS.split(","))::contains)) {
        return null;
      }
      return PLAYLISTS.contains(key)
          ? "a playlist (" + key + ")"
          : "%s (%s)".formatted(format.long_name().getString(), key);
    }
  }

  /** Ends a call that takes too long; {@link #restart} begins the next one. */
  private static final class CallTimeout implements BooleanSupplier {
    private long deadline;

    CallTimeout() {
      restart();
    }

    void restart() {
      deadline = System.nanoTime() + FILE_TIMEOUT.toNanos();
    }

    @Override
    public boolean getAsBoolean() {
      return System.nanoTime() - deadline > 0;
    }
  }

  /** To be followed by {@link #endCall}. */
  private void beginCall() {
    if (interrupt instanceof CallTimeout timeout) {
      timeout.restart();
    }
    CURRENT.set(interrupt);
    READING.set(this);
  }

  private static void endCall() {
    CURRENT.remove();
    READING.remove();
  }

  private int fill(BytePointer target, int size) {
    try {
      int read = isPacketTooLarge() ? 0 : input.read(bytes, 0, Math.min(size, bytes.length));
      if (read < 0) {
        return avutil.AVERROR_EOF();
      }
      bytesSincePacket += read;
      target.put(bytes, 0, read);
      return read == 0 ? AVERROR_EIO() : read;
    } catch (IOException | RuntimeException e) {
      return AVERROR_EIO();
    }
  }

  /** Whether more came from a stream of bytes than a packet may have. */
  private boolean isPacketTooLarge() {
    return bytesSincePacket > maxPacketBytes;
  }

  private FFmpegException failure(int code, String action) {
    return isPacketTooLarge() ? tooLarge(action) : FFmpegException.of(code, action);
  }

  private FFmpegException tooLarge(String action) {
    return new FFmpegException(
        Problem.TOO_LARGE, "a packet of more than " + maxPacketBytes + " bytes", action);
  }

  /** Closes a stream of bytes. What is known of it stays, but nothing can be read any more. */
  public void disconnect() {
    try {
      input.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // closing a connection does not fail
    }
  }

  private void closeInput() {
    if (inputContext != null) {
      disconnect();
      avutil.av_free(inputContext.buffer()); // FFmpeg may have replaced it
      avformat.avio_context_free(inputContext);
      inputContext = null;
    }
  }

  /** Reads ahead as far as it takes to know each stream's codec and size. */
  public void findStreams() throws FFmpegException {
    beginCall();
    try {
      int result = avformat.avformat_find_stream_info(context, (PointerPointer<?>) null);
      if (result < 0) {
        throw failure(result, "read " + name);
      }
    } finally {
      endCall();
    }
  }

  /** Whether the server declares its video to have fewer frames per second. */
  public boolean isSlowerThan(double framesPerSecond) {
    for (int i = 0; i < context.nb_streams(); i++) {
      AVRational declared = context.streams(i).avg_frame_rate();
      if (declared.num() > 0 && declared.num() < framesPerSecond * declared.den()) {
        return true;
      }
    }
    return false;
  }

  /** Whether the size of a video is known. */
  public boolean knowsVideo() {
    for (int i = 0; i < context.nb_streams(); i++) {
      if (context.streams(i).codecpar().width() > 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Selects the best video stream, for {@link #read}, and discards all others. A cover picture is
   * no video.
   *
   * @return borrowed, valid until {@link #close}; null where there is no video
   */
  public AVStream selectVideo() {
    int best =
        avformat.av_find_best_stream(
            context, avutil.AVMEDIA_TYPE_VIDEO, -1, -1, (PointerPointer<?>) null, 0);
    if (best < 0
        || (context.streams(best).disposition() & avformat.AV_DISPOSITION_ATTACHED_PIC) != 0) {
      return null;
    }
    video = context.streams(best);
    videoIndex = best;
    timeBaseNum = video.time_base().num();
    timeBaseDen = video.time_base().den();
    for (int i = 0; i < context.nb_streams(); i++) {
      if (i != best) {
        context.streams(i).discard(avcodec.AVDISCARD_ALL);
      }
    }
    return video;
  }

  /** The declared or estimated frames per second of the selected stream; 0 when unknown. */
  public double frameRate() {
    try (AVRational rate = avformat.av_guess_frame_rate(context, video, null)) {
      return rate.den() == 0 ? 0 : (double) rate.num() / rate.den();
    }
  }

  /** A time stamp of the selected stream in microseconds, or {@link Packets#NO_TIMESTAMP}. */
  public long micros(long stamp) {
    return stamp == Packets.NO_TIMESTAMP
        ? stamp
        : avutil.av_rescale(stamp, 1_000_000L * timeBaseNum, timeBaseDen);
  }

  /** The file's tags, such as {@code comment}, in small letters: Matroska has capital ones. */
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    Dictionary.toMap(context.metadata())
        .forEach((name, value) -> metadata.put(name.toLowerCase(Locale.ROOT), value));
    return metadata;
  }

  /** What FFmpeg knows of the file; borrowed, valid until {@link #close}. */
  public AVFormatContext context() {
    return context;
  }

  /**
   * Reads the selected stream's next packet that is not empty.
   *
   * @return borrowed, valid until the next call; null at the end
   * @throws FFmpegException with the code of the {@linkplain #hasIoError I/O error} if there was
   *     one, else of what the demuxer found wrong
   */
  public AVPacket read() throws FFmpegException {
    while (true) {
      avcodec.av_packet_unref(packet);
      int result;
      beginCall();
      try {
        result = avformat.av_read_frame(context, packet);
      } finally {
        endCall();
      }
      if (result < 0) {
        result = hasIoError() ? context.pb().error() : result;
        if (result == avutil.AVERROR_EOF()) {
          return null;
        }
        throw failure(result, "read " + name);
      }
      bytesSincePacket = isPacketTooLarge() ? bytesSincePacket : 0; // the start of one
      if (packet.stream_index() == videoIndex && packet.size() > 0) {
        if (packet.size() > maxPacketBytes) {
          throw tooLarge("read " + name);
        }
        return packet;
      }
    }
  }

  /** Whether the file or connection itself failed, and not only what came from it is damaged. */
  public boolean hasIoError() {
    return context.pb() != null
        && context.pb().error() < 0
        && context.pb().error() != avutil.AVERROR_EOF();
  }

  /** Whether everything was read that the server sends. */
  public boolean isAtEnd() {
    return context.pb() != null && context.pb().eof_reached() != 0;
  }

  @Override
  public void close() {
    Packets.free(packet);
    if (!context.isNull()) {
      beginCall();
      try {
        avformat.avformat_close_input(context);
      } finally {
        endCall();
      }
      context.setNull();
      closeInput();
    }
  }
}
