package org.shvideo.camera;

import java.io.IOException;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What a camera of any protocol is to be like: at any free port of 127.0.0.1, open to everybody and
 * without faults unless set otherwise. Not thread-safe.
 *
 * @param <B> the builder itself
 */
public abstract class CameraBuilder<B extends CameraBuilder<B>> {
  String user = "";
  String password = "";
  Authentication.Scheme scheme;
  String host = "127.0.0.1";
  int port;
  String path;
  List<Fault> faults = List.of();

  protected CameraBuilder(Authentication.Scheme scheme, String path) {
    this.scheme = scheme;
    this.path = path;
  }

  protected abstract B self();

  /**
   * Lets in only this user; by the protocol's usual scheme unless {@link #scheme} says otherwise.
   */
  public final B credentials(String user, String password) {
    this.user = user;
    this.password = password;
    return self();
  }

  public final B scheme(Authentication.Scheme scheme) {
    this.scheme = scheme;
    return self();
  }

  /** Where to listen: 127.0.0.1 unless set, {@code 0.0.0.0} for everywhere. */
  public final B host(String host) {
    this.host = host;
    return self();
  }

  /** 0, the default, for any that is free. */
  public final B port(int port) {
    this.port = port;
    return self();
  }

  /** With a leading slash; a query belongs to it: {@code /cam/realmonitor?channel=1}. */
  public final B path(String path) {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("a path begins with a slash: " + path);
    }
    this.path = path;
    return self();
  }

  /** Shown from the start. */
  public B faults(Fault... faults) {
    this.faults = List.of(faults);
    return self();
  }

  /**
   * The camera's server, not started yet.
   *
   * @param protocol as in a URL: {@code rtsp}
   * @param random for nonces
   */
  protected final CameraServer server(
      String protocol, RandomGenerator random, ConnectionListener.Service service)
      throws IOException {
    return new CameraServer(this, protocol, random, service);
  }
}
