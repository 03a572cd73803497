package org.shvideo.camera.rtsp;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.shvideo.camera.media.AccessUnit;

/**
 * Splits access units into RTP packets (RFC 6184, packetization mode 1): a NAL unit that fits is a
 * packet of its own, a longer one is sent in fragments (FU-A). Not thread-safe.
 */
final class RtpPacketizer {
  static final int PAYLOAD_TYPE = 96;

  /** Ticks per second of the timestamps. */
  static final int CLOCK_RATE = 90_000;

  /** Including the header; fits into any Ethernet frame, tunnelled or not. */
  private static final int MAX_PACKET_BYTES = 1400;

  private static final int HEADER_BYTES = 12;
  private static final int FRAGMENT_HEADER_BYTES = 2;
  private static final int FU_A = 28;
  private static final long NTP_EPOCH_SECONDS = -2_208_988_800L;

  private final int ssrc;
  private int sequence;
  private int packets;
  private int bytes;

  /** Starts a stream, whose first sequence number are the low 16 bits of this one. */
  RtpPacketizer(int ssrc, int firstSequence) {
    this.ssrc = ssrc;
    this.sequence = firstSequence & 0xffff;
  }

  /** The sequence number of the next packet. */
  int nextSequence() {
    return sequence;
  }

  /** The packets of one unit, the last one with the marker bit. */
  List<byte[]> packets(AccessUnit unit, int timestamp) {
    List<byte[]> result = new ArrayList<>();
    int last = unit.nalUnits().size() - 1;
    for (int i = 0; i <= last; i++) {
      byte[] nalUnit = unit.nalUnits().get(i);
      if (nalUnit.length <= MAX_PACKET_BYTES - HEADER_BYTES) {
        byte[] packet = packet(timestamp, i == last, nalUnit.length);
        System.arraycopy(nalUnit, 0, packet, HEADER_BYTES, nalUnit.length);
        result.add(packet);
      } else {
        addFragments(nalUnit, timestamp, i == last, result);
      }
    }
    return result;
  }

  private void addFragments(byte[] nalUnit, int timestamp, boolean isLast, List<byte[]> result) {
    int header = HEADER_BYTES + FRAGMENT_HEADER_BYTES;
    // The NAL unit's own header byte is spread over the two of each fragment.
    for (int from = 1; from < nalUnit.length; ) {
      int length = Math.min(MAX_PACKET_BYTES - header, nalUnit.length - from);
      boolean ends = from + length == nalUnit.length;
      byte[] packet = packet(timestamp, isLast && ends, FRAGMENT_HEADER_BYTES + length);
      packet[HEADER_BYTES] = (byte) ((nalUnit[0] & 0xe0) | FU_A);
      packet[HEADER_BYTES + 1] =
          (byte) ((from == 1 ? 0x80 : 0) | (ends ? 0x40 : 0) | (nalUnit[0] & 0x1f));
      System.arraycopy(nalUnit, from, packet, header, length);
      result.add(packet);
      from += length;
    }
  }

  private byte[] packet(int timestamp, boolean marker, int payload) {
    byte[] packet = new byte[HEADER_BYTES + payload];
    ByteBuffer header = ByteBuffer.wrap(packet);
    header.put((byte) 0x80).put((byte) ((marker ? 0x80 : 0) | PAYLOAD_TYPE));
    header.putShort((short) sequence).putInt(timestamp).putInt(ssrc);
    sequence = (sequence + 1) & 0xffff;
    packets++;
    bytes += payload;
    return packet;
  }

  /**
   * The RTCP sender report (RFC 3550, 6.4.1): a time, and the timestamp of what is captured then.
   */
  byte[] senderReport(Instant time, int timestamp) {
    byte[] report = new byte[28];
    ByteBuffer fields = ByteBuffer.wrap(report);
    fields.put((byte) 0x80).put((byte) 200).putShort((short) 6).putInt(ssrc);
    fields.putInt((int) (time.getEpochSecond() - NTP_EPOCH_SECONDS));
    fields.putInt((int) (((long) time.getNano() << 32) / 1_000_000_000L));
    fields.putInt(timestamp).putInt(packets).putInt(bytes);
    return report;
  }
}
