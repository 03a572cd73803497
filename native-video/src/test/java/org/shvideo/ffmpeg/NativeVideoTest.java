package org.shvideo.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_NONE;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_GRAY8;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.swscale.SWS_AREA;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.ffmpeg.Decoder.Received;

final class NativeVideoTest {
  private static final long MEGABYTE = 1 << 20;

  static {
    FFmpegLog.silence();
  }

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"mpeg4, avi, mpeg4", "mpeg4, mkv, mpeg4", "libopenh264, mp4, h264"})
  void whatIsEncodedAndMuxedCanBeDemuxedAndDecoded(String encoder, String container, String codec)
      throws IOException {
    Path file = Clip.write(folder.resolve("кліп." + container), encoder, 12);

    try (Demuxer demuxer = Demuxer.of(file, Map.of())) {
      demuxer.findStreams();
      AVStream video = demuxer.selectVideo();
      assertThat(Decoder.codecName(video.codecpar())).isEqualTo(codec);
      assertThat(video.codecpar().width()).isEqualTo(Clip.WIDTH);
      assertThat(video.codecpar().height()).isEqualTo(Clip.HEIGHT);
      assertThat(demuxer.frameRate()).isCloseTo(Clip.FRAME_RATE, within(0.01));
      assertThat(demuxer.context().duration() / 1e6).isCloseTo(1.2, within(0.11));
      try (Decoder decoder = new Decoder(video.codecpar(), context -> context.thread_count(1))) {
        List<Integer> brightness = brightness(demuxer, decoder);
        assertThat(brightness).hasSize(12);
        for (int i = 0; i < 12; i++) {
          // Video's brightness goes from 16 to 235, that of a grey picture from 0 to 255.
          double expected = (Clip.brightness(i) - 16) * 255 / 219.0;
          assertThat((double) brightness.get(i)).isCloseTo(expected, within(4.0));
        }
      }
    }
  }

  /** Decodes all, scales each frame to 8×8 grey and returns the middle pixels. */
  private static List<Integer> brightness(Demuxer demuxer, Decoder decoder) throws IOException {
    List<Integer> brightness = new ArrayList<>();
    try (Scaler scaler = new Scaler(AV_PIX_FMT_GRAY8, SWS_AREA);
        BytePointer pixels = new BytePointer(64)) {
      Received received = decoder.receive();
      while (received != Received.END) {
        if (received == Received.FRAME) {
          assertThat(decoder.isFrameDamaged()).isFalse();
          scaler.scale(decoder.frame(), 8, 8, pixels, 8);
          brightness.add(pixels.get(36) & 0xff);
        } else {
          AVPacket packet = demuxer.read();
          if (packet == null) {
            decoder.drain();
          } else {
            assertThat(decoder.send(packet)).isTrue();
          }
        }
        received = decoder.receive();
      }
    }
    return brightness;
  }

  @Test
  void metadataIsUnicode() throws IOException {
    Path file = Clip.write(folder.resolve("clip.avi"), "mpeg4", 1);

    try (Demuxer demuxer = Demuxer.of(file, Map.of())) {
      assertThat(demuxer.metadata())
          .containsEntry("title", "Двір")
          .containsEntry("comment", "test");
    }
  }

  @Test
  void aFrameThatDoesNotFitIsConvertedForTheEncoder() throws IOException {
    try (Encoder encoder = Clip.encoder("mpeg4");
        Decoder decoder = new Decoder(encoder.parameters(), context -> {})) {
      AVFrame large = Clip.frame(AV_PIX_FMT_BGR24, 640, 480, 200);
      encoder.send(large, 0);
      Frames.free(large);

      assertThat(decoder.send(encoder.receive())).isTrue();
      assertThat(encoder.receive()).isNull();
      encoder.drain();
      assertThat(encoder.receive()).isNull();
      decoder.drain();
      assertThat(decoder.receive()).isEqualTo(Received.FRAME);
      assertThat(decoder.frame().width()).isEqualTo(Clip.WIDTH);
      // 200 of 255 on video's scale from 16 to 235.
      assertThat((double) (decoder.frame().data(0).get(0) & 0xff)).isCloseTo(188, within(4.0));
      assertThat(decoder.frame().color_range()).isIn(0, AVCOL_RANGE_MPEG);
    }
  }

  @Test
  void theBitstreamFilterReplacesLengthPrefixesByStartCodes() throws IOException {
    Path file = Clip.write(folder.resolve("clip.mp4"), "libopenh264", 3);

    try (Demuxer demuxer = Demuxer.of(file, Map.of())) {
      demuxer.findStreams();
      AVStream video = demuxer.selectVideo();
      try (BitstreamFilter filter = new BitstreamFilter("h264_mp4toannexb", video.codecpar())) {
        AVPacket filtered = filter.filter(demuxer.read());

        assertThat(filtered.data().getInt()).isEqualTo(Integer.reverseBytes(1));
        assertThat(filter.parameters().extradata().getInt()).isEqualTo(Integer.reverseBytes(1));
      }
    }
  }

  @Test
  void aFileThatIsNoVideoOrMissingIsRefusedWithASentence() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.avi"), "no video at all\n".repeat(100));
    Path missing = folder.resolve("missing.avi");

    assertThatThrownBy(() -> Demuxer.of(text, Map.of()))
        .isInstanceOf(FFmpegException.class)
        .hasMessage("cannot open " + text + ": Invalid data found when processing input");
    assertThatThrownBy(() -> Demuxer.of(missing, Map.of()))
        .isInstanceOf(FFmpegException.class)
        .hasMessage("cannot open " + missing + ": No such file or directory");
  }

  @Test
  void onlyTheContainersOfTheWhitelistAreOpened() throws IOException {
    Path file = Clip.write(folder.resolve("clip.mkv"), "mpeg4", 1);

    assertThatThrownBy(() -> Demuxer.of(file, Map.of("format_whitelist", "avi,mov")))
        .hasMessage("cannot open " + file + ": Invalid data found when processing input");
    Demuxer.of(file, Map.of("format_whitelist", "avi,matroska")).close();
  }

  /** One that names itself used to crash the process; one whose segment is no video never ended. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ffconcat version 1.0\\nfile 'a.avi'\\n | a playlist (concat)",
        "ffconcat version 1.0\\nfile 'clip.mkv'\\n | a playlist (concat)",
        "v=0\\no=- 0 0 IN IP4 127.0.0.1\\nc=IN IP4 127.0.0.1\\nm=video 9 RTP/AVP 96\\n"
            + " | a playlist (sdp)",
        "1\\n00:00:00,000 --> 00:00:01,000\\nA\\n\\n | SubRip subtitle (srt)",
      })
  void whatNamesOtherFilesIsRefusedUnderAnyName(String content, String reason) throws IOException {
    Clip.write(folder.resolve("clip.mkv"), "mpeg4", 1);
    Path file = Files.writeString(folder.resolve("a.avi"), content.replace("\\n", "\n"));

    assertThatThrownBy(() -> Demuxer.of(file, Map.of()))
        .isInstanceOfSatisfying(
            FFmpegException.class,
            e -> {
              assertThat(e.problem()).isEqualTo(FFmpegException.Problem.NO_VIDEO);
              assertThat(e.reason()).isEqualTo(reason);
            });
  }

  @Test
  void aPlaylistOfSegmentsAndAPatternOfNamesAreRefused() throws IOException {
    Path hls =
        Files.writeString(
            folder.resolve("a.m3u8"),
            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,\nb.ts\n");
    Files.writeString(folder.resolve("b.ts"), "aaaaaaaaaa");
    Path pattern = Files.write(folder.resolve("p%d.jpg"), new byte[] {-1, -40, -1, -32, 0, 16});

    assertThatThrownBy(() -> Demuxer.of(hls, Map.of())).hasMessageEndingWith("(hls)");
    assertThatThrownBy(() -> Demuxer.of(pattern, Map.of())).hasMessageEndingWith("(image2)");
  }

  @Test
  void aPipeAndAFolderAreNotOpened() throws Exception {
    Path pipe = folder.resolve("pipe.avi");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertThatThrownBy(() -> Demuxer.of(pipe, Map.of()))
        .hasMessage("cannot open " + pipe + ": a pipe or device");
    assertThatThrownBy(() -> Demuxer.of(folder, Map.of()))
        .hasMessage("cannot open " + folder + ": a folder");
  }

  @Test
  void aClipThatWasCutOffYieldsWhatIsThere() throws IOException {
    Path file = Clip.write(folder.resolve("clip.avi"), "mpeg4", 12);
    byte[] bytes = Files.readAllBytes(file);
    // Without the index and the last chunk's end.
    int index = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("idx1");
    Files.write(file, Arrays.copyOf(bytes, index - 20));

    int packets = 0;
    try (Demuxer demuxer = Demuxer.of(file, Map.of())) {
      demuxer.findStreams();
      demuxer.selectVideo();
      while (demuxer.read() != null) {
        packets++;
      }
      assertThat(demuxer.hasIoError()).isFalse();
    }
    assertThat(packets).isBetween(11, 12);
  }

  @Test
  void damagedPacketsGiveNoException() throws IOException {
    try (Encoder encoder = Clip.encoder("mpeg4");
        Decoder decoder = new Decoder(encoder.parameters(), context -> {})) {
      AVFrame frame = Clip.frame(AV_PIX_FMT_YUV420P, Clip.WIDTH, Clip.HEIGHT, 100);
      encoder.send(frame, 0);
      Frames.free(frame);
      AVPacket packet = encoder.receive();
      for (int i = 0; i < packet.size(); i++) {
        packet.data().put(i, (byte) (i * 37));
      }

      boolean sent = decoder.send(packet);

      assertThat(sent && decoder.receive() == Received.FRAME && !decoder.isFrameDamaged())
          .isFalse();
      decoder.flush();
    }
  }

  @Test
  void anUnknownCodecHasNoDecoder() throws IOException {
    try (Encoder encoder = Clip.encoder("mpeg4")) {
      encoder.parameters().codec_id(AV_CODEC_ID_NONE);
      encoder.parameters().codec_tag('A' | 'B' << 8 | 'C' << 16 | 'D' << 24);

      assertThat(Decoder.exists(encoder.parameters())).isFalse();
      assertThatThrownBy(() -> new Decoder(encoder.parameters(), context -> {}))
          .isInstanceOf(FFmpegException.class)
          .hasMessage("cannot decode ABCD: Decoder not found");
    }
  }

  @Test
  void anEncoderThatIsMissingOrDoesNotKnowAnOptionIsRefused() {
    assertThatThrownBy(() -> new Encoder("none", Map.of(), context -> {}))
        .hasMessage("cannot encode with none: Encoder not found");
    assertThatThrownBy(() -> new Encoder("mpeg4", Map.of("rc_moode", "off"), NativeVideoTest::size))
        .hasMessage("cannot encode with mpeg4: Option not found");
  }

  @Test
  void aFileThatCannotBeWrittenIsRefusedWithASentence() throws IOException {
    Path nowhere = folder.resolve("missing/clip.avi");

    assertThatThrownBy(() -> Clip.write(nowhere, "mpeg4", 1))
        .isInstanceOf(FFmpegException.class)
        .hasMessage("cannot write " + nowhere + ": No such file or directory");
    Path full = Files.createSymbolicLink(folder.resolve("full.avi"), Path.of("/dev/full"));
    assertThatThrownBy(() -> Clip.write(full, "mpeg4", 1))
        .isInstanceOf(FFmpegException.class)
        .hasMessage("cannot write " + full + ": No space left on device");
  }

  @Tag("server")
  @Test
  void aWaitEndsWhenTheInterruptSaysSo() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String url = "tcp://127.0.0.1:" + silent.getLocalPort();
      long deadline = System.nanoTime() + Duration.ofMillis(300).toNanos();

      assertThatThrownBy(
              () ->
                  new Demuxer(
                      url,
                      "camera",
                      Map.of(),
                      other -> false,
                      Long.MAX_VALUE,
                      () -> System.nanoTime() > deadline))
          .isInstanceOfSatisfying(
              FFmpegException.class,
              e -> assertThat(e.reason()).isEqualTo("Immediate exit requested"));

      assertThat(Duration.ofNanos(System.nanoTime() - deadline)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void aFrameOutlivesTheReopeningOfItsDecoder() throws IOException {
    try (Encoder encoder = Clip.encoder("mpeg4");
        Decoder decoder = new Decoder(encoder.parameters(), context -> {})) {
      AVFrame grey = Clip.frame(AV_PIX_FMT_YUV420P, Clip.WIDTH, Clip.HEIGHT, 100);
      encoder.send(grey, 0);
      Frames.free(grey);
      decoder.send(encoder.receive());
      decoder.drain();
      assertThat(decoder.receive()).isEqualTo(Received.FRAME);
      AVFrame kept = Frames.share(decoder.frame());

      decoder.reopen();

      assertThat((double) (decoder.frame().data(0).get(0) & 0xff)).isCloseTo(100, within(3.0));
      decoder.releaseFrame();
      assertThat((double) (kept.data(0).get(0) & 0xff)).isCloseTo(100, within(3.0));
      Frames.free(kept);
      Frames.free(kept);
    }
  }

  @Test
  void packetsAreSharedAndFreedOnce() throws IOException {
    assertThat(Packets.NO_TIMESTAMP).isEqualTo(AV_NOPTS_VALUE);
    Path file = Clip.write(folder.resolve("clip.avi"), "mpeg4", 2);
    try (Demuxer demuxer = Demuxer.of(file, Map.of())) {
      demuxer.selectVideo();
      AVPacket borrowed = demuxer.read();
      AVPacket shared = Packets.share(borrowed);
      AVPacket taken = Packets.take(borrowed);
      assertThat(taken.data().address()).isEqualTo(shared.data().address());
      assertThat(borrowed.size()).isZero();

      Packets.free(taken);
      Packets.free(taken);
      assertThat(shared.data().get(shared.size() - 1L)).isBetween(Byte.MIN_VALUE, Byte.MAX_VALUE);
      Packets.free(shared);
    }
  }

  @Test
  void everythingMayBeClosedTwice() throws IOException {
    Path file = Clip.write(folder.resolve("clip.mp4"), "libopenh264", 2);
    Demuxer demuxer = Demuxer.of(file, Map.of());
    demuxer.findStreams();
    AVStream video = demuxer.selectVideo();
    Decoder decoder = new Decoder(video.codecpar(), context -> {});
    BitstreamFilter filter = new BitstreamFilter("h264_mp4toannexb", video.codecpar());
    Encoder encoder = Clip.encoder("mpeg4");
    Muxer muxer =
        new Muxer(
            folder.resolve("copy.avi"),
            "avi",
            encoder.parameters(),
            Map.of(),
            stream -> stream.time_base().num(1).den(25));
    Scaler scaler = new Scaler(AV_PIX_FMT_GRAY8, SWS_AREA);
    for (AutoCloseable each : List.of(muxer, filter, decoder, encoder, demuxer, scaler)) {
      try {
        each.close();
        each.close();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void failuresAndReopeningLeakNothing() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.avi"), "no video at all\n".repeat(100));
    Path nowhere = folder.resolve("missing/clip.avi");
    long before = 0;
    try (Encoder large = largeEncoder();
        Decoder decoder = new Decoder(large.parameters(), context -> context.thread_count(1))) {
      AVFrame frame = Clip.frame(AV_PIX_FMT_BGR24, 1920, 1080, 100);
      for (int i = 0; i < 150; i++) {
        if (i == 20) {
          before = Pointer.physicalBytes();
        }
        // About 3 MB in the encoder, the converted frame and the decoder each.
        try (Encoder encoder = largeEncoder()) {
          encoder.send(frame, 0);
          decoder.send(encoder.receive());
          decoder.drain();
          assertThat(decoder.receive()).isEqualTo(Received.FRAME);
          decoder.reopen();
          assertThatThrownBy(
                  () ->
                      new Muxer(
                          nowhere, "avi", encoder.parameters(), Map.of("a", "b"), stream -> {}))
              .isInstanceOf(FFmpegException.class);
        }
        assertThatThrownBy(
                () ->
                    new Decoder(large.parameters(), context -> context.codec_id(AV_CODEC_ID_H264)))
            .isInstanceOf(FFmpegException.class);
        assertThatThrownBy(() -> Demuxer.of(text, Map.of())).isInstanceOf(FFmpegException.class);
      }
      Frames.free(frame);
    }
    assertThat(Pointer.physicalBytes() - before).isLessThan(150 * MEGABYTE);
  }

  private static Encoder largeEncoder() throws IOException {
    return new Encoder("mpeg4", Map.of(), NativeVideoTest::size);
  }

  private static void size(AVCodecContext context) {
    context.width(1920).height(1080).pix_fmt(AV_PIX_FMT_YUV420P).bit_rate(1_000_000);
    context.time_base().num(1).den(25);
  }
}
