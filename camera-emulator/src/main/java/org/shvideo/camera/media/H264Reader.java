package org.shvideo.camera.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_bsf_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_bsf_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_bsf_get_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.av_bsf_init;
import static org.bytedeco.ffmpeg.global.avcodec.av_bsf_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_bsf_send_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.av_parser_close;
import static org.bytedeco.ffmpeg.global.avcodec.av_parser_init;
import static org.bytedeco.ffmpeg.global.avcodec.av_parser_parse2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_copy;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_guess_frame_rate;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVBSFContext;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParserContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;

/**
 * Reads the H.264 packets of a file with FFmpeg, in decoding order and in Annex B form. Owns the
 * native objects until it is closed. Not thread-safe.
 */
final class H264Reader implements AutoCloseable {
  /** Time stamp of a packet for which the file has none. */
  static final long NONE = AV_NOPTS_VALUE;

  /** Only containers: a playlist could name other files and addresses. */
  private static final String FORMATS = "mov,mp4,avi,matroska,mpegts,flv,h264,hevc";

  private final AVFormatContext input = new AVFormatContext(null);
  private final AVBSFContext toAnnexB = new AVBSFContext(null);
  private final AVPacket packet = av_packet_alloc();
  private final BytePointer parsed = new BytePointer((BytePointer) null);
  private final IntPointer parsedSize = new IntPointer(1);
  private final AVCodecParserContext parser = av_parser_init(AV_CODEC_ID_H264);
  private final AVCodecContext parserContext = avcodec_alloc_context3(null);
  private AVStream stream;

  /**
   * Opens the file's video stream.
   *
   * @throws IOException with the reason, to be continued from "cannot play FILE:"
   */
  H264Reader(Path file) throws IOException {
    try {
      open(file);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void open(Path file) throws IOException {
    AVDictionary options = new AVDictionary(null);
    av_dict_set(options, "format_whitelist", FORMATS, 0);
    int opened = avformat_open_input(input, "file:" + file.toAbsolutePath(), null, options);
    av_dict_free(options);
    check(opened, "not a readable MP4, MOV, AVI, Matroska, MPEG-TS or raw H.264 file");
    check(avformat_find_stream_info(input, (AVDictionary) null), "damaged");
    int video = av_find_best_stream(input, AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0);
    check(video, "no video stream");
    stream = input.streams(video);
    int codec = stream.codecpar().codec_id();
    if (codec != AV_CODEC_ID_H264) {
      throw new IOException("its video is " + avcodec_get_name(codec).getString() + ", not H.264");
    }
    check(av_bsf_alloc(av_bsf_get_by_name("h264_mp4toannexb"), toAnnexB), "out of memory");
    check(avcodec_parameters_copy(toAnnexB.par_in(), stream.codecpar()), "out of memory");
    check(av_bsf_init(toAnnexB), "damaged");
    parser.flags(AVCodecParserContext.PARSER_FLAG_COMPLETE_FRAMES);
    check(avcodec_parameters_to_context(parserContext, toAnnexB.par_out()), "damaged");
  }

  int width() {
    return stream.codecpar().width();
  }

  int height() {
    return stream.codecpar().height();
  }

  /** The parameter sets from the file's header in Annex B form; empty if there are none. */
  byte[] header() {
    byte[] header = new byte[toAnnexB.par_out().extradata_size()];
    if (header.length > 0) {
      toAnnexB.par_out().extradata().get(header);
    }
    return header;
  }

  /** Goes to the next packet; false at the end. */
  boolean next() throws IOException {
    av_packet_unref(packet);
    while (av_bsf_receive_packet(toAnnexB, packet) < 0) {
      do {
        av_packet_unref(packet);
        if (av_read_frame(input, packet) < 0) {
          return false;
        }
      } while (packet.stream_index() != stream.index());
      check(av_bsf_send_packet(toAnnexB, packet), "damaged");
    }
    av_parser_parse2(
        parser,
        parserContext,
        parsed,
        parsedSize,
        packet.data(),
        packet.size(),
        packet.pts(),
        packet.dts(),
        packet.pos());
    return true;
  }

  /** The current packet in Annex B form. */
  byte[] data() {
    byte[] data = new byte[packet.size()];
    packet.data().get(data);
    return data;
  }

  boolean keyframe() {
    return (packet.flags() & AV_PKT_FLAG_KEY) != 0;
  }

  /** The picture order count: the order of presentation from one IDR frame to the next. */
  int order() {
    return parser.output_picture_number();
  }

  /** In microseconds, or {@link #NONE}. */
  long dts() {
    return micros(packet.dts());
  }

  /** In microseconds, or {@link #NONE}. */
  long pts() {
    return micros(packet.pts());
  }

  /** In microseconds, estimated from the frame rate if the file does not say. */
  long duration() {
    AVRational rate = av_guess_frame_rate(input, stream, null);
    return packet.duration() > 0 || rate.num() <= 0
        ? micros(packet.duration())
        : 1_000_000L * rate.den() / rate.num();
  }

  private long micros(long ticks) {
    AVRational base = stream.time_base();
    return ticks == AV_NOPTS_VALUE
        ? NONE
        : Math.round((double) ticks * 1_000_000 * base.num() / base.den());
  }

  private static void check(int result, String problem) throws IOException {
    if (result < 0) {
      byte[] text = new byte[200];
      av_strerror(result, text, text.length);
      String detail = new String(text, StandardCharsets.UTF_8).replace("\0", "");
      throw new IOException(problem + " (" + detail + ")");
    }
  }

  @Override
  public void close() {
    parsedSize.close();
    avcodec_free_context(parserContext);
    av_parser_close(parser);
    av_packet_free(packet);
    av_bsf_free(toAnnexB);
    avformat_close_input(input);
  }
}
