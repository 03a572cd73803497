package org.shvideo.ffmpeg;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVDictionaryEntry;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;

/** FFmpeg's maps of strings: options and metadata, in UTF-8. */
final class Dictionary {
  private Dictionary() {}

  /** Returns a dictionary to be freed by the caller, or by FFmpeg where it takes it over. */
  static AVDictionary of(Map<String, String> entries) {
    AVDictionary dictionary = new AVDictionary(null);
    entries.forEach(
        (name, value) -> {
          try (BytePointer key = new BytePointer(name, StandardCharsets.UTF_8);
              BytePointer text = new BytePointer(value, StandardCharsets.UTF_8)) {
            avutil.av_dict_set(dictionary, key, text, 0);
          }
        });
    return dictionary;
  }

  /** Copies the entries of a borrowed dictionary, which may be null. */
  static Map<String, String> toMap(AVDictionary dictionary) {
    Map<String, String> entries = new LinkedHashMap<>();
    AVDictionaryEntry entry = avutil.av_dict_iterate(dictionary, null);
    while (entry != null) {
      entries.put(
          entry.key().getString(StandardCharsets.UTF_8),
          entry.value().getString(StandardCharsets.UTF_8));
      entry = avutil.av_dict_iterate(dictionary, entry);
    }
    return entries;
  }
}
