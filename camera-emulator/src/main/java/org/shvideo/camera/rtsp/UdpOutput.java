package org.shvideo.camera.rtsp;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.List;

/** Sends packets from a pair of UDP ports, RTP and RTCP, to that of a client. Thread-safe. */
final class UdpOutput implements PacketOutput {
  private static final int MAX_ATTEMPTS = 50;

  private final InetAddress client;
  private final int clientPort;
  private final int clientControlPort;
  private DatagramSocket rtp;
  private DatagramSocket rtcp;

  /** Opens two adjacent ports of the local address, the first one even (RFC 3550, 11). */
  UdpOutput(InetAddress local, InetAddress client, int clientPort, int clientControlPort)
      throws SocketException {
    this.client = client;
    this.clientPort = clientPort;
    this.clientControlPort = clientControlPort;
    for (int attempt = 1; rtcp == null; attempt++) {
      DatagramSocket any = new DatagramSocket(0, local);
      try {
        DatagramSocket adjacent = new DatagramSocket(any.getLocalPort() ^ 1, local);
        boolean even = any.getLocalPort() % 2 == 0;
        rtp = even ? any : adjacent;
        rtcp = even ? adjacent : any;
      } catch (SocketException e) {
        any.close();
        if (attempt == MAX_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  String ports() {
    return rtp.getLocalPort() + "-" + rtcp.getLocalPort();
  }

  @Override
  public void rtp(List<byte[]> packets) throws IOException {
    for (byte[] packet : packets) {
      rtp.send(new DatagramPacket(packet, packet.length, client, clientPort));
    }
  }

  @Override
  public void rtcp(byte[] packet) throws IOException {
    rtcp.send(new DatagramPacket(packet, packet.length, client, clientControlPort));
  }

  @Override
  public void write(byte[] bytes) throws IOException {
    rtp(List.of(bytes));
  }

  @Override
  public void close() {
    rtp.close();
    rtcp.close();
  }
}
