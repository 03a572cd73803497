package org.shvideo.cli.discover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.shvideo.cli.pipeline.UserException;

class HostProbeTest {
  @ParameterizedTest
  @CsvSource({
    "192.168.1.77/24, 254, 192.168.1.1, 192.168.1.254",
    "10.1.2.0/22, 1022, 10.1.0.1, 10.1.3.254",
    "192.168.1.6/31, 2, 192.168.1.6, 192.168.1.7",
    "192.168.1.5, 1, 192.168.1.5, 192.168.1.5",
    "203.0.113.9, 1, 203.0.113.9, 203.0.113.9"
  })
  void asksTheHostsOfARange(String range, int count, String first, String last) {
    var hosts = HostProbe.of(range).hosts();
    assertThat(hosts).hasSize(count);
    assertThat(hosts.get(0).getHostAddress()).isEqualTo(first);
    assertThat(hosts.get(count - 1).getHostAddress()).isEqualTo(last);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/21", "0.0.0.0/0", "203.0.113.0/24"})
  void asksNoLargeNetworkAndNoneOfOthers(String range) {
    assertThatThrownBy(() -> HostProbe.of(range))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("at most 1024 addresses of a private network");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "camera", "192.168.1", "192.168.1.5:8080", "192.168.1.0/33", "::1/64"})
  void refusesWhatIsNoRange(String range) {
    assertThatThrownBy(() -> HostProbe.of(range))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("neither an address nor a range");
  }

  @Test
  void refusesANumberAboveAByte() {
    assertThatThrownBy(() -> HostProbe.of("192.168.1.256"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("has a number above 255");
  }
}
