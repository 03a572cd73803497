package org.shvideo.camera.rtsp;

import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.shvideo.camera.media.EncodedVideo;

/** The response to DESCRIBE (SDP, RFC 4566, with the parameters of RFC 6184). */
final class SessionDescription {
  /** The only track's path, relative to the stream's URL. */
  static final String CONTROL = "trackID=0";

  private SessionDescription() {}

  static String of(EncodedVideo video, String host) {
    List<byte[]> sets = video.parameterSets();
    String encoded =
        sets.stream().map(Base64.getEncoder()::encodeToString).collect(Collectors.joining(","));
    String profile = HexFormat.of().withUpperCase().formatHex(sets.get(0), 1, 4);
    int type = RtpPacketizer.PAYLOAD_TYPE;
    return String.join(
        "\r\n",
        "v=0",
        "o=- 0 0 IN IP4 " + host,
        "s=sh-video camera",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        "m=video 0 RTP/AVP " + type,
        "a=rtpmap:" + type + " H264/" + RtpPacketizer.CLOCK_RATE,
        "a=fmtp:"
            + type
            + " packetization-mode=1;profile-level-id="
            + profile
            + ";sprop-parameter-sets="
            + encoded,
        String.format(Locale.ROOT, "a=framerate:%.3f", video.frameRate()),
        "a=control:" + CONTROL,
        "");
  }
}
