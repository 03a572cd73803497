package org.shvideo.camera.media;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Makes a video of H.264 whose container, if any, tells no presentation times: these follow from
 * the picture order counts of the slices (ITU-T H.264, 8.2.1.1).
 */
final class RawStream {
  private static final double USUAL_RATE = 25;

  private final SequenceParameterSet sps;
  private final List<byte[]> parameterSets;
  private final List<List<byte[]>> units;

  private RawStream(List<List<byte[]>> units) throws IOException {
    this.units = units;
    byte[] first = firstOf(NalType.SPS);
    this.parameterSets = List.of(first, firstOf(NalType.PPS));
    this.sps = SequenceParameterSet.parse(first);
  }

  private byte[] firstOf(int type) throws IOException {
    return units.stream()
        .flatMap(List::stream)
        .filter(nal -> NalType.of(nal) == type)
        .findFirst()
        .orElseThrow(() -> new IOException("has no H.264 parameter sets"));
  }

  /**
   * Reads a raw stream.
   *
   * @param frameRate frames a second; 0 for what the stream says, or 25 if it says nothing
   */
  static EncodedVideo read(byte[] annexB, double frameRate) throws IOException {
    RawStream stream = new RawStream(accessUnits(AnnexB.nalUnits(annexB)));
    double rate = frameRate > 0 ? frameRate : stream.sps.frameRate().orElse(USUAL_RATE);
    double micros = 1e6 / rate;
    int count = stream.units.size();
    return stream.video(
        IntStream.range(0, count).mapToLong(n -> Math.round(n * micros)).toArray(),
        Duration.ofNanos(Math.round(count * 1e9 / rate)));
  }

  /**
   * Makes a video of units that a container holds.
   *
   * @param dtsMicros of each unit, increasing
   */
  static EncodedVideo of(List<List<byte[]>> units, long[] dtsMicros, Duration length)
      throws IOException {
    return new RawStream(units).video(dtsMicros, length);
  }

  /** A unit ends where the next begins: at its first slice or at what precedes a first slice. */
  private static List<List<byte[]>> accessUnits(List<byte[]> nalUnits) {
    List<List<byte[]>> units = new ArrayList<>();
    List<byte[]> unit = new ArrayList<>();
    boolean complete = false;
    for (byte[] nal : nalUnits) {
      int type = NalType.of(nal);
      boolean slice = NalType.isSlice(nal);
      // A slice whose first macroblock is number 0: ue(v) of 0 is a one bit.
      boolean firstSlice = slice && nal.length > 1 && nal[1] < 0;
      boolean precedes = type >= NalType.SEI && type <= NalType.DELIMITER;
      if (complete && (firstSlice || precedes)) {
        units.add(unit);
        unit = new ArrayList<>();
        complete = false;
      }
      unit.add(nal);
      complete |= slice;
    }
    if (complete) {
      units.add(unit);
    }
    return units;
  }

  private EncodedVideo video(long[] dtsMicros, Duration length) throws IOException {
    long[] ptsMicros = presentation(dtsMicros);
    List<AccessUnit> timed = new ArrayList<>();
    for (int i = 0; i < units.size(); i++) {
      timed.add(new AccessUnit(units.get(i), isKeyframe(i), dtsMicros[i], ptsMicros[i]));
    }
    return Units.fromFirstKeyframe(sps.width(), sps.height(), parameterSets, timed, length);
  }

  private boolean isKeyframe(int unit) {
    return units.get(unit).stream().anyMatch(nal -> NalType.of(nal) == NalType.IDR_SLICE);
  }

  /** From one keyframe to the next, pictures are shown in the order of their counts. */
  private long[] presentation(long[] dtsMicros) throws IOException {
    long[] orders = orders();
    long[] ptsMicros = new long[units.size()];
    for (int from = 0; from < units.size(); ) {
      int to = from + 1;
      while (to < units.size() && !isKeyframe(to)) {
        to++;
      }
      int[] shown =
          IntStream.range(from, to)
              .boxed()
              .sorted(Comparator.comparingLong(i -> orders[i]))
              .mapToInt(Integer::intValue)
              .toArray();
      for (int rank = 0; rank < shown.length; rank++) {
        ptsMicros[shown[rank]] = dtsMicros[from + rank];
      }
      from = to;
    }
    return ptsMicros;
  }

  private long[] orders() throws IOException {
    long[] orders = new long[units.size()];
    long previousHigh = 0;
    long previousLow = 0;
    for (int i = 0; i < orders.length; i++) {
      byte[] slice =
          units.get(i).stream()
              .filter(NalType::isSlice)
              .findFirst()
              .orElseThrow(() -> new IOException("has a picture without slices"));
      if (sps.orderType() != 0) {
        orders[i] = i;
        continue;
      }
      if (NalType.of(slice) == NalType.IDR_SLICE) {
        previousHigh = 0;
        previousLow = 0;
      }
      long low = lowBitsOfOrder(slice);
      long range = 1L << sps.orderBits();
      long high = previousHigh;
      if (low < previousLow && previousLow - low >= range / 2) {
        high += range;
      } else if (low > previousLow && low - previousLow > range / 2) {
        high -= range;
      }
      orders[i] = high + low;
      if (NalType.isReference(slice)) {
        previousHigh = high;
        previousLow = low;
      }
    }
    return orders;
  }

  /** From the slice header (7.3.3). */
  private long lowBitsOfOrder(byte[] slice) throws IOException {
    BitReader in = new BitReader(slice);
    in.unsigned();
    in.unsigned();
    in.unsigned();
    if (sps.separatePlanes()) {
      in.bits(2);
    }
    in.bits(sps.frameNumberBits());
    if (!sps.framesOnly() && in.flag()) {
      throw new IOException("is interlaced, with a picture for each field");
    }
    if (NalType.of(slice) == NalType.IDR_SLICE) {
      in.unsigned();
    }
    return in.bits(sps.orderBits());
  }
}
