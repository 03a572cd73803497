package org.shvideo.capture.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.capture.stream.TestVideo;
import org.shvideo.capture.testing.RecordedClip;
import org.shvideo.capture.testing.Samples;
import org.shvideo.ffmpeg.Demuxer;
import org.shvideo.ffmpeg.Frames;
import org.shvideo.ffmpeg.Muxer;
import org.shvideo.tasks.job.Job;
import org.shvideo.tasks.video.VideoFolder;

class InboxTest {
  private static final Clock KYIV = Clock.system(ZoneId.of("Europe/Kyiv"));
  private static final String NAME = "VID_20260223_144819.mp4";
  private static final String CLIP = "20260223-144819.mkv";

  @TempDir static Path videos;
  private static Path phone;

  @TempDir Path root;
  private VideoFolder folder;
  private ClipStore store;
  private Inbox inbox;
  private long nanos;
  private ClipListener listener = ClipListener.NONE;

  @BeforeAll
  static void film() {
    phone = TestVideo.of("libopenh264", 10, 20).write(videos.resolve("phone.mp4"));
  }

  @BeforeEach
  void open() throws IOException {
    folder = new VideoFolder(root.resolve("video"));
    start();
    Files.createDirectory(folder.inbox());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void start() throws IOException {
    store =
        ClipStore.open(
            folder,
            false,
            KYIV,
            new ClipListener() {
              @Override
              public void step(Step step, String clip) {
                listener.step(step, clip);
              }
            });
    inbox = new Inbox(store, KYIV, () -> nanos);
  }

  // clips

  @Test
  void anUploadBecomesAClipAndAJob() throws Exception {
    upload("front door/" + NAME);

    check(10);

    String name = "20260223-144819-front-door.mkv";
    OffsetDateTime time = OffsetDateTime.parse("2026-02-23T14:48:19+02:00");
    assertThat(clips()).containsExactly(name);
    Job job = store.outbox().get(name).orElseThrow();
    assertThat(job).isEqualTo(new Job(job.id(), name, "front door", time));
    assertThat(inboxFiles()).isEmpty();
    RecordedClip clip = RecordedClip.read(folder.root().resolve(name));
    RecordedClip original = RecordedClip.read(phone);
    assertThat(clip.data()).containsExactlyElementsOf(original.data());
    assertThat(clip.decoded()).isEqualTo(20);
    assertThat(clip.metadata()).containsEntry("title", "front door");
    assertThat(OffsetDateTime.parse(clip.metadata().get("date"))).isEqualTo(time);
  }

  @ParameterizedTest
  @ValueSource(strings = {"h264-b-frames.mp4", "hevc.mp4"})
  void eachPictureKeepsItsTime(String sample) throws Exception {
    Path file = Samples.file(sample);
    Files.copy(file, folder.inbox().resolve(NAME));

    check(10);

    List<Double> times = RecordedClip.times(folder.root().resolve(CLIP));
    List<Double> original = RecordedClip.times(file);
    assertThat(times).hasSameSizeAs(original);
    for (int i = 0; i < times.size(); i++) {
      assertThat(times.get(i) - times.get(0))
          .isEqualTo(original.get(i) - original.get(0), within(0.002));
    }
  }

  @Test
  void aVideoThatWasFilmedUprightStaysUpright() throws Exception {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(phone));
    int type = new String(bytes.array(), StandardCharsets.ISO_8859_1).indexOf("tkhd");
    for (int value : List.of(0, 1 << 16, 0, -1 << 16, 0, 0)) { // as of ISO/IEC 14496-12
      bytes.putInt(type + 44, value);
      type += Integer.BYTES;
    }
    Path upright = Files.write(folder.inbox().resolve(NAME), bytes.array());
    int turned = quarterTurn(upright);

    check(10);

    assertThat(turned).isNotZero();
    assertThat(quarterTurn(folder.root().resolve(CLIP))).isEqualTo(turned);
  }

  private static int quarterTurn(Path file) throws IOException {
    try (Demuxer input = Demuxer.of(file, Map.of())) {
      input.findStreams();
      IntBuffer matrix = Frames.displayMatrix(input.selectVideo().codecpar());
      return matrix == null ? 0 : matrix.get(1) >> 16;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"avi", "mkv", "ts", "mov"})
  void filesOfOtherKindsBecomeClips(String extension) throws Exception {
    Path file = TestVideo.of("mpeg4", 10, 20).write(videos.resolve("video." + extension));
    Files.copy(file, folder.inbox().resolve("20260223-144819." + extension));

    check(10);

    String name = "20260223-144819." + (extension.equals("avi") ? "avi" : "mkv");
    assertThat(clips()).containsExactly(name);
    RecordedClip clip = RecordedClip.read(folder.root().resolve(name));
    assertThat(clip.decoded()).isEqualTo(20);
    assertThat(clip.seconds()).isEqualTo(2, within(0.11));
  }

  @Test
  void theClipIsDatedByWhatTheFileSaysThenByItsNameThenByItsAge() throws Exception {
    Path tagged = folder.inbox().resolve("20250101-000000.mp4");
    tag(tagged, "2026-02-23T10:00:00Z");
    Path wrong = folder.inbox().resolve("2026-02-24 10.00.00.mp4");
    tag(wrong, "1971-01-01T00:00:00Z");
    upload("20261399_999999.mp4", Instant.parse("2026-02-25T08:00:02Z"));

    check(10);

    assertThat(clips())
        .containsExactly("20260223-120000.mkv", "20260224-100000.mkv", "20260225-100000.mkv");
  }

  @Test
  void uploadsOfTheSameSecondGetNumbers() throws Exception {
    upload(NAME);
    upload("a/" + NAME);
    upload("a/2026/02/23/" + NAME);

    check(10);

    assertThat(clips()).containsExactly("20260223-144819-a-2.mkv", "20260223-144819-a.mkv", CLIP);
    assertThat(store.outbox().clips()).hasSize(3);
  }

  @Test
  void aHundredFilesBecomeAHundredClips() throws Exception {
    for (int i = 0; i < 100; i++) {
      upload("cam%d/%d.mp4".formatted(i % 3, i));
    }

    check(10);
    check(10);

    assertThat(clips()).hasSize(100);
    assertThat(store.outbox().clips()).hasSize(100);
    assertThat(inboxFiles()).isEmpty();
  }

  // waiting

  @Test
  void aSlowUploadIsWaitedFor() throws Exception {
    byte[] bytes = Files.readAllBytes(phone);
    Path file = folder.inbox().resolve(NAME);
    for (int part = 0; part < 4; part++) {
      byte[] next =
          Arrays.copyOfRange(bytes, bytes.length * part / 4, bytes.length * (part + 1) / 4);
      Files.write(file, next, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      assertThat(clips()).isEmpty();
      check(part == 3 ? 9 : 60);
      assertThat(clips()).isEmpty();
    }

    check(10);

    assertThat(clips()).containsExactly(CLIP);
    assertThat(RecordedClip.read(folder.root().resolve(CLIP)).decoded()).isEqualTo(20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"avi", "mkv", "mp4"})
  void whatIsCutOffIsTakenWhenNothingComesAnyMore(String extension) throws Exception {
    Path whole = TestVideo.of("mpeg4", 10, 20).write(videos.resolve("cut." + extension));
    byte[] bytes = Files.readAllBytes(whole);
    Path file = folder.inbox().resolve("20260223-144819." + extension);
    Files.write(file, Arrays.copyOf(bytes, bytes.length * 2 / 3));

    check(590);
    assertThat(clips()).isEmpty();
    assertThat(rejected()).isEmpty();

    check(10);
    if (extension.equals("mp4")) { // its index came last
      assertThat(rejected()).containsExactly(file.getFileName().toString());
    } else {
      assertThat(RecordedClip.read(folder.root().resolve(clips().get(0))).decoded())
          .isBetween(5, 19);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {NAME + ".part", NAME + ".TMP", "." + NAME, ".new/" + NAME})
  void whatIsRenamedAtItsEndIsWaitedFor(String unfinished) throws Exception {
    Path file = upload(unfinished);
    check(3600);
    assertThat(clips()).isEmpty();
    assertThat(file).exists();

    Files.move(file, folder.inbox().resolve(NAME));
    check(10);

    assertThat(clips()).containsExactly(CLIP);
  }

  @Test
  void whatIsWrittenToWhileItIsReadIsReadAgain() throws Exception {
    byte[] bytes =
        Files.readAllBytes(TestVideo.of("mpeg4", 10, 20).write(videos.resolve("stalled.ts")));
    try (OutputStream uploader =
        Files.newOutputStream(folder.inbox().resolve("20260223-144819.ts"))) {
      uploader.write(bytes, 0, bytes.length / 2);
      inbox =
          new Inbox(
              store,
              asked(() -> uploader.write(bytes, bytes.length / 2, bytes.length - bytes.length / 2)),
              () -> nanos);
      check(10);
      assertThat(clips()).isEmpty();
    }
    inbox = new Inbox(store, KYIV, () -> nanos);

    check(0);

    assertThat(clips()).containsExactly(CLIP);
    assertThat(RecordedClip.read(folder.root().resolve(CLIP)).decoded()).isEqualTo(20);
  }

  private interface Action {
    void run() throws IOException;
  }

  /** A clock; the inbox asks it while it reads a file. */
  private static Clock asked(Action action) {
    return new Clock() {
      private boolean done;

      @Override
      public ZoneId getZone() {
        return KYIV.getZone();
      }

      @Override
      public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException();
      }

      @Override
      public Instant instant() {
        try {
          if (!done) {
            done = true;
            action.run();
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        return KYIV.instant();
      }
    };
  }

  @Test
  void nothingIsTakenWhileRecordingPauses() throws Exception {
    upload(NAME);
    store.pause(true);
    check(10);
    assertThat(clips()).isEmpty();

    store.pause(false);
    check(10);
    assertThat(clips()).containsExactly(CLIP);
  }

  // what is none

  @Test
  void whatIsNoVideoIsSetAsideWithItsReason() throws Exception {
    Files.createFile(folder.inbox().resolve("empty.mp4"));
    Files.writeString(folder.inbox().resolve("text.mp4"), "I am no video.");
    Files.write(folder.inbox().resolve("zeros.mkv"), new byte[100_000]);
    Files.writeString(
        folder.inbox().resolve("list.avi"), "ffconcat version 1.0\nfile '" + phone + "'\n");
    Path outside = Files.copy(phone, root.resolve("outside.mp4"));
    Files.createSymbolicLink(folder.inbox().resolve("link.mp4"), outside);
    Path deep = folder.inbox().resolve("1/2/3/4/5/6/7/8");
    Files.createDirectories(deep);
    Files.copy(phone, deep.resolve("x.mp4"));
    Path huge = new TestVideo("mjpeg", 320, 240, 1, 1, 1, 0, 0).write(root.resolve("huge.avi"));
    enlarge(huge, 8000, 5008);
    Files.move(huge, folder.inbox().resolve("huge.avi"));
    upload(NAME);

    check(600);

    assertThat(clips()).containsExactly(CLIP);
    assertThat(rejected())
        .containsExactly(
            "8", "empty.mp4", "huge.avi", "link.mp4", "list.avi", "text.mp4", "zeros.mkv");
    assertThat(reason("empty.mp4")).contains("empty");
    assertThat(reason("text.mp4")).contains("text.mp4: it is no video");
    assertThat(reason("list.avi")).contains("a playlist");
    assertThat(reason("link.mp4")).contains("a link");
    assertThat(reason("8")).contains("1/2/3/4/5/6/7/8: it is a folder");
    assertThat(reason("huge.avi")).contains("8000 × 5008", "40 megapixels");
    assertThat(outside).exists();
  }

  /** Says in all headers of an AVI file with JPEGs of 320×240 that they are larger. */
  private static void enlarge(Path file, int width, int height) throws IOException {
    ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file));
    for (int i = 0; i + Long.BYTES <= content.limit(); i++) {
      if (content.getInt(i) == (240 << 16 | 320)) {
        content.putInt(i, height << 16 | width);
      }
      if (content.getLong(i) == Long.reverseBytes(240L << 32 | 320)) {
        content.putLong(i, Long.reverseBytes((long) height << 32 | width));
      }
    }
    Files.write(file, content.array());
  }

  @Test
  void rejectedFilesOfTheSameNameAreAllKept() throws Exception {
    for (String camera : List.of("a", "b", "c")) {
      Files.createDirectory(folder.inbox().resolve(camera));
      Files.writeString(folder.inbox().resolve(camera + "/x.mp4"), camera);
    }
    Files.writeString(folder.inbox().resolve("x.mp4.txt"), "a text");

    check(10);

    assertThat(rejected()).hasSize(4);
    List<String> reasons = new ArrayList<>();
    for (String name : rejected()) {
      reasons.add(reason(name).replaceFirst(":(?s).*", ""));
    }
    assertThat(reasons).containsExactlyInAnyOrder("a/x.mp4", "b/x.mp4", "c/x.mp4", "x.mp4.txt");
  }

  // crashes

  @ParameterizedTest
  @EnumSource(ClipListener.Step.class)
  void aCrashInEachStepOfPublicationLosesNothingAndQueuesNothingTwice(ClipListener.Step at)
      throws Exception {
    upload("door/" + NAME);
    listener =
        new ClipListener() {
          @Override
          public void step(Step step, String clip) {
            if (step == at) {
              throw new IllegalStateException("a crash in " + step);
            }
          }
        };
    check(10);
    listener = ClipListener.NONE;

    restart();
    check(10);

    assertThat(clips()).containsExactly("20260223-144819-door.mkv");
    assertThat(store.outbox().clips()).containsExactly("20260223-144819-door.mkv");
    Job job = store.outbox().get("20260223-144819-door.mkv").orElseThrow();
    assertThat(job.camera()).isEqualTo("door");
    assertThat(job.recordedAt()).isEqualTo("2026-02-23T14:48:19+02:00");
    assertThat(files(folder.recording())).isEmpty();
  }

  @Test
  void whatACrashLeavesBeforePublicationIsTakenAtTheNextStart() throws Exception {
    Path taken = Files.createDirectories(folder.recording().resolve("inbox/1/door"));
    Files.copy(phone, taken.resolve(NAME));
    Path left = Files.createFile(folder.recording().resolve("inbox/copy"));
    Path copied = taken.resolve("x.mp4"); // a copy, in its place
    OffsetDateTime time = OffsetDateTime.parse("2026-02-23T15:00:00+02:00");
    ClipRepair.copyUpload(phone, copied, "door", tags -> time);
    Files.createFile(folder.recording().resolve("20260223-150000-door.mkv"));

    restart();
    check(0);

    assertThat(clips()).containsExactly("20260223-144819-door.mkv", "20260223-150000-door.mkv");
    assertThat(store.outbox().clips()).hasSize(2);
    assertThat(left).doesNotExist();
    assertThat(files(folder.recording())).isEmpty();
  }

  @Test
  void aFileThatEndsTheProcessEachTimeIsSetAside() throws Exception {
    Path taken = Files.createDirectories(folder.recording().resolve("inbox/3/door"));
    Files.copy(phone, taken.resolve("bad.mp4"));
    Files.createDirectories(folder.recording().resolve("inbox/2/door"));
    Files.copy(phone, folder.recording().resolve("inbox/2/door/" + NAME));

    check(0);

    assertThat(clips()).containsExactly("20260223-144819-door.mkv");
    assertThat(reason("bad.mp4")).contains("door/bad.mp4: capture crashed or was killed 3 times");
  }

  private void restart() throws IOException {
    store.close();
    start();
  }

  /** As two rounds with so many seconds between them, in which nothing changes. */
  private void check(int seconds) throws InterruptedException {
    inbox.check();
    nanos += Duration.ofSeconds(seconds).toNanos();
    inbox.check();
  }

  private Path upload(String name) throws IOException {
    return upload(name, Instant.parse("2026-02-23T12:00:00Z"));
  }

  private Path upload(String name, Instant modified) throws IOException {
    Path file = folder.inbox().resolve(name);
    Files.createDirectories(file.getParent());
    Files.copy(phone, file);
    Files.setLastModifiedTime(file, FileTime.from(modified));
    return file;
  }

  /** The phone's video, with a time of creation. */
  private static void tag(Path to, String time) throws IOException {
    try (Demuxer input = Demuxer.of(phone, Map.of())) {
      input.findStreams();
      AVStream video = input.selectVideo();
      try (Muxer muxer =
          new Muxer(
              to,
              "mp4",
              video.codecpar(),
              Map.of("creation_time", time),
              stream -> stream.time_base().num(1).den(1_000_000))) {
        for (AVPacket packet = input.read(); packet != null; packet = input.read()) {
          muxer.write(packet, input.micros(packet.pts()), input.micros(packet.dts()), 100_000);
        }
      }
    }
  }

  private List<String> clips() throws IOException {
    return files(folder.root());
  }

  private List<String> inboxFiles() throws IOException {
    try (Stream<Path> files = Files.walk(folder.inbox())) {
      return files.filter(Files::isRegularFile).map(Path::toString).toList();
    }
  }

  /** All that are no reasons. */
  private List<String> rejected() throws IOException {
    Path rejected = folder.inbox().resolve("rejected");
    if (!Files.exists(rejected)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(rejected)) {
      return files
          .filter(file -> Files.exists(Path.of(file + ".txt")) || Files.isSymbolicLink(file))
          .map(file -> file.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  private String reason(String name) throws IOException {
    return Files.readString(folder.inbox().resolve("rejected/" + name + ".txt"));
  }

  private static List<String> files(Path folder) throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .sorted()
          .forEach(names::add);
    }
    return names;
  }
}
