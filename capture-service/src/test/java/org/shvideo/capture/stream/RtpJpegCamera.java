package org.shvideo.capture.stream;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;

/**
 * A camera that sends one JPEG again and again by RTP (RFC 2435), ten times a second, and describes
 * itself as a test wants. Its video has the control URL {@code track1}.
 */
final class RtpJpegCamera implements AutoCloseable {
  private static final int MAX_PAYLOAD = 1300;

  private final ScriptedServer server;
  private final byte[] jpeg;
  private final int sentWidth;
  private final int sentHeight;
  private final AtomicInteger descriptions = new AtomicInteger();

  /**
   * Listens at once.
   *
   * @param sent width and height in the packets' headers, in units of 8 pixels
   * @param video attributes of the video's description
   * @param more tracks, each with its attributes
   * @param refused the response to SETUP by the end of its URL
   */
  RtpJpegCamera(
      byte[] jpeg, int[] sent, List<String> video, List<String> more, Map<String, String> refused) {
    this.jpeg = jpeg;
    this.sentWidth = sent[0];
    this.sentHeight = sent[1];
    String description =
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\n"
            + "a=control:track1\r\n"
            + String.join("", video.stream().map(line -> line + "\r\n").toList())
            + String.join("", more.stream().map(line -> line + "\r\n").toList());
    server =
        new ScriptedServer(
            (request, out) -> {
              String[] words = request.get(0).split(" ", -1);
              String sequence = ScriptedServer.sequence(request);
              String refusal =
                  refused.entrySet().stream()
                      .filter(
                          entry -> words[0].equals("SETUP") && words[1].endsWith(entry.getKey()))
                      .map(Map.Entry::getValue)
                      .findFirst()
                      .orElse(null);
              if (refusal != null) {
                ScriptedServer.send(out, "RTSP/1.0 " + refusal, sequence);
              } else if (words[0].equals("DESCRIBE")) {
                descriptions.incrementAndGet();
                ScriptedServer.send(
                    out,
                    "RTSP/1.0 200 OK",
                    sequence,
                    "Content-Type: application/sdp",
                    "Content-Length: " + description.length());
                out.write(description.getBytes(StandardCharsets.US_ASCII));
              } else {
                String transport =
                    request.stream()
                        .filter(line -> line.startsWith("Transport:"))
                        .findFirst()
                        .orElse("X: 1");
                ScriptedServer.send(out, "RTSP/1.0 200 OK", sequence, "Session: 1", transport);
              }
              if (words[0].equals("PLAY")) {
                play(out);
              }
              return true;
            });
  }

  /** A drawn picture, in the way that RFC 2435 takes for granted. */
  static byte[] draw(int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    for (int i = 0; i < 20; i++) {
      graphics.setColor(new Color(i * 12, 255 - i * 12, 128));
      graphics.fillRect(i * width / 20, i * height / 30, width / 10, height / 3);
    }
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", out);
    return out.toByteArray();
  }

  String url() {
    return server.url("rtsp", "/live");
  }

  /** How often it was connected to. */
  int connections() {
    return descriptions.get();
  }

  private void play(OutputStream out) throws IOException, InterruptedException {
    ByteArrayOutputStream tables = new ByteArrayOutputStream();
    int at = 2;
    while ((jpeg[at + 1] & 0xff) != 0xda) {
      int length = (jpeg[at + 2] & 0xff) << 8 | (jpeg[at + 3] & 0xff);
      if ((jpeg[at + 1] & 0xff) == 0xdb) {
        for (int table = at + 4; table < at + 2 + length; table += 65) {
          tables.write(jpeg, table + 1, 64);
        }
      }
      at += 2 + length;
    }
    int begin = at + 2 + ((jpeg[at + 2] & 0xff) << 8 | (jpeg[at + 3] & 0xff));
    int scan = jpeg.length - 2 - begin;
    int sequence = 0;
    for (int frame = 0; ; frame++) {
      for (int offset = 0; offset < scan; offset += MAX_PAYLOAD) {
        int length = Math.min(MAX_PAYLOAD, scan - offset);
        ByteBuffer packet = ByteBuffer.allocate(2000);
        packet.put((byte) '$').put((byte) 0).putShort((short) 0);
        boolean last = offset + length == scan;
        packet.put((byte) 0x80).put((byte) (last ? 0x80 | 26 : 26)).putShort((short) sequence++);
        packet.putInt(frame * 9000).putInt(1);
        packet.putInt(offset).put((byte) 1).put((byte) 255);
        packet.put((byte) sentWidth).put((byte) sentHeight);
        if (offset == 0) {
          packet.putShort((short) 0).putShort((short) tables.size()).put(tables.toByteArray());
        }
        packet.put(jpeg, begin + offset, length);
        packet.putShort(2, (short) (packet.position() - 4));
        out.write(packet.array(), 0, packet.position());
      }
      out.flush();
      Thread.sleep(100);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
