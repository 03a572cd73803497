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
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
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
 * The one way the product writes JSON: on one line, local times with six digits of microseconds as
 * Python's {@code isoformat} does, times with an offset to the millisecond, instants in UTC.
 * Reading ignores unknown fields. Thread-safe.
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
                  .addSerializer(LocalDateTime.class, writer(LOCAL))
                  .addDeserializer(
                      LocalDateTime.class,
                      reader(text -> LocalDateTime.parse(text, DateTimeFormatter.ISO_DATE_TIME)))
                  .addSerializer(OffsetDateTime.class, writer(OFFSET))
                  .addDeserializer(OffsetDateTime.class, reader(Json::parseTime))
                  .addSerializer(Instant.class, ToStringSerializer.instance))
          .build();
  private static final ObjectWriter WRITER = MAPPER.writer();
  private static final ObjectReader READER = MAPPER.reader();

  private Json() {}

  /** The record as JSON without a line break. */
  public static String write(Object record) {
    try {
      return WRITER.writeValueAsString(record);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The record as JSON on several lines, for people. */
  public static String writeIndented(Object record) {
    try {
      return WRITER.withDefaultPrettyPrinter().writeValueAsString(record);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The record that the text holds; missing fields are null, 0 or false.
   *
   * @throws IOException when the text is not one JSON object of that form
   */
  public static <T> T read(String text, Class<T> type) throws IOException {
    return READER.forType(type).readValue(text);
  }

  /**
   * A time as {@link #write} writes it; one without an offset counts as local.
   *
   * @throws DateTimeException when it is not an ISO 8601 time
   */
  public static OffsetDateTime parseTime(String text) {
    TemporalAccessor time =
        DateTimeFormatter.ISO_DATE_TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
    return time instanceof OffsetDateTime known
        ? known
        : LocalDateTime.from(time).atZone(ZoneId.systemDefault()).toOffsetDateTime();
  }

  /** A time as {@link #parseTime} reads it. */
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
