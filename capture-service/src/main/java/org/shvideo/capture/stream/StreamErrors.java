package org.shvideo.capture.stream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.ffmpeg.FFmpegException;
import org.shvideo.ffmpeg.FFmpegException.Problem;
import org.shvideo.ffmpeg.ServerAnswers;

/** Turns FFmpeg's errors on one stream into messages that a user can act on. */
record StreamErrors(CameraUrl url, Duration timeout, Deadline deadline) {
  /** Messages of the operating system. */
  private static final Set<String> UNREACHABLE =
      Set.of("No route to host", "Network is unreachable", "Host is down", "Network is down");

  private static final int NOT_ENOUGH_BANDWIDTH = 453;
  private static final int UNAVAILABLE = 503;

  StreamException opening(FFmpegException e) {
    if (deadline.getAsBoolean() || e.reason().endsWith("timed out")) {
      return openingTimedOut();
    }
    return switch (e.problem()) {
      case UNAUTHORIZED ->
          failure(
              Kind.UNAUTHORIZED,
              ResponseHeaders.askForShaLogin(url, timeout)
                  ? "the camera asks for a login by SHA-256 digest (401), which is not supported;"
                      + " set it to digest by MD5 alone, or to basic"
                  : "wrong user or password (401)");
      case FORBIDDEN ->
          failure(Kind.UNAUTHORIZED, "this user is not allowed to see the stream (403)");
      case NOT_FOUND ->
          failure(
              Kind.NOT_FOUND,
              "there is no stream at " + url.pathOnHost() + " (404); check the path");
      case BAD_REQUEST -> rejected(status(e, "400"), e.answers());
      case TOO_MANY_REQUESTS -> busy(status(e, "429"), e.answers());
      case OTHER_4XX ->
          e.answers().status() == NOT_ENOUGH_BANDWIDTH
              ? tooManyViewers(e.answers())
              : rejected(status(e, "4xx"), e.answers());
      case SERVER_ERROR ->
          e.answers().status() == UNAVAILABLE
              ? busy(status(e, "503"), e.answers())
              : failure(
                  Kind.SERVER_ERROR,
                  "the camera reports an internal error (%s); try restarting it"
                      .formatted(status(e, "5xx")));
      case INVALID_DATA ->
          url.isRtsp()
              ? failure(
                  Kind.NOT_VIDEO, "not an RTSP server, or it closed the connection; check the port")
              : notVideo();
      case END ->
          url.isFile()
              ? notVideo()
              : failure(Kind.CLOSED, "the camera closed the connection before sending a picture");
      default -> connecting(e.reason());
    };
  }

  private StreamException notVideo() {
    return failure(Kind.NOT_VIDEO, "not a video that FFmpeg can read");
  }

  private StreamException connecting(String reason) {
    if (reason.equals("Connection refused")) {
      return failure(
          Kind.REFUSED, "connection refused; check that the camera is on and the port is correct");
    }
    if (!url.isFile() && !resolves()) {
      return failure(Kind.NO_SUCH_HOST, "host name not found; check its spelling");
    }
    if (url.isRtsp() && reason.equals("Protocol not supported")) {
      return failure(
          Kind.REJECTED, "the camera does not offer this transport (461); set RTSP_TRANSPORT=auto");
    }
    if (UNREACHABLE.contains(reason)) {
      return failure(
          Kind.UNREACHABLE,
          "host unreachable (%s); check that it is on, and on a network that this machine can reach"
              .formatted(reason));
    }
    return failure(Kind.BROKEN, "cannot be opened: " + reason);
  }

  StreamException openingTimedOut() {
    return deadline.stopped()
        ? stopped()
        : failure(
            Kind.TIMED_OUT,
            "no picture within %s; check the address and that the camera is on"
                .formatted(seconds()));
  }

  StreamException reading(FFmpegException e) {
    if (deadline.getAsBoolean() || e.reason().endsWith("timed out")) {
      return stalled();
    }
    if ((e.problem() == Problem.IO && !url.isFile())
        || e.reason().equals("Connection reset by peer")
        || e.reason().equals("Broken pipe")) {
      return closed();
    }
    return failure(Kind.BROKEN, "the stream failed: " + e.reason());
  }

  /** The deadline passed, or the service is stopping. */
  StreamException stalled() {
    return deadline.stopped()
        ? stopped()
        : failure(Kind.STALLED, "connected, but no picture for " + seconds());
  }

  /** The stream ended, possibly because the deadline passed. */
  StreamException closed() {
    return deadline.getAsBoolean()
        ? stalled()
        : failure(Kind.CLOSED, "the camera closed the connection");
  }

  StreamException codec(String name) {
    return failure(
        Kind.UNSUPPORTED_CODEC,
        "codec %s is not supported; set the camera to H.264, H.265 or MJPEG".formatted(name));
  }

  StreamException jpegWithoutSize() {
    return failure(
        Kind.UNSUPPORTED_CODEC,
        "the camera does not tell the size of its JPEGs, as RTP cannot beyond 2040 pixels; select"
            + " H.264 or a smaller picture in the camera");
  }

  StreamException noKeyframe() {
    return failure(
        Kind.NO_KEYFRAME,
        "no keyframe within %s; set the camera's keyframe interval to between 1 and 4 s"
            .formatted(seconds()));
  }

  /** HTTP alone: a response came, but no whole picture in it. */
  StreamException noPicture() {
    return deadline.stopped() ? stopped() : notVideo();
  }

  /** A still picture of more bytes. */
  StreamException tooLarge(long bytes) {
    return failure(Kind.NOT_VIDEO, "a picture of more than %d MiB".formatted(bytes >> 20));
  }

  private StreamException rejected(String status, ServerAnswers answers) {
    return new StreamException(
        Kind.REJECTED,
        url,
        "the camera refused the request (%s); check the path, and whether it has too many viewers"
            .formatted(status),
        answers);
  }

  private StreamException tooManyViewers(ServerAnswers answers) {
    return new StreamException(
        Kind.BUSY,
        url,
        "the camera has too many viewers (%s); close some, or select a smaller stream"
            .formatted(answers.statusLine()),
        answers);
  }

  private StreamException busy(String status, ServerAnswers answers) {
    return new StreamException(
        Kind.BUSY,
        url,
        "the camera is busy (%s); check whether it has too many viewers".formatted(status),
        answers);
  }

  /** What the server said, or as much as FFmpeg's code tells. */
  private static String status(FFmpegException e, String known) {
    String line = e.answers().statusLine();
    return line.isEmpty() ? known : line;
  }

  private StreamException stopped() {
    return failure(Kind.STOPPED, "the service is stopping");
  }

  private StreamException failure(Kind kind, String sentence) {
    return new StreamException(kind, url, sentence);
  }

  private String seconds() {
    return timeout.toMillis() % 1000 == 0
        ? timeout.toSeconds() + " s"
        : timeout.toMillis() / 1000.0 + " s";
  }

  /** FFmpeg reports a name that cannot be resolved like any other I/O error. */
  private boolean resolves() {
    try {
      return InetAddress.getByName(url.host()) != null;
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
