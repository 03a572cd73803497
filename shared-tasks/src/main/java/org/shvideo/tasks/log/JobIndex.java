package org.shvideo.tasks.log;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Which lines of the log may belong to a job id: a hash table from a 64-bit hash of the id to the
 * offset of its line. It takes 24 to 48 bytes a line, a quarter of what a map of strings would; the
 * caller reads the line to see whether it is the job's. Not thread-safe.
 */
final class JobIndex {
  private static final long FREE = -1;

  private long[] hashes = new long[256];
  private long[] offsets = filled(256);
  private int size;

  void add(String job, long offset) {
    if (3 * (size + 1) > 2 * hashes.length) {
      grow();
    }
    put(hash(job), offset);
  }

  /** Offsets of the lines that may be this job's; usually one or none. */
  LongStream candidates(String job) {
    long hash = hash(job);
    return IntStream.iterate(slot(hash), slot -> offsets[slot] != FREE, this::after)
        .filter(slot -> hashes[slot] == hash)
        .mapToLong(slot -> offsets[slot]);
  }

  private void put(long hash, long offset) {
    int slot = slot(hash);
    while (offsets[slot] != FREE) {
      slot = after(slot);
    }
    hashes[slot] = hash;
    offsets[slot] = offset;
    size++;
  }

  private void grow() {
    long[] oldHashes = hashes;
    long[] oldOffsets = offsets;
    hashes = new long[2 * oldHashes.length];
    offsets = filled(2 * oldHashes.length);
    size = 0;
    for (int slot = 0; slot < oldHashes.length; slot++) {
      if (oldOffsets[slot] != FREE) {
        put(oldHashes[slot], oldOffsets[slot]);
      }
    }
  }

  private int slot(long hash) {
    return (int) (hash & (hashes.length - 1));
  }

  private int after(int slot) {
    return (slot + 1) & (hashes.length - 1);
  }

  /** FNV-1a, finished as in MurmurHash3 so that the low bits depend on all characters. */
  private static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    return hash ^ (hash >>> 33);
  }

  private static long[] filled(int length) {
    long[] array = new long[length];
    Arrays.fill(array, FREE);
    return array;
  }
}
