package org.shvideo.tasks.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.shvideo.tasks.json.Json;

class JobTest {
  @Test
  void isTheSameAfterItWasWrittenAndRead() throws IOException {
    var full =
        new Job("7", "a \"b\".avi", "двір", OffsetDateTime.parse("2026-02-23T14:48:19.1239Z"));

    assertThat(Json.write(full))
        .isEqualTo(
            """
            {"id":"7","filename":"a \\"b\\".avi","camera":"двір",\
            "recorded_at":"2026-02-23T14:48:19.123+00:00"}\
            """);
    assertThat(Json.read(Json.write(full), Job.class)).isEqualTo(full);
  }

  @Test
  void ofAFileAloneHasAFreshIdAndNothingElse() throws IOException {
    Job job = Job.forFile("a.avi");

    assertThat(UUID.fromString(job.id())).hasToString(job.id());
    assertThat(job.id()).isNotEqualTo(Job.forFile("a.avi").id());
    assertThat(Json.write(job)).isEqualTo("{\"id\":\"%s\",\"filename\":\"a.avi\"}", job.id());
    assertThat(Json.read(Json.write(job), Job.class)).isEqualTo(job);
  }
}
