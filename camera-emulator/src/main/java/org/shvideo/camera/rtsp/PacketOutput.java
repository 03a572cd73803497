package org.shvideo.camera.rtsp;

import java.io.IOException;
import java.util.List;

/** Where a session's packets go. */
interface PacketOutput extends AutoCloseable {
  void rtp(List<byte[]> packets) throws IOException;

  void rtcp(byte[] packet) throws IOException;

  /** Bytes that are no packet. */
  void garbage(byte[] bytes) throws IOException;

  @Override
  void close();
}
