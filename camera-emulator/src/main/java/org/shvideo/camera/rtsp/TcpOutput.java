package org.shvideo.camera.rtsp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * Sends packets over the connection of the RTSP session, between its responses (RFC 2326, 10.12).
 * Thread-safe. A client that does not read blocks only its own session.
 */
final class TcpOutput implements PacketOutput {
  private final OutputStream out;
  private volatile int rtpChannel;
  private volatile int rtcpChannel = 1;

  TcpOutput(OutputStream out) {
    this.out = out;
  }

  void channels(int rtp, int rtcp) {
    rtpChannel = rtp;
    rtcpChannel = rtcp;
  }

  @Override
  public void rtp(List<byte[]> packets) throws IOException {
    write(packets, rtpChannel);
  }

  @Override
  public void rtcp(byte[] packet) throws IOException {
    write(List.of(packet), rtcpChannel);
  }

  private void write(List<byte[]> packets, int channel) throws IOException {
    ByteArrayOutputStream framed = new ByteArrayOutputStream();
    for (byte[] packet : packets) {
      framed.write('$');
      framed.write(channel);
      framed.write(packet.length >> 8);
      framed.write(packet.length);
      framed.writeBytes(packet);
    }
    write(framed.toByteArray());
  }

  /** Writes a response, or garbage. */
  @Override
  public synchronized void write(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  @Override
  public void close() {
    // The connection closes its socket.
  }
}
