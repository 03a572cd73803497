package org.shvideo.camera;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_interleaved_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.av_mallocz;
import static org.bytedeco.ffmpeg.global.avutil.av_rescale;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.javacpp.BytePointer;
import org.shvideo.camera.media.AccessUnit;
import org.shvideo.camera.media.EncodedVideo;

/** Writes video files with FFmpeg; the file name extension determines the container. */
public final class TestFile {
  private static final int PADDING = 64;

  private TestFile() {}

  /** These NAL units with start codes. */
  public static byte[] annexB(List<byte[]> nalUnits) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte[] nal : nalUnits) {
      bytes.writeBytes(new byte[] {0, 0, 0, 1});
      bytes.writeBytes(nal);
    }
    return bytes.toByteArray();
  }

  public static Path write(Path file, EncodedVideo video) throws IOException {
    return write(
        file,
        AV_CODEC_ID_H264,
        video,
        video.units().stream().map(unit -> annexB(unit.nalUnits())).toList());
  }

  /** Writes a file with other packets in place of those of the video. */
  public static Path write(Path file, int codec, EncodedVideo video, List<byte[]> pictures)
      throws IOException {
    AVFormatContext context = new AVFormatContext(null);
    check(
        avformat_alloc_output_context2(
            context, (AVOutputFormat) null, (String) null, file.toString()));
    AVIOContext io = new AVIOContext(null);
    check(avio_open(io, file.toString(), AVIO_FLAG_WRITE));
    context.pb(io);
    AVStream stream = avformat_new_stream(context, null);
    int fps = (int) Math.round(video.frameRate());
    stream.codecpar().codec_type(AVMEDIA_TYPE_VIDEO).codec_id(codec);
    stream.codecpar().width(video.width()).height(video.height());
    stream.codecpar().framerate().num(fps).den(1);
    stream.time_base().num(1).den(fps);
    stream.avg_frame_rate().num(fps).den(1);
    byte[] header = codec == AV_CODEC_ID_H264 ? annexB(video.parameterSets()) : new byte[0];
    if (header.length > 0) {
      BytePointer extra = new BytePointer(av_mallocz(header.length + PADDING));
      stream.codecpar().extradata(extra.put(header)).extradata_size(header.length);
    }
    check(avformat_write_header(context, (AVDictionary) null));
    AVPacket packet = av_packet_alloc();
    for (int i = 0; i < pictures.size(); i++) {
      AccessUnit unit = video.units().get(i);
      check(av_new_packet(packet, pictures.get(i).length));
      packet.data().put(pictures.get(i));
      packet.flags(unit.keyframe() ? AV_PKT_FLAG_KEY : 0);
      long perSecond = stream.time_base().den();
      packet.dts(av_rescale(unit.dtsMicros(), perSecond, 1_000_000L * stream.time_base().num()));
      packet.pts(av_rescale(unit.ptsMicros(), perSecond, 1_000_000L * stream.time_base().num()));
      check(av_interleaved_write_frame(context, packet));
    }
    av_packet_free(packet);
    check(av_write_trailer(context));
    avio_closep(io);
    avformat_free_context(context);
    return file;
  }

  private static void check(int result) throws IOException {
    if (result < 0) {
      throw new IOException("cannot write the file: FFmpeg error " + result);
    }
  }
}
