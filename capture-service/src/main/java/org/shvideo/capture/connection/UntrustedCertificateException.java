package org.shvideo.capture.connection;

import javax.net.ssl.SSLException;

/** A server showed a certificate that is not trusted; nothing was sent to it. */
public final class UntrustedCertificateException extends SSLException {
  private static final long serialVersionUID = 1L;

  private final String fingerprint;

  UntrustedCertificateException(String reason, String fingerprint) {
    super(reason);
    this.fingerprint = fingerprint;
  }

  /** The certificate's SHA-256 fingerprint, in pairs of hexadecimal digits with colons between. */
  public String fingerprint() {
    return fingerprint;
  }
}
