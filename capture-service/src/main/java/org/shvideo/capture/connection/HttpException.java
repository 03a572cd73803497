package org.shvideo.capture.connection;

import java.io.IOException;

/** A server answered a request, but not with what was asked for. */
public final class HttpException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String reason;
  private final String retryAfter;
  private final String redirection;

  HttpException(int status, String reason, String retryAfter, String redirection) {
    super(status + " " + reason);
    this.status = status;
    this.reason = reason;
    this.retryAfter = retryAfter;
    this.redirection = redirection;
  }

  public int status() {
    return status;
  }

  /** The server's words, which may hold anything. */
  public String reason() {
    return reason;
  }

  /** The header of this name, which may hold anything; empty without. */
  public String retryAfter() {
    return retryAfter;
  }

  /** The other server that was to be asked, and was not; empty if the answer is no redirection. */
  public String redirection() {
    return redirection;
  }
}
