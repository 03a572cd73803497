package org.shvideo.tasks.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

@Tag("server")
class TestRedisTest {
  @Test
  void answersOnItsOwnPort() {
    try (var one = TestRedis.started();
        var other = TestRedis.started()) {
      one.command("SET", "key", "one");
      assertThat(one.command("GET", "key")).isEqualTo("one");
      assertThat(other.command("GET", "key")).isEmpty();
    }
  }

  @Test
  void keepsItsDataOverACrashOnlyWhenDurable() {
    try (var durable = TestRedis.durable();
        var forgetful = TestRedis.started()) {
      for (TestRedis redis : new TestRedis[] {durable, forgetful}) {
        redis.command("SET", "key", "value");
        redis.kill();
        assertThatThrownBy(() -> redis.command("PING"))
            .isInstanceOf(JedisConnectionException.class);
        redis.start();
      }
      assertThat(durable.command("GET", "key")).isEqualTo("value");
      assertThat(forgetful.command("GET", "key")).isEmpty();
    }
  }

  @Test
  void wantsItsPassword() {
    try (var redis = TestRedis.withPassword("22")) {
      assertThat(redis.command("PING")).isEqualTo("PONG");
      assertThat(redis.settings().password().value()).isEqualTo("22");
      assertThatThrownBy(() -> redis.command("AUTH", "23"))
          .isInstanceOf(JedisDataException.class)
          .hasMessageContaining("WRONGPASS");
    }
  }
}
