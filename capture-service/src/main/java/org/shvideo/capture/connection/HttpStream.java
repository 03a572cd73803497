package org.shvideo.capture.connection;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The body of a response to a request. Logs in where the server asks for it; follows redirections
 * on the same host and port alone. Nothing that a server sends takes more than a few kilobytes of
 * memory. Owns its connection until closed. Not thread-safe.
 */
public final class HttpStream extends InputStream {
  private static final int MAX_REQUESTS = 6;
  private static final int MAX_HEAD_BYTES = 1 << 16;
  private static final int BUFFER_BYTES = 1 << 15;
  private static final int UNAUTHORIZED = 401;

  private final Socket socket;
  private final InputStream in;
  private int headBytes;
  private int status;
  private String reason = "";
  private final List<String> headers = new ArrayList<>();
  private boolean chunked;

  /** Of the body, or of the current chunk. */
  private long remaining = Long.MAX_VALUE;

  private boolean ended;

  private HttpStream(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
  }

  /**
   * Asks for a body.
   *
   * @param interrupt ends this and every later call when it says true; asked ten times a second
   * @throws HttpException if the server refuses, or wants another one to be asked
   * @throws UntrustedCertificateException before anything is sent to a server that is not trusted
   */
  public static HttpStream get(Endpoint server, Trust trust, BooleanSupplier interrupt)
      throws IOException {
    Endpoint at = server;
    String authorization = null;
    for (int requests = 1; ; requests++) {
      HttpStream response = request(at, trust, authorization, null, interrupt);
      if (response.status / 100 == 2) {
        return response;
      }
      response.close();
      boolean more = requests < MAX_REQUESTS;
      String location = response.header("location");
      if (response.status / 100 == 3 && !location.isEmpty()) {
        at = redirected(at, location, response, more);
        authorization = null; // a digest is of one path
      } else if (response.status == UNAUTHORIZED && at.login() != null && authorization == null) {
        authorization =
            Login.of(at.login()).answer(response.all("www-authenticate"), "GET", at.target());
        more &= authorization != null;
      } else {
        more = false;
      }
      if (!more) {
        throw response.refusal("");
      }
    }
  }

  /**
   * Sends a SOAP message. Logs in by digest alone, so that whoever answers never gets the password;
   * follows no redirection.
   *
   * @param message asked again for a second request, as what it holds may be valid once
   * @param interrupt as of {@link #get}
   * @return the answer, or a fault, which comes with status 400 or 500
   * @throws HttpException if the server refuses
   */
  public static HttpStream post(
      Endpoint server, Trust trust, Supplier<String> message, BooleanSupplier interrupt)
      throws IOException {
    HttpStream response = request(server, trust, null, message, interrupt);
    if (response.status == UNAUTHORIZED && server.login() != null) {
      List<String> digests =
          response.all("www-authenticate").stream()
              .filter(challenge -> challenge.toLowerCase(Locale.ROOT).startsWith("digest"))
              .toList();
      String authorization = Login.of(server.login()).answer(digests, "POST", server.target());
      if (authorization != null) {
        response.close();
        response = request(server, trust, authorization, message, interrupt);
      }
    }
    if (response.status / 100 == 2 || response.status == 400 || response.status == 500) {
      return response;
    }
    response.close();
    throw response.refusal("");
  }

  private static Endpoint redirected(Endpoint from, String location, HttpStream by, boolean more)
      throws HttpException {
    try {
      Endpoint to = from.redirected(location);
      if (more && from.isServerOf(to)) {
        return to;
      }
      throw by.refusal(to.scheme() + "://" + to.authority());
    } catch (IllegalArgumentException e) {
      throw by.refusal("an address of another kind");
    }
  }

  private HttpException refusal(String redirection) {
    return new HttpException(status, reason, header("retry-after"), redirection);
  }

  /** By GET if there is no message. */
  private static HttpStream request(
      Endpoint at,
      Trust trust,
      String authorization,
      Supplier<String> message,
      BooleanSupplier interrupt)
      throws IOException {
    Socket socket = CameraSocket.open(at, trust, interrupt);
    boolean complete = false;
    try {
      String body = message == null ? "" : message.get();
      byte[] content = body.getBytes(StandardCharsets.UTF_8);
      String request =
          (message == null ? "GET " : "POST ")
              + at.target()
              + " HTTP/1.1\r\n"
              + "Host: "
              + at.authority()
              + "\r\n"
              + "User-Agent: sh-video\r\nAccept: */*\r\nConnection: close\r\n"
              + (authorization == null ? "" : "Authorization: " + authorization + "\r\n")
              + (message == null
                  ? ""
                  : "Content-Type: application/soap+xml; charset=utf-8\r\nContent-Length: "
                      + content.length
                      + "\r\n")
              + "\r\n"
              + body;
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      HttpStream response = new HttpStream(socket);
      response.readHead();
      complete = true;
      return response;
    } finally {
      if (!complete) {
        socket.close();
      }
    }
  }

  private void readHead() throws IOException {
    do { // a response 100 announces another one
      headers.clear();
      String[] first = line().split(" +", 3);
      if (first.length < 2 || !first[1].matches("\\d{3}")) {
        throw new HttpException(0, "no answer of HTTP", "", "");
      }
      status = Integer.parseInt(first[1]);
      reason = first.length < 3 ? "" : first[2];
      for (String line = line(); !line.isEmpty(); line = line()) {
        headers.add(line);
      }
    } while (status / 100 == 1);
    chunked = header("transfer-encoding").toLowerCase(Locale.ROOT).contains("chunked");
    String length = header("content-length");
    if (chunked) {
      remaining = 0;
    } else if (length.matches("\\d{1,18}")) {
      remaining = Long.parseLong(length);
    }
  }

  /** Of all lines of the head together, so that none is endless and there are not endless many. */
  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    int c = in.read();
    while (c >= 0 && c != '\n') {
      if (++headBytes > MAX_HEAD_BYTES) {
        throw new HttpException(0, "endless headers", "", "");
      }
      line.append((char) c);
      c = in.read();
    }
    headBytes++;
    if (c < 0) {
      throw new EOFException("the connection was closed");
    }
    return line.toString().strip();
  }

  /** The first header of a name, in small letters; empty without. */
  private String header(String name) {
    return all(name).stream().findFirst().orElse("");
  }

  private List<String> all(String name) {
    return headers.stream()
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .toList();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    if (chunked && remaining == 0 && !ended) {
      beginChunk();
    }
    if (ended || remaining == 0) {
      return -1;
    }
    int read = in.read(bytes, from, (int) Math.min(length, remaining));
    if (read < 0) {
      ended = true;
    } else if (remaining != Long.MAX_VALUE) {
      remaining -= read;
      if (chunked && remaining == 0) {
        headBytes = 0;
        line(); // the end of the chunk
      }
    }
    return read;
  }

  private void beginChunk() throws IOException {
    headBytes = 0;
    String size = line().replaceFirst("[; ].*", "");
    if (!size.matches("(?i)[0-9a-f]{1,15}")) {
      throw new IOException("no chunk of HTTP");
    }
    remaining = Long.parseLong(size, 16);
    ended = remaining == 0;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
