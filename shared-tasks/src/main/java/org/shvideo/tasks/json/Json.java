package org.shvideo.tasks.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.function.Function;

/**
 * Writes and reads all JSON of the product. Local times have six decimals, as Python's {@code
 * isoformat} writes them, times with an offset three; instants are UTC. Unknown fields are ignored.
 * Thread-safe.
 */
public final class Json {
  private static final DateTimeFormatter LOCAL =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS");
  private static final DateTimeFormatter OFFSET =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSxxx");
  private static final String OUR_LOCAL = "0000-00-00T00:00:00.000000";
  private static final String OUR_OFFSET = "0000-00-00T00:00:00.000+00:00";
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .addModule(
              new SimpleModule()
                  .addSerializer(Instant.class, writer(DateTimeFormatter.ISO_INSTANT))
                  .addSerializer(LocalDateTime.class, writer(LOCAL))
                  .addDeserializer(LocalDateTime.class, reader(Json::parseLocalTime))
                  .addSerializer(OffsetDateTime.class, writer(OFFSET))
                  .addDeserializer(OffsetDateTime.class, reader(Json::parseTime)))
          .build();
  private static final ObjectWriter WRITER = MAPPER.writer();
  private static final ObjectWriter PRETTY_WRITER = MAPPER.writerWithDefaultPrettyPrinter();
  private static final ObjectReader READER = MAPPER.reader();

  private Json() {}

  /** The value as JSON on one line, without a line break. */
  public static String write(Object value) {
    return write(WRITER, value);
  }

  /** The value as JSON on several lines, indented, for people. */
  public static String writeIndented(Object value) {
    return write(PRETTY_WRITER, value);
  }

  private static String write(ObjectWriter writer, Object value) {
    try {
      return writer.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The value of the text; missing fields are null, 0 or false.
   *
   * @param type {@code JsonNode} for JSON of any form
   * @throws IOException when the text is not one JSON value of that type
   */
  public static <T> T read(String text, Class<T> type) throws IOException {
    return READER.forType(type).readValue(text);
  }

  /** Reads values of one type as {@link #read} does, in less time, from text in UTF-8. */
  public static ObjectReader reader(Class<?> type) {
    return READER.forType(type);
  }

  /**
   * A time as {@link #write} writes it; one without an offset is local.
   *
   * @throws DateTimeException when the text is no ISO 8601 time
   */
  public static OffsetDateTime parseTime(String text) {
    int length = OUR_OFFSET.length();
    if (isLikeOurs(text, OUR_OFFSET)) {
      int minutes = number(text, length - 5, 2) * 60 + number(text, length - 2, 2);
      int sign = text.charAt(length - 6) == '-' ? -1 : 1;
      return OffsetDateTime.of(
          ourTime(text, number(text, 20, 3) * 1_000_000),
          ZoneOffset.ofTotalSeconds(sign * minutes * 60));
    }
    TemporalAccessor time =
        DateTimeFormatter.ISO_DATE_TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
    return time instanceof OffsetDateTime known
        ? known
        : LocalDateTime.from(time).atZone(ZoneId.systemDefault()).toOffsetDateTime();
  }

  private static LocalDateTime parseLocalTime(String text) {
    return isLikeOurs(text, OUR_LOCAL)
        ? ourTime(text, number(text, 20, 6) * 1000)
        : LocalDateTime.parse(text, DateTimeFormatter.ISO_DATE_TIME);
  }

  /** Whether it has the form of what is written here, which is read in a tenth of the time. */
  private static boolean isLikeOurs(String text, String form) {
    if (text.length() != form.length()) {
      return false;
    }
    for (int i = 0; i < form.length(); i++) {
      char found = text.charAt(i);
      boolean like =
          switch (form.charAt(i)) {
            case '0' -> found >= '0' && found <= '9';
            case '+' -> found == '+' || found == '-';
            default -> found == form.charAt(i);
          };
      if (!like) {
        return false;
      }
    }
    return true;
  }

  private static LocalDateTime ourTime(String text, int nanos) {
    return LocalDateTime.of(
        number(text, 0, 4),
        number(text, 5, 2),
        number(text, 8, 2),
        number(text, 11, 2),
        number(text, 14, 2),
        number(text, 17, 2),
        nanos);
  }

  private static int number(String text, int from, int digits) {
    return Integer.parseInt(text, from, from + digits, 10);
  }

  /** The time as {@link #parseTime} reads it. */
  public static String formatTime(OffsetDateTime time) {
    return OFFSET.format(time);
  }

  private static <T extends TemporalAccessor> JsonSerializer<T> writer(DateTimeFormatter format) {
    return new JsonSerializer<>() {
      @Override
      public void serialize(T value, JsonGenerator out, SerializerProvider context)
          throws IOException {
        out.writeString(format.format(value));
      }
    };
  }

  private static <T> JsonDeserializer<T> reader(Function<String, T> parse) {
    return new JsonDeserializer<>() {
      @Override
      public T deserialize(JsonParser in, DeserializationContext context) throws IOException {
        String text = in.getValueAsString("");
        try {
          return parse.apply(text);
        } catch (DateTimeException e) {
          throw JsonMappingException.from(in, "not a time: " + text, e);
        }
      }
    };
  }
}
