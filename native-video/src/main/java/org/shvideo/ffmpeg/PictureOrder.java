package org.shvideo.ffmpeg;

import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVCodecParserContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;

/**
 * Finds out in which order H.264 pictures are shown. Owns FFmpeg's parser until closed. Not
 * thread-safe.
 */
public final class PictureOrder implements AutoCloseable {
  private final AVCodecParserContext parser = avcodec.av_parser_init(avcodec.AV_CODEC_ID_H264);
  private final AVCodecContext context = avcodec.avcodec_alloc_context3(null);
  private final BytePointer unused = new BytePointer((BytePointer) null);
  private final IntPointer unusedSize = new IntPointer(1);

  /** For an H.264 stream, whose parameters are copied. */
  public PictureOrder(AVCodecParameters parameters) {
    parser.flags(AVCodecParserContext.PARSER_FLAG_COMPLETE_FRAMES);
    avcodec.avcodec_parameters_to_context(context, parameters);
  }

  /** The picture order count, which increases in order of presentation up to the next IDR frame. */
  public int count(AVPacket packet) {
    avcodec.av_parser_parse2(
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
    if (!context.isNull()) {
      avcodec.avcodec_free_context(context);
      context.setNull();
      avcodec.av_parser_close(parser);
    }
  }
}
