package org.shvideo.camera.rtsp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.shvideo.camera.media.AccessUnit;

/**
 * Cuts access units into RTP packets as RFC 6184 has it for packetization mode 1: a NAL unit that
 * fits goes alone, a longer one in fragments (FU-A). Not thread-safe.
 */
final class RtpPacketizer {
  static final int PAYLOAD_TYPE = 96;

  /** Of the time stamps, in Hz. */
  static final int CLOCK_RATE = 90_000;

  /** Bytes of a packet with its header: fits into any Ethernet frame, tunnelled or not. */
  private static final int MOST = 1400;

  private static final int HEADER = 12;
  private static final int FRAGMENT_HEADER = 2;
  private static final int FU_A = 28;

  private final int source;
  private int sequence;
  private int packets;
  private int bytes;

  /**
   * @param source the SSRC
   * @param firstSequence only its low 16 bits count
   */
  RtpPacketizer(int source, int firstSequence) {
    this.source = source;
    this.sequence = firstSequence & 0xffff;
  }

  /** The number that the next packet will bear. */
  int nextSequence() {
    return sequence;
  }

  /** The packets of one unit, the last one marked. */
  List<byte[]> packets(AccessUnit unit, int timestamp) {
    List<byte[]> result = new ArrayList<>();
    int last = unit.nalUnits().size() - 1;
    for (int i = 0; i <= last; i++) {
      byte[] nalUnit = unit.nalUnits().get(i);
      if (nalUnit.length <= MOST - HEADER) {
        byte[] packet = packet(timestamp, i == last, nalUnit.length);
        System.arraycopy(nalUnit, 0, packet, HEADER, nalUnit.length);
        result.add(packet);
      } else {
        addFragments(nalUnit, timestamp, i == last, result);
      }
    }
    return result;
  }

  private void addFragments(byte[] nalUnit, int timestamp, boolean ends, List<byte[]> result) {
    int most = MOST - HEADER - FRAGMENT_HEADER;
    // The NAL unit's own header byte is spread over the two of each fragment.
    for (int from = 1; from < nalUnit.length; from += most) {
      int length = Math.min(most, nalUnit.length - from);
      boolean lastFragment = from + length == nalUnit.length;
      int start = from == 1 ? 0x80 : 0;
      int end = lastFragment ? 0x40 : 0;
      byte[] packet = packet(timestamp, ends && lastFragment, FRAGMENT_HEADER + length);
      packet[HEADER] = (byte) ((nalUnit[0] & 0xe0) | FU_A);
      packet[HEADER + 1] = (byte) (start | end | (nalUnit[0] & 0x1f));
      System.arraycopy(nalUnit, from, packet, HEADER + FRAGMENT_HEADER, length);
      result.add(packet);
    }
  }

  private byte[] packet(int timestamp, boolean marked, int payload) {
    byte[] packet = new byte[HEADER + payload];
    ByteBuffer header = ByteBuffer.wrap(packet);
    header.put((byte) 0x80).put((byte) ((marked ? 0x80 : 0) | PAYLOAD_TYPE));
    header.putShort((short) sequence).putInt(timestamp).putInt(source);
    sequence = (sequence + 1) & 0xffff;
    packets++;
    bytes += payload;
    return packet;
  }

  /**
   * The RTCP sender report (RFC 3550, 6.4.1) that ties the time stamps to the wall clock.
   *
   * @param unixNanos the wall clock's time
   * @param timestamp what a packet taken at that time would bear
   */
  byte[] senderReport(long unixNanos, int timestamp) {
    long seconds = Math.floorDiv(unixNanos, 1_000_000_000L);
    long fraction = (Math.floorMod(unixNanos, 1_000_000_000L) << 32) / 1_000_000_000L;
    byte[] report = new byte[28];
    ByteBuffer fields = ByteBuffer.wrap(report);
    fields.put((byte) 0x80).put((byte) 200).putShort((short) 6).putInt(source);
    fields.putInt((int) (seconds + 2_208_988_800L)).putInt((int) fraction);
    fields.putInt(timestamp).putInt(packets).putInt(bytes);
    return report;
  }
}
