package org.shvideo.capture.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.shvideo.capture.stream.Packet;

class FrameRateTest {
  private final List<Packet> packets = new ArrayList<>();

  @AfterEach
  void free() {
    packets.forEach(Packet::close);
  }

  @ParameterizedTest
  @CsvSource({
    "25, 25, 1",
    "12.5, 25, 2",
    "29.97002997, 30000, 1001",
    "59.94005994, 60000, 1001",
    "23.97602398, 24000, 1001",
    "14.985, 15000, 1001",
    "7.3, 73, 10",
    "24.637, 24637, 1000",
    "66.667, 6667, 100",
    "120, 120, 1",
    "0.5, 1, 2",
    "0, 1, 10",
    "90000, 1000, 1",
  })
  void isAFractionThatAviAndMpeg4CanHold(double rate, int frames, int seconds) {
    assertThat(FrameRate.of(rate)).isEqualTo(new FrameRate(frames, seconds));
  }

  @ParameterizedTest
  @CsvSource({"10", "12.5", "15", "20", "25", "29.97", "30", "50"})
  void regularCameraHasItsExactRate(double rate) {
    at(LongStream.range(0, 60).map(i -> Math.round(i * 1e6 / rate)));

    assertThat(measured(0)).isCloseTo(rate, within(0.05));
  }

  @Test
  void ignoresMissingFrames() {
    at(LongStream.range(0, 100).filter(i -> i % 9 != 5).map(i -> i * 40_000));

    assertThat(measured(0)).isEqualTo(25);
  }

  @Test
  void averagesJitteringArrivalTimes() {
    Random random = new Random(7);
    at(LongStream.range(0, 75).map(i -> i * 66_667 + random.nextInt(40_000)));

    assertThat(measured(0)).isCloseTo(15, within(0.3));
  }

  @Test
  void averagesBursts() {
    at(LongStream.range(0, 100).map(i -> i / 4 * 160_000 + i % 4 * 1000));

    assertThat(measured(0)).isCloseTo(25, within(1.0));
  }

  @Test
  void usesTheDeclaredRateIfItAgrees() {
    at(LongStream.range(0, 90).map(i -> i * 33_300)); // a clock that runs 0.2 % fast

    assertThat(FrameRate.measured(packets, 30_000 / 1001.0)).isEqualTo(new FrameRate(30_000, 1001));
  }

  @Test
  void usesTheMeasuredRateIfTheDeclaredOneDisagrees() {
    at(LongStream.range(0, 60).map(i -> i * 80_000));

    assertThat(measured(25)).isEqualTo(12.5);
  }

  @Test
  void usesTheDeclaredRateIfTooLittleWasMeasured() {
    at(LongStream.range(0, 5).map(i -> i * 80_000));

    assertThat(measured(15)).isEqualTo(15);
    assertThat(measured(0)).isEqualTo(25);
  }

  private void at(LongStream dtsMicros) {
    dtsMicros.forEach(dts -> packets.add(new Packet(av_packet_alloc(), dts, dts, 0)));
  }

  private double measured(double declared) {
    return FrameRate.measured(packets, declared).framesPerSecond();
  }
}
