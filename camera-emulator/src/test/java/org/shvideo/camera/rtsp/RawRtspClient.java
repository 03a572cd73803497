package org.shvideo.camera.rtsp;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;

/** A minimal RTSP client that gives access to every byte of a response. */
final class RawRtspClient implements AutoCloseable {
  /**
   * An interleaved packet.
   *
   * @param channel 0 for RTP, 1 for RTCP
   */
  record Frame(int channel, ByteBuffer packet) {
    int sequence() {
      return packet.getShort(2) & 0xffff;
    }

    /** The RTP timestamp. */
    long timestamp() {
      return packet.getInt(4) & 0xffffffffL;
    }

    boolean marked() {
      return packet.get(1) < 0;
    }

    /** The type of the NAL unit, or of the fragment. */
    int nalType() {
      return packet.get(12) & 0x1f;
    }
  }

  private final String address;
  private final Socket socket;
  private final DataInputStream in;
  private final Queue<Frame> queued = new ArrayDeque<>();
  private int sequence;

  RawRtspClient(RtspCamera camera) throws IOException {
    this.address = camera.address();
    this.socket = new Socket(InetAddress.getLoopbackAddress(), camera.port());
    this.socket.setSoTimeout(5000);
    this.in = new DataInputStream(socket.getInputStream());
  }

  Socket socket() {
    return socket;
  }

  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends a request; returns the response with its body. */
  String request(String method, String subPath, String... headers) throws IOException {
    StringBuilder request = new StringBuilder(method + " " + address + subPath + " RTSP/1.0\r\n");
    request.append("CSeq: ").append(++sequence).append("\r\n");
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    send(request + "\r\n");
    return response();
  }

  String response() throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("the camera closed the connection");
      }
      if (head.isEmpty() && b == '$') {
        queued.add(frameAfterDollar());
      } else {
        head.append((char) b);
      }
    }
    int length = 0;
    for (String line : head.toString().split("\r\n", -1)) {
      if (line.startsWith("Content-Length: ")) {
        length = Integer.parseInt(line.substring("Content-Length: ".length()));
      }
    }
    return head + new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
  }

  /** Sets up TCP and plays; returns the response to PLAY. */
  String play() throws IOException {
    request("SETUP", "/trackID=0", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1");
    return request("PLAY", "");
  }

  Frame frame() throws IOException {
    if (!queued.isEmpty()) {
      return queued.remove();
    }
    if (in.read() != '$') {
      throw new IOException("not a packet");
    }
    return frameAfterDollar();
  }

  /** The next RTP packet. */
  Frame rtp() throws IOException {
    Frame frame = frame();
    while (frame.channel != 0) {
      frame = frame();
    }
    return frame;
  }

  /** The next raw bytes. */
  byte[] bytes(int count) throws IOException {
    return in.readNBytes(count);
  }

  private Frame frameAfterDollar() throws IOException {
    int channel = in.readUnsignedByte();
    return new Frame(channel, ByteBuffer.wrap(in.readNBytes(in.readUnsignedShort())));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
