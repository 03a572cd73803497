package org.shvideo.capture.stream;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.shvideo.capture.connection.Endpoint;
import org.shvideo.capture.connection.HttpException;
import org.shvideo.capture.connection.UntrustedCertificateException;
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
  private static final int MAX_TOLD = 200;

  StreamException opening(FFmpegException e) {
    String forbidden = e.answers().forbidden();
    if (!forbidden.isEmpty()) {
      return forbidden.contains("://") ? redirected(forbidden) : datagramsOf(forbidden);
    }
    if (e.problem() == Problem.TOO_LARGE) {
      return tooLarge();
    }
    if (deadline.getAsBoolean() || e.reason().endsWith("timed out")) {
      return openingTimedOut();
    }
    return switch (e.problem()) {
      case BAD_REQUEST -> refused(400, e.answers());
      case UNAUTHORIZED -> refused(401, e.answers());
      case FORBIDDEN -> refused(403, e.answers());
      case NOT_FOUND -> refused(404, e.answers());
      case TOO_MANY_REQUESTS -> refused(429, e.answers());
      case OTHER_4XX, SERVER_ERROR -> refused(e.answers().status(), e.answers());
      case INVALID_DATA ->
          url.isRtsp()
              ? failure(
                  Kind.NOT_VIDEO, "not an RTSP server, or it closed the connection; check the port")
              : notVideo();
      case END -> url.isFile() ? notVideo() : closedAtOnce();
      default -> connecting(e.reason());
    };
  }

  /** A connection that FFmpeg does not make. */
  StreamException connecting(IOException e) {
    if (e instanceof UntrustedCertificateException untrusted) {
      return untrusted(untrusted);
    }
    if (e instanceof HttpException answer) {
      return answer.status() == 0
          ? notVideo()
          : answer.redirection().isEmpty()
              ? refused(
                  answer.status(),
                  ServerAnswers.of("GET", answer.status(), answer.reason(), answer.retryAfter()))
              : redirected(answer.redirection());
    }
    if (deadline.getAsBoolean() || e instanceof SocketTimeoutException) {
      return openingTimedOut();
    }
    if (e instanceof EOFException || "Connection reset".equals(e.getMessage())) {
      return closedAtOnce();
    }
    return e instanceof SSLException
        ? failure(
            Kind.BROKEN,
            "no encrypted connection (%s); check the port, and that the camera offers TLS 1.2"
                .formatted(e.getMessage()))
        : connecting(String.valueOf(e.getMessage()));
  }

  private StreamException untrusted(UntrustedCertificateException e) {
    return new StreamException(
        Kind.UNTRUSTED,
        url,
        "the camera's certificate is not trusted (%s), and nothing was sent to it. If it is the"
                .formatted(printable(e.getMessage()))
            + " camera's own, set RTSP_TLS_<NAME>=%s".formatted(e.fingerprint()),
        null,
        e.fingerprint());
  }

  private StreamException redirected(String address) {
    String other;
    try {
      Endpoint endpoint = Endpoint.of(address);
      other = printable(endpoint.scheme() + "://" + endpoint.authority());
    } catch (IllegalArgumentException e) {
      other = "neither of RTSP nor of HTTP";
    }
    return failure(
        Kind.REDIRECTED,
        "the camera sends us to another address (%s), which is not asked; set RTSP_URL to it if it"
                .formatted(other)
            + " is right");
  }

  private StreamException datagramsOf(String host) {
    return failure(
        Kind.REDIRECTED,
        "the camera names another host (%s) for its datagrams, and nothing is sent there; set"
                .formatted(printable(host))
            + " RTSP_TRANSPORT=tcp");
  }

  private static String printable(String text) {
    String clean = text.replaceAll("[^\\x20-\\x7e]", "");
    return clean.substring(0, Math.min(clean.length(), MAX_TOLD));
  }

  private StreamException closedAtOnce() {
    return failure(Kind.CLOSED, "the camera closed the connection before sending a picture");
  }

  /**
   * A status from 400 on.
   *
   * @param status 0 if it is not known
   */
  private StreamException refused(int status, ServerAnswers answers) {
    String told = answers.statusLine().isEmpty() ? Integer.toString(status) : answers.statusLine();
    return switch (status) {
      case 401 ->
          failure(
              Kind.UNAUTHORIZED,
              url.isRtsp() && ResponseHeaders.askForShaLogin(url, timeout)
                  ? "the camera asks for a login by SHA-256 digest (401), which is not supported;"
                      + " set it to digest by MD5 alone, or to basic"
                  : "wrong user or password (401)");
      case 403 -> failure(Kind.UNAUTHORIZED, "this user is not allowed to see the stream (403)");
      case 404 ->
          failure(
              Kind.NOT_FOUND,
              "there is no stream at " + url.pathOnHost() + " (404); check the path");
      case 429, 503 -> busy(told, answers);
      case NOT_ENOUGH_BANDWIDTH -> tooManyViewers(answers);
      default ->
          status >= 500
              ? failure(
                  Kind.SERVER_ERROR,
                  "the camera reports an internal error (%s); try restarting it".formatted(told))
              : rejected(told, answers);
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
    if (e.problem() == Problem.TOO_LARGE) {
      return tooLarge();
    }
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

  private StreamException tooLarge() {
    return failure(
        Kind.TOO_LARGE,
        "a picture of more than %d MiB; check that the address names a camera, and restart it"
            .formatted(CameraStream.MAX_PACKET_BYTES >> 20));
  }

  StreamException tooManyPixels(int width, int height) {
    return failure(
        Kind.TOO_LARGE,
        "pictures of %d × %d pixels, more than %d megapixels; select a smaller stream"
            .formatted(width, height, StreamInfo.MAX_PIXELS / 1_000_000));
  }

  StreamException tooManyScans(int scans) {
    return failure(
        Kind.TOO_LARGE,
        "a JPEG of more than %d scans, which would take long to decode; restart the camera"
            .formatted(scans));
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
