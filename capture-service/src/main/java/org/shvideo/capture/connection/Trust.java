package org.shvideo.capture.connection;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Which certificates a camera may show. Immutable.
 *
 * @param rule {@code verify}: what Java trusts, for the camera's host name; {@code off}: any; else
 *     the SHA-256 fingerprint of the one certificate, as 64 hexadecimal digits in capitals,
 *     whatever its name and dates
 */
public record Trust(String rule) {
  public static final Trust VERIFY = new Trust("verify");

  private static final String OFF = "off";
  private static final Pattern FINGERPRINT = Pattern.compile("[0-9A-F]{64}");
  private static final HexFormat HEX = HexFormat.ofDelimiter(":").withUpperCase();

  /**
   * Parses what a user wrote: fingerprints with or without colons, in any case.
   *
   * @throws IllegalArgumentException with a message that says what is expected
   */
  public static Trust parse(String text) {
    String stripped = text.strip().toLowerCase(Locale.ROOT);
    if (stripped.equals(VERIFY.rule) || stripped.equals(OFF)) {
      return new Trust(stripped);
    }
    String digits =
        stripped
            .replaceFirst("^sha-?256[:=/ ]", "")
            .replaceAll("[: ]", "")
            .toUpperCase(Locale.ROOT);
    if (!FINGERPRINT.matcher(digits).matches()) {
      throw new IllegalArgumentException(
          "verify, off, or the SHA-256 fingerprint of the camera's certificate, which"
              + " ./sh-video doctor prints");
    }
    return new Trust(digits);
  }

  /** Whether whoever answers is taken for the camera. */
  public boolean isOff() {
    return rule.equals(OFF);
  }

  /** Whether one certificate alone is accepted. */
  public boolean isPinned() {
    return !isOff() && !equals(VERIFY);
  }

  /**
   * Encrypts a connection.
   *
   * @return to be closed by the caller instead of the connection, which is closed if this fails
   * @throws UntrustedCertificateException if the server shows no certificate that this accepts
   */
  Socket secure(Socket connected, Endpoint to) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Checking()}, null);
      SSLSocket socket =
          (SSLSocket)
              context.getSocketFactory().createSocket(connected, to.host(), to.port(), true);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS"); // checks the host's name
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return socket;
    } catch (GeneralSecurityException e) {
      connected.close();
      throw new SSLException(e);
    } catch (IOException e) {
      connected.close();
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof Refused refused) {
          throw new UntrustedCertificateException(refused.getMessage(), refused.fingerprint);
        }
      }
      throw e;
    }
  }

  /** What Java trusts, read once. */
  private static final class Standard {
    static final X509ExtendedTrustManager MANAGER = read();

    private static X509ExtendedTrustManager read() {
      try {
        TrustManagerFactory factory =
            TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("Java's trusted certificates cannot be read", e);
      }
    }
  }

  private static final class Refused extends CertificateException {
    private static final long serialVersionUID = 1L;
    private final String fingerprint;

    Refused(String reason, String fingerprint, CertificateException cause) {
      super(reason, cause);
      this.fingerprint = fingerprint;
    }
  }

  private final class Checking extends X509ExtendedTrustManager {
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      String fingerprint = fingerprint(chain[0]);
      if (isPinned()) {
        if (!fingerprint.replace(":", "").equals(rule)) {
          throw new Refused("it is another one than RTSP_TLS names", fingerprint, null);
        }
      } else if (!isOff()) {
        try {
          Standard.MANAGER.checkServerTrusted(chain, type, socket);
        } catch (CertificateException e) {
          throw new Refused(e.getMessage(), fingerprint, e);
        }
      }
    }

    private static String fingerprint(X509Certificate certificate) throws CertificateException {
      try {
        return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
      } catch (GeneralSecurityException e) {
        throw new CertificateException(e);
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("not used");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("not used");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("not used");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw new CertificateException("not used");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("not used");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
