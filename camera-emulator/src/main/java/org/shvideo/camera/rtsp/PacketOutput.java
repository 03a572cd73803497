package org.shvideo.camera.rtsp;

import java.io.IOException;
import java.util.List;

/** Sends the packets of a session to its client. */
interface PacketOutput extends AutoCloseable {
  void rtp(List<byte[]> packets) throws IOException;

  void rtcp(byte[] packet) throws IOException;

  /** Writes bytes that are not a packet. */
  void write(byte[] bytes) throws IOException;

  @Override
  void close();
}
