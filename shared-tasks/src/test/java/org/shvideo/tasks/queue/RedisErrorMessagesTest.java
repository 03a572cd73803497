package org.shvideo.tasks.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.shvideo.tasks.settings.Settings;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

class RedisErrorMessagesTest {
  private final QueueSettings settings = QueueSettings.from(Settings.of(Map.of()));

  @Test
  void aClusterIsNamed() {
    for (String answer :
        new String[] {"CROSSSLOT Keys in request don't hash to the same slot", "MOVED 7 h:1"}) {
      assertThat(message(new JedisDataException(answer)))
          .endsWith(
              " is a cluster, in which the queue does not work: RDS_HOST must name a single Redis");
    }
  }

  @Test
  void aConnectionThatBreaksOffMayBeOneOfTls() {
    assertThat(message(new JedisConnectionException("Unexpected end of stream.")))
        .endsWith(
            " broke off the connection: Unexpected end of stream."
                + " If RDS_PORT is its port for TLS, give the one without");
  }

  private String message(JedisException e) {
    return RedisErrorMessages.of(e, settings).getMessage();
  }
}
