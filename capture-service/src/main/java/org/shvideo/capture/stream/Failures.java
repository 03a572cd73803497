package org.shvideo.capture.stream;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_NONE;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_HTTP_BAD_REQUEST;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_HTTP_FORBIDDEN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_HTTP_NOT_FOUND;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_HTTP_OTHER_4XX;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_HTTP_SERVER_ERROR;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_HTTP_TOO_MANY_REQUESTS;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_HTTP_UNAUTHORIZED;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_INVALIDDATA;
import static org.bytedeco.ffmpeg.global.avutil.AV_ERROR_MAX_STRING_SIZE;
import static org.bytedeco.ffmpeg.global.avutil.AV_FOURCC_MAX_STRING_SIZE;
import static org.bytedeco.ffmpeg.global.avutil.av_fourcc_make_string;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;
import static org.bytedeco.ffmpeg.presets.avutil.AVERROR_EIO;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.shvideo.capture.stream.StreamException.Kind;

/** Turns FFmpeg's error codes for one stream into sentences that a user can act on. */
final class Failures {
  /** What the system says when no machine is there, or no way to one. */
  private static final Set<String> NO_WAY =
      Set.of("No route to host", "Network is unreachable", "Host is down", "Network is down");

  private final CameraUrl url;
  private final Duration timeout;
  private final Deadline deadline;

  Failures(CameraUrl url, Duration timeout, Deadline deadline) {
    this.url = url;
    this.timeout = timeout;
    this.deadline = deadline;
  }

  StreamException opening(int error) {
    if (deadline.stopped()) {
      return stopped();
    }
    if (deadline.passed() || text(error).endsWith("timed out")) {
      return failure(
          Kind.TIMED_OUT,
          "no picture within %s; is the address right, and is the camera up?".formatted(seconds()));
    }
    if (error == AVERROR_HTTP_UNAUTHORIZED()) {
      return failure(Kind.UNAUTHORIZED, "wrong user or password (401)");
    }
    if (error == AVERROR_HTTP_FORBIDDEN()) {
      return failure(Kind.UNAUTHORIZED, "this user may not see the stream (403)");
    }
    if (error == AVERROR_HTTP_NOT_FOUND()) {
      return failure(
          Kind.NOT_FOUND, "there is no stream at " + url.place() + " (404); is the path right?");
    }
    if (error == AVERROR_HTTP_BAD_REQUEST()) {
      return rejected("400");
    }
    if (error == AVERROR_HTTP_TOO_MANY_REQUESTS()) {
      return rejected("429");
    }
    if (error == AVERROR_HTTP_OTHER_4XX()) {
      return rejected("4xx");
    }
    if (error == AVERROR_HTTP_SERVER_ERROR()) {
      return failure(
          Kind.SERVER_ERROR,
          "the camera reports a failure of its own (5xx); does it need a restart?");
    }
    if (error == AVERROR_INVALIDDATA() && url.isRtsp()) {
      return failure(
          Kind.NOT_VIDEO, "the other side hung up, or speaks no RTSP; is it the right port?");
    }
    if (error == AVERROR_INVALIDDATA() || (error == AVERROR_EOF() && url.isFile())) {
      return failure(Kind.NOT_VIDEO, "this is no video that FFmpeg knows");
    }
    if (error == AVERROR_EOF()) {
      return failure(Kind.CLOSED, "the camera closed the connection before it sent a picture");
    }
    if (text(error).equals("Connection refused")) {
      return failure(
          Kind.REFUSED, "connection refused; is the camera on, and is it the right port?");
    }
    if (!url.isFile() && !resolves()) {
      return failure(Kind.NO_SUCH_HOST, "no host of that name; is it spelt right?");
    }
    if (NO_WAY.contains(text(error))) {
      return failure(
          Kind.UNREACHABLE,
          "no way to it (%s); is it on, and in a network that this machine reaches?"
              .formatted(text(error)));
    }
    return failure(Kind.BROKEN, "it cannot be opened: " + text(error));
  }

  StreamException reading(int error) {
    if (deadline.stopped()) {
      return stopped();
    }
    if (deadline.passed() || text(error).endsWith("timed out")) {
      return failure(Kind.STALLED, "connected, but no picture came for " + seconds());
    }
    if (error == AVERROR_EOF()
        || (error == AVERROR_EIO() && !url.isFile())
        || text(error).equals("Connection reset by peer")
        || text(error).equals("Broken pipe")) {
      return failure(Kind.CLOSED, "the camera closed the connection");
    }
    return failure(Kind.BROKEN, "the stream broke off: " + text(error));
  }

  StreamException codec(AVCodecParameters parameters) {
    return failure(
        Kind.UNSUPPORTED_CODEC,
        "its codec (%s) is not supported; set the camera to H.264, H.265 or MJPEG"
            .formatted(codecName(parameters)));
  }

  /** FFmpeg's name, or what the stream itself calls a codec that FFmpeg does not know. */
  private static String codecName(AVCodecParameters parameters) {
    if (parameters.codec_id() != AV_CODEC_ID_NONE) {
      return avcodec_get_name(parameters.codec_id()).getString();
    }
    byte[] tag = new byte[AV_FOURCC_MAX_STRING_SIZE];
    av_fourcc_make_string(tag, parameters.codec_tag());
    return text(tag);
  }

  StreamException noKeyframe() {
    return failure(
        Kind.NO_KEYFRAME,
        "no keyframe within %s; set the camera's keyframe interval to 1 to 4 s"
            .formatted(seconds()));
  }

  private StreamException rejected(String status) {
    return failure(
        Kind.REJECTED,
        "the camera refused the request (%s); has it too many viewers, or does it want another path?"
            .formatted(status));
  }

  private StreamException stopped() {
    return failure(Kind.STOPPED, "the service stops");
  }

  private StreamException failure(Kind kind, String sentence) {
    return new StreamException(kind, url, sentence);
  }

  private String seconds() {
    return timeout.toMillis() % 1000 == 0
        ? timeout.toSeconds() + " s"
        : timeout.toMillis() / 1000.0 + " s";
  }

  /** FFmpeg resolves names itself but reports a failure as an I/O error like any other. */
  private boolean resolves() {
    try {
      return InetAddress.getByName(url.host()) != null;
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static String text(int error) {
    byte[] text = new byte[AV_ERROR_MAX_STRING_SIZE];
    av_strerror(error, text, text.length);
    return text(text);
  }

  private static String text(byte[] zeroEnded) {
    int end = 0;
    while (end < zeroEnded.length && zeroEnded[end] != 0) {
      end++;
    }
    return new String(zeroEnded, 0, end, StandardCharsets.UTF_8);
  }
}
