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
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .addModule(
              new SimpleModule()
                  .addSerializer(Instant.class, writer(DateTimeFormatter.ISO_INSTANT))
                  .addSerializer(LocalDateTime.class, writer(LOCAL))
                  .addDeserializer(
                      LocalDateTime.class,
                      reader(text -> LocalDateTime.parse(text, DateTimeFormatter.ISO_DATE_TIME)))
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

  /**
   * A time as {@link #write} writes it; one without an offset is local.
   *
   * @throws DateTimeException when the text is no ISO 8601 time
   */
  public static OffsetDateTime parseTime(String text) {
    TemporalAccessor time =
        DateTimeFormatter.ISO_DATE_TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
    return time instanceof OffsetDateTime known
        ? known
        : LocalDateTime.from(time).atZone(ZoneId.systemDefault()).toOffsetDateTime();
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
