package org.shvideo.capture.stream;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_AUDIO;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.shvideo.capture.connection.Endpoint;
import org.shvideo.capture.connection.HttpStream;
import org.shvideo.capture.connection.TlsTunnel;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.capture.stream.StreamSettings.Transport;
import org.shvideo.ffmpeg.Decoder;
import org.shvideo.ffmpeg.Demuxer;
import org.shvideo.ffmpeg.FFmpegException;
import org.shvideo.ffmpeg.Packets;
import org.shvideo.ffmpeg.ServerAnswers;

/**
 * Opens one stream, in as many attempts as may help: each has a connection of its own, after that
 * of the attempt before is closed. Not thread-safe.
 */
final class StreamOpener {
  /**
   * The longest time FFmpeg may read ahead to find the properties of a live stream. A keyframe ends
   * it earlier; without one, the description that most cameras send is enough.
   */
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);

  /** FFmpeg's demuxers of one picture, which has no time. */
  private static final Set<String> SINGLE_PICTURES = Set.of("jpeg_pipe", "image2");

  /** A camera's programme has fewer; each takes memory, and FFmpeg's limit is a thousand. */
  private static final int MAX_STREAMS = 16;

  /** Frames per second from which on several may be read ahead. */
  private static final double MIN_PROBED_RATE = 3;

  private enum Attempt {
    /** As what the stream seems to be. */
    AS_FOUND {
      @Override
      boolean helps(StreamOpener opener, StreamException failure) {
        return false;
      }
    },
    /** Cameras that refuse TCP should answer 461, which FFmpeg handles; some answer another 4xx. */
    OVER_UDP {
      @Override
      boolean helps(StreamOpener opener, StreamException failure) {
        return opener.settings.transport() == Transport.AUTO
            && failure.kind() == Kind.REJECTED
            && failure.answers().filter(Attempt::refusesSetup).isPresent();
      }
    },
    /** Neither a description nor a keyframe came: waits longer for a keyframe. */
    PATIENTLY {
      @Override
      boolean helps(StreamOpener opener, StreamException failure) {
        return failure.kind() == Kind.NO_KEYFRAME;
      }
    },
    /** JPEGs whatever stands between them: many cameras send parts that no standard knows. */
    PLAIN_JPEGS {
      @Override
      boolean helps(StreamOpener opener, StreamException failure) {
        return opener.url.isHttp()
            && (failure.kind() == Kind.NOT_VIDEO || failure.kind() == Kind.NO_VIDEO_STREAM);
      }
    };

    /** Whether this attempt may go on where an earlier one failed. */
    abstract boolean helps(StreamOpener opener, StreamException failure);

    /** Whether this attempt's failure is to be told, and not that of an earlier one. */
    boolean tellsMore(StreamException failure) {
      return switch (failure.kind()) {
        case STOPPED, NO_KEYFRAME, UNAUTHORIZED, BUSY, SERVER_ERROR, TOO_LARGE -> true;
        default -> this == PATIENTLY;
      };
    }

    /** FFmpeg does not tell which request was answered by 400. */
    private static boolean refusesSetup(ServerAnswers answers) {
      return answers.method().equals("SETUP")
          || (answers.method().isEmpty() && !answers.description().isEmpty());
    }
  }

  private final CameraUrl url;
  private final StreamSettings settings;
  private final CountDownLatch stop;
  private boolean overUdp;

  StreamOpener(CameraUrl url, StreamSettings settings, CountDownLatch stop) {
    this.url = url;
    this.settings = settings;
    this.stop = stop;
  }

  /**
   * Connects and finds the properties of the stream.
   *
   * @throws StreamException the reason to tell, where several attempts failed
   */
  CameraStream open() throws StreamException {
    if (url.isFile() && !Files.isReadable(Path.of(url.address()))) {
      throw new StreamException(
          Kind.FILE_MISSING, url, "there is no such file, or it is not readable");
    }
    StreamException told = null;
    for (Attempt attempt : Attempt.values()) {
      if (told != null && !attempt.helps(this, told)) {
        continue;
      }
      try {
        return open(attempt);
      } catch (StreamException e) {
        told = told == null || attempt.tellsMore(e) ? e : told;
      }
    }
    throw told;
  }

  private CameraStream open(Attempt attempt) throws StreamException {
    overUdp |= attempt == Attempt.OVER_UDP;
    Duration quarter = settings.timeout().dividedBy(4);
    Duration probe = PROBE_TIMEOUT.compareTo(quarter) < 0 ? PROBE_TIMEOUT : quarter;
    Duration timeout = settings.timeout();
    if (attempt == Attempt.PATIENTLY) {
      probe = CameraStream.keyframeTimeout(settings);
      timeout = probe.plus(timeout);
    }
    boolean plain = attempt == Attempt.PLAIN_JPEGS;
    Deadline deadline = new Deadline(stop);
    deadline.in(timeout);
    StreamErrors failures = new StreamErrors(url, timeout, deadline);
    Demuxer demuxer = connect("video", plain, probe, deadline, failures);
    AVPacket first = null;
    boolean opened = false;
    try {
      String found = demuxer.context().iformat().name().getString();
      boolean multipart = found.equals("mpjpeg");
      if (url.isHttp() && SINGLE_PICTURES.contains(found)) {
        throw failures.noPicture();
      }
      if (url.isHttp() && found.equals("mjpeg")) {
        // One picture says all; those read ahead would all have the same time of arrival.
        demuxer.context().max_analyze_duration(1);
      }
      if (url.isRtsp() && demuxer.isSlowerThan(MIN_PROBED_RATE)) {
        // FFmpeg waits for several pictures to know their order; all have one time of arrival then.
        demuxer.context().max_ts_probe(1);
      }
      demuxer.findStreams();
      boolean timedOut = deadline.getAsBoolean();
      // FFmpeg wants to see several pictures, but of slow cameras one must do.
      if (timedOut && (multipart || deadline.stopped() || !demuxer.knowsVideo())) {
        throw multipart ? failures.noPicture() : failures.openingTimedOut();
      }
      JpegPacket.RtpSize size = rtpJpegSize(demuxer);
      AVStream video = selectVideo(demuxer, size, failures);
      StillPictures stills = null;
      if (multipart || plain) {
        first = firstPicture(demuxer, multipart, failures);
        if (plain && nothingFollows(demuxer)) {
          demuxer.disconnect();
          stills = new StillPictures(url, settings, stop, deadline);
        }
      }
      CameraStream stream =
          new CameraStream(url, settings, stop, deadline, demuxer, video, first, stills, size);
      opened = true;
      return stream;
    } catch (FFmpegException e) {
      throw failures.opening(e);
    } finally {
      if (!opened) {
        if (first != null) {
          Packets.free(first);
        }
        CameraStream.close(demuxer, deadline);
      }
    }
  }

  /** Taken from the demuxer, unless the parts around it are wrong. */
  private static AVPacket firstPicture(Demuxer demuxer, boolean multipart, StreamErrors failures)
      throws FFmpegException, StreamException {
    AVPacket read = demuxer.read();
    if (read == null || (multipart && !JpegPacket.endsWithMarker(read))) {
      throw failures.noPicture();
    }
    return Packets.take(read);
  }

  /** A response without length ends with an error, as far as FFmpeg knows. */
  private static boolean nothingFollows(Demuxer demuxer) throws FFmpegException {
    try {
      return demuxer.isAtEnd() && demuxer.read() == null;
    } catch (FFmpegException e) {
      if (e.problem() == FFmpegException.Problem.TOO_LARGE) {
        throw e;
      }
      return true;
    }
  }

  private Demuxer connect(
      String media, boolean plain, Duration probe, Deadline deadline, StreamErrors failures)
      throws StreamException {
    Map<String, String> options = new HashMap<>();
    try {
      if (url.isFile()) {
        options.put("format_whitelist", Demuxer.CONTAINERS);
        options.put("protocol_whitelist", "file");
        return open("file:" + url.address(), options, deadline);
      }
      options.put("analyzeduration", Long.toString(probe.toNanos() / 1000));
      // Estimating the frame rate would take all that time even if everything else is known.
      options.put("fpsprobesize", "0");
      if (url.isHttp()) {
        options.put("max_streams", Integer.toString(MAX_STREAMS));
        return connectHttp(plain, options, deadline);
      }
      if (url.isEncrypted()) {
        options.put("rtsp_transport", "tcp");
      } else if (overUdp) {
        options.put("rtsp_transport", "udp");
      } else if (settings.transport() == Transport.AUTO) {
        options.put("rtsp_transport", "tcp+udp");
        // FFmpeg asks for UDP on the same connection if the camera answers 461.
        options.put("rtsp_flags", "prefer_tcp");
      } else {
        options.put("rtsp_transport", settings.transport().name().toLowerCase(Locale.ROOT));
      }
      // With audio, FFmpeg would also shift timestamps when the camera's clock report arrives.
      options.put("allowed_media_types", media);
      if (media.equals("video")) {
        options.put("max_streams", "1"); // a camera may offer a second video and then refuse it
      }
      return url.isEncrypted()
          ? connectEncrypted(options, deadline)
          : open(url.address(), options, deadline);
    } catch (FFmpegException e) {
      throw failures.opening(e);
    } catch (IOException e) {
      throw failures.connecting(e);
    }
  }

  private Demuxer connectHttp(boolean plain, Map<String, String> options, Deadline deadline)
      throws IOException {
    // FFmpeg reads up to a megabyte to tell JPEGs from anything else: many seconds of a stream.
    options.put("formatprobesize", "8192");
    // No playlists, which name other addresses, and no files of ours.
    options.put("format_whitelist", Demuxer.CONTAINERS + "," + String.join(",", SINGLE_PICTURES));
    options.put("protocol_whitelist", "none");
    return new Demuxer(
        HttpStream.get(url.endpoint(), settings.trust(), deadline),
        url.masked(),
        plain ? "mjpeg" : null,
        options,
        CameraStream.MAX_PACKET_BYTES,
        deadline);
  }

  /** FFmpeg's connection, when it ends, ends that to the camera. */
  private Demuxer connectEncrypted(Map<String, String> options, Deadline deadline)
      throws IOException {
    TlsTunnel tunnel = new TlsTunnel(url.endpoint(), settings.trust(), deadline);
    try {
      return open(tunnel.url(), options, deadline);
    } catch (FFmpegException e) {
      tunnel.close();
      throw e;
    }
  }

  private Demuxer open(String address, Map<String, String> options, Deadline deadline)
      throws FFmpegException {
    return new Demuxer(
        address,
        url.masked(),
        options,
        other -> isSame(address, other),
        CameraStream.MAX_PACKET_BYTES,
        deadline);
  }

  /** Whether a camera's redirection, or the source of its datagrams, is the camera itself. */
  private static boolean isSame(String address, String other) {
    Endpoint own = Endpoint.of(address);
    try {
      return other.contains("://") ? own.isServerOf(Endpoint.of(other)) : own.hasAddress(other);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Null unless JPEGs come over RTP, and the camera tells their size. */
  private JpegPacket.RtpSize rtpJpegSize(Demuxer demuxer) {
    return url.isRtsp() ? JpegPacket.RtpSize.in(demuxer.answers().description()) : null;
  }

  private AVStream selectVideo(Demuxer demuxer, JpegPacket.RtpSize size, StreamErrors failures)
      throws StreamException, FFmpegException {
    AVStream video = demuxer.selectVideo();
    if (video == null) {
      throw new StreamException(Kind.NO_VIDEO_STREAM, url, "no video, only audio or data");
    }
    AVCodecParameters parameters = video.codecpar();
    if (!Decoder.exists(parameters)) {
      throw failures.codec(Decoder.codecName(parameters));
    }
    boolean isJpeg = parameters.codec_id() == AV_CODEC_ID_MJPEG;
    if (isJpeg && size != null && size.isSentAs(parameters.width(), parameters.height())) {
      parameters.width(size.width()).height(size.height());
    }
    if (parameters.width() <= 0 || parameters.height() <= 0) {
      if (url.isFile()) {
        throw new StreamException(
            Kind.NOT_VIDEO, url, "no frames; check that the file is complete");
      }
      AVPacket jpeg = isJpeg ? demuxer.read() : null;
      if (jpeg != null
          && (long) JpegPacket.width(jpeg) * JpegPacket.height(jpeg) > StreamInfo.MAX_PIXELS) {
        throw failures.tooManyPixels(JpegPacket.width(jpeg), JpegPacket.height(jpeg));
      }
      if (isJpeg && url.isRtsp()) {
        throw jpeg != null && JpegPacket.RtpSize.isMissing(jpeg)
            ? failures.jpegWithoutSize()
            : failures.noKeyframe();
      }
      throw isJpeg && url.isHttp() ? failures.noPicture() : failures.noKeyframe();
    }
    if ((long) parameters.width() * parameters.height() > StreamInfo.MAX_PIXELS) {
      throw failures.tooManyPixels(parameters.width(), parameters.height());
    }
    return video;
  }

  /**
   * Connects, lists the audio streams, which {@link #open} does not request, and disconnects.
   *
   * @return FFmpeg's names of their codecs
   */
  List<String> audioCodecs() throws StreamException {
    Deadline deadline = new Deadline(stop);
    deadline.in(settings.timeout());
    StreamErrors failures = new StreamErrors(url, settings.timeout(), deadline);
    Demuxer demuxer = connect("video+audio", false, PROBE_TIMEOUT, deadline, failures);
    List<String> codecs = new ArrayList<>();
    for (int i = 0; i < demuxer.context().nb_streams(); i++) {
      AVCodecParameters parameters = demuxer.context().streams(i).codecpar();
      if (parameters.codec_type() == AVMEDIA_TYPE_AUDIO) {
        codecs.add(Decoder.codecName(parameters));
      }
    }
    CameraStream.close(demuxer, deadline);
    return codecs;
  }
}
