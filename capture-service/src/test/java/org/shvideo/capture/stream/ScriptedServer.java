package org.shvideo.capture.stream;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server on a free port that answers requests as a test tells it to, for cameras gone wrong. */
final class ScriptedServer implements AutoCloseable {

  /** Answers one request. */
  interface Answer {
    /**
     * Writes the answer.
     *
     * @param request its lines, without the empty one
     * @return whether the connection goes on
     */
    boolean to(List<String> request, OutputStream out) throws IOException, InterruptedException;
  }

  private final ServerSocket server;
  private final Answer answer;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  ScriptedServer(Answer answer) {
    this(plainSocket(), answer);
  }

  /** Listens where a socket does, which may encrypt; closes it. */
  ScriptedServer(ServerSocket server, Answer answer) {
    this.server = server;
    this.answer = answer;
    daemon(this::accept);
  }

  private static ServerSocket plainSocket() {
    try {
      return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many were ever accepted. */
  int connections() {
    return sockets.size();
  }

  /** Accepts, and never says a word. */
  static ScriptedServer silent() {
    return new ScriptedServer((request, out) -> true);
  }

  /** Answers every RTSP request with this status. */
  static ScriptedServer rtsp(String status, String... headers) {
    return new ScriptedServer(
        (request, out) -> {
          send(out, "RTSP/1.0 " + status, sequence(request), headers);
          return true;
        });
  }

  /** Answers every HTTP request with this status and an empty body. */
  static ScriptedServer http(String status) {
    return new ScriptedServer(
        (request, out) -> {
          send(out, "HTTP/1.1 " + status, "Content-Length: 0");
          return true;
        });
  }

  static void send(OutputStream out, String status, String header, String... headers)
      throws IOException {
    String text = status + "\r\n" + header + "\r\n";
    for (String more : headers) {
      text += more + "\r\n";
    }
    out.write((text + "\r\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** The request's CSeq header. */
  static String sequence(List<String> request) {
    return request.stream().filter(line -> line.startsWith("CSeq:")).findFirst().orElse("CSeq: 0");
  }

  String url(String scheme, String rest) {
    return scheme + "://127.0.0.1:" + server.getLocalPort() + rest;
  }

  String url(String scheme, String login, String rest) {
    return scheme + "://" + login + "@127.0.0.1:" + server.getLocalPort() + rest;
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        sockets.add(socket);
        daemon(() -> serve(socket));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket socket) {
    try (socket;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
      List<String> request = new ArrayList<>();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.isEmpty()) {
          request.add(line);
        } else if (answer.to(request, socket.getOutputStream())) {
          request = new ArrayList<>();
        } else {
          return;
        }
      }
    } catch (IOException e) {
      // the client has left
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "scripted-server");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
