package org.shvideo.cli.discover;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.shvideo.capture.connection.Endpoint;
import org.shvideo.capture.connection.HttpException;
import org.shvideo.capture.connection.HttpStream;
import org.shvideo.capture.connection.Trust;

/**
 * Calls the services of one device. Logs in by WS-Security and, where the device asks for it, by
 * HTTP, both with digests: the password itself is never sent. Not thread-safe.
 */
final class OnvifClient {
  static final String DEVICE = "http://www.onvif.org/ver10/device/wsdl";
  static final String MEDIA = "http://www.onvif.org/ver10/media/wsdl";
  static final String MEDIA2 = "http://www.onvif.org/ver20/media/wsdl";
  private static final String SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-";
  private static final SecureRandom RANDOM = new SecureRandom();

  /** The device does not accept the login. */
  static final class LoginRefused extends IOException {
    private static final long serialVersionUID = 1L;

    LoginRefused() {
      super("it refuses this login");
    }
  }

  private final String user;
  private final String password;
  private final BooleanSupplier interrupt;
  private Duration offset = Duration.ZERO;

  /**
   * For one device.
   *
   * @param interrupt ends a call when it says true; asked ten times a second
   */
  OnvifClient(String user, String password, BooleanSupplier interrupt) {
    this.user = user;
    this.password = password;
    this.interrupt = interrupt;
  }

  /** How far the device's clock is ahead, by which its logins are dated. */
  void setClockOffset(Duration offset) {
    this.offset = offset;
  }

  /**
   * Calls an operation without a login.
   *
   * @param request the one element of the message's body
   */
  Xml ask(Endpoint service, String request) throws IOException {
    return call(service, () -> envelope("", request));
  }

  /**
   * Calls an operation.
   *
   * @param request as of {@link #ask}
   * @throws LoginRefused after which nothing should be asked: cameras lock accounts
   */
  Xml askWithLogin(Endpoint service, String request) throws IOException {
    String login = encoded(user) + ":" + encoded(password);
    Endpoint to =
        new Endpoint(service.scheme(), login, service.host(), service.port(), service.target());
    return call(to, () -> envelope(security(), request));
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }

  private static String envelope(String header, String request) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        + "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Header>"
        + (header + "</s:Header><s:Body>" + request + "</s:Body></s:Envelope>");
  }

  /** A UsernameToken of WS-Security 1.1, valid once. */
  private String security() {
    byte[] nonce = new byte[16];
    RANDOM.nextBytes(nonce);
    String created = Instant.now().plus(offset).truncatedTo(ChronoUnit.SECONDS).toString();
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1"); // as the standard wants it
      digest.update(nonce);
      digest.update(created.getBytes(StandardCharsets.UTF_8));
      digest.update(password.getBytes(StandardCharsets.UTF_8));
      Base64.Encoder base64 = Base64.getEncoder();
      return """
      <w:Security xmlns:w="%1$swssecurity-secext-1.0.xsd"><w:UsernameToken>\
      <w:Username>%2$s</w:Username>\
      <w:Password Type="%1$susername-token-profile-1.0#PasswordDigest">%3$s</w:Password>\
      <w:Nonce EncodingType="%1$ssoap-message-security-1.0#Base64Binary">%4$s</w:Nonce>\
      <u:Created xmlns:u="%1$swssecurity-utility-1.0.xsd">%5$s</u:Created>\
      </w:UsernameToken></w:Security>\
      """
          .formatted(
              SECURITY,
              escaped(user),
              base64.encodeToString(digest.digest()),
              base64.encodeToString(nonce),
              created);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // each JDK has it
    }
  }

  private Xml call(Endpoint service, Supplier<String> message) throws IOException {
    // A camera signs its own certificate, and gets no more than digests, as without encryption.
    try (HttpStream body = HttpStream.post(service, Trust.parse("off"), message, interrupt)) {
      Xml answer = Xml.read(body);
      Xml fault = answer.all("Fault").findFirst().orElse(null);
      if (fault == null) {
        return answer;
      }
      List<String> codes = fault.all("Value").map(Xml::text).toList();
      if (codes.stream().anyMatch(code -> code.matches("(?is).*(NotAuthorized|FailedAuth).*"))) {
        throw new LoginRefused();
      }
      throw new IOException(
          "it answers: " + FoundDevice.clean(fault.text("Reason", "Text") + " " + codes));
    } catch (HttpException e) {
      if (e.status() == 401 || e.status() == 403) {
        throw new LoginRefused();
      }
      throw new IOException("it answers: " + FoundDevice.clean(e.getMessage()), e);
    }
  }
}
