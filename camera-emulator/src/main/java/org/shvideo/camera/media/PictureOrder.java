package org.shvideo.camera.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.av_parser_close;
import static org.bytedeco.ffmpeg.global.avcodec.av_parser_init;
import static org.bytedeco.ffmpeg.global.avcodec.av_parser_parse2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;

import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVCodecParserContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;

/**
 * Finds out in which order H.264 pictures are shown. Owns FFmpeg's parser until closed. Not
 * thread-safe.
 */
final class PictureOrder implements AutoCloseable {
  private final AVCodecParserContext parser = av_parser_init(AV_CODEC_ID_H264);
  private final AVCodecContext context = avcodec_alloc_context3(null);
  private final BytePointer unused = new BytePointer((BytePointer) null);
  private final IntPointer unusedSize = new IntPointer(1);

  PictureOrder(AVCodecParameters parameters) {
    parser.flags(AVCodecParserContext.PARSER_FLAG_COMPLETE_FRAMES);
    avcodec_parameters_to_context(context, parameters);
  }

  /** The picture order count, which increases in order of presentation up to the next IDR frame. */
  int count(AVPacket packet) {
    av_parser_parse2(
        parser,
        context,
        unused,
        unusedSize,
        packet.data(),
        packet.size(),
        packet.pts(),
        packet.dts(),
        packet.pos());
    return parser.output_picture_number();
  }

  @Override
  public void close() {
    unusedSize.close();
    avcodec_free_context(context);
    av_parser_close(parser);
  }
}
