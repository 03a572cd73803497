package org.shvideo.camera.rtsp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A client's connection, shared by answers and packets (RFC 2326, 10.12). Thread-safe: each write
 * is whole. A client that does not read blocks its own session, nobody else's.
 */
final class InterleavedOutput implements PacketOutput {
  private final OutputStream out;
  private volatile int rtpChannel;
  private volatile int rtcpChannel = 1;

  InterleavedOutput(OutputStream out) {
    this.out = out;
  }

  void channels(int rtp, int rtcp) {
    rtpChannel = rtp;
    rtcpChannel = rtcp;
  }

  @Override
  public void rtp(List<byte[]> packets) throws IOException {
    ByteArrayOutputStream framed = new ByteArrayOutputStream();
    for (byte[] packet : packets) {
      frame(rtpChannel, packet, framed);
    }
    write(framed.toByteArray());
  }

  @Override
  public void rtcp(byte[] packet) throws IOException {
    ByteArrayOutputStream framed = new ByteArrayOutputStream();
    frame(rtcpChannel, packet, framed);
    write(framed.toByteArray());
  }

  @Override
  public void garbage(byte[] bytes) throws IOException {
    write(bytes);
  }

  private static void frame(int channel, byte[] packet, ByteArrayOutputStream to) {
    to.write('$');
    to.write(channel);
    to.write(packet.length >> 8);
    to.write(packet.length);
    to.writeBytes(packet);
  }

  synchronized void write(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  @Override
  public void close() {
    // The connection closes its socket.
  }
}
