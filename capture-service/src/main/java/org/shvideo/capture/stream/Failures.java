package org.shvideo.capture.stream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import org.shvideo.capture.stream.StreamException.Kind;
import org.shvideo.ffmpeg.FFmpegException;
import org.shvideo.ffmpeg.FFmpegException.Problem;

/** Turns FFmpeg's errors with one stream into sentences that a user can act on. */
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

  StreamException opening(FFmpegException e) {
    if (deadline.getAsBoolean() || e.reason().endsWith("timed out")) {
      return openingTimedOut();
    }
    return switch (e.problem()) {
      case UNAUTHORIZED -> failure(Kind.UNAUTHORIZED, "wrong user or password (401)");
      case FORBIDDEN -> failure(Kind.UNAUTHORIZED, "this user may not see the stream (403)");
      case NOT_FOUND ->
          failure(
              Kind.NOT_FOUND,
              "there is no stream at " + url.place() + " (404); is the path right?");
      case BAD_REQUEST -> rejected("400");
      case TOO_MANY_REQUESTS -> rejected("429");
      case OTHER_4XX -> rejected("4xx");
      case SERVER_ERROR ->
          failure(
              Kind.SERVER_ERROR,
              "the camera reports a failure of its own (5xx); does it need a restart?");
      case INVALID_DATA ->
          url.isRtsp()
              ? failure(
                  Kind.NOT_VIDEO,
                  "the other side hung up, or speaks no RTSP; is it the right port?")
              : notVideo();
      case END ->
          url.isFile()
              ? notVideo()
              : failure(Kind.CLOSED, "the camera closed the connection before it sent a picture");
      default -> connecting(e.reason());
    };
  }

  private StreamException notVideo() {
    return failure(Kind.NOT_VIDEO, "this is no video that FFmpeg knows");
  }

  private StreamException connecting(String reason) {
    if (reason.equals("Connection refused")) {
      return failure(
          Kind.REFUSED, "connection refused; is the camera on, and is it the right port?");
    }
    if (!url.isFile() && !resolves()) {
      return failure(Kind.NO_SUCH_HOST, "no host of that name; is it spelt right?");
    }
    if (NO_WAY.contains(reason)) {
      return failure(
          Kind.UNREACHABLE,
          "no way to it (%s); is it on, and in a network that this machine reaches?"
              .formatted(reason));
    }
    return failure(Kind.BROKEN, "it cannot be opened: " + reason);
  }

  StreamException openingTimedOut() {
    return deadline.stopped()
        ? stopped()
        : failure(
            Kind.TIMED_OUT,
            "no picture within %s; is the address right, and is the camera up?"
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
    return failure(Kind.BROKEN, "the stream broke off: " + e.reason());
  }

  /** The deadline passed, or the service stops. */
  StreamException stalled() {
    return deadline.stopped()
        ? stopped()
        : failure(Kind.STALLED, "connected, but no picture came for " + seconds());
  }

  /** The stream ended, also because the deadline passed. */
  StreamException closed() {
    return deadline.getAsBoolean()
        ? stalled()
        : failure(Kind.CLOSED, "the camera closed the connection");
  }

  StreamException codec(String name) {
    return failure(
        Kind.UNSUPPORTED_CODEC,
        "its codec (%s) is not supported; set the camera to H.264, H.265 or MJPEG".formatted(name));
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
}
