package org.shvideo.camera;

import java.io.IOException;
import java.net.InetAddress;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What cameras of any protocol have in common: an address, who may see them, their connections and
 * faults. Thread-safe; closing it takes 5 s at most.
 */
public final class CameraServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CameraServer.class);

  private final String protocol;
  private final Authentication authentication;
  private final String credentials;
  private final String host;
  private final String path;
  private final Faults faults;
  private final ConnectionListener listener;
  private final boolean refusing;

  CameraServer(
      CameraBuilder<?> from,
      String protocol,
      RandomGenerator random,
      ConnectionListener.Service service)
      throws IOException {
    InetAddress bindTo = InetAddress.getByName(from.host);
    this.protocol = protocol;
    authentication =
        from.user.isEmpty()
            ? Authentication.NONE
            : Authentication.of(from.scheme, from.user, from.password, random);
    credentials = from.user.isEmpty() ? "" : Authentication.inUrl(from.user, from.password);
    host = bindTo.isAnyLocalAddress() ? "127.0.0.1" : bindTo.getHostAddress();
    path = from.path;
    faults = new Faults(from.faults);
    refusing = from.faults.stream().anyMatch(Fault.RefuseConnections.class::isInstance);
    listener = new ConnectionListener(protocol + "-camera", bindTo, from.port, service);
  }

  /**
   * Opens the port and serves until closed.
   *
   * @throws IOException when the port cannot be had
   */
  public void start() throws IOException {
    listener.start(refusing);
    log.info("camera at {}", address());
  }

  /** What a client is to be given; with the credentials, so not to be logged. */
  public String url() {
    return protocol + "://" + credentials + host + ":" + port() + path;
  }

  /** The URL without credentials. */
  public String address() {
    return protocol + "://" + host + ":" + port() + path;
  }

  public int port() {
    return listener.port();
  }

  public String path() {
    return path;
  }

  public Authentication authentication() {
    return authentication;
  }

  public Faults faults() {
    return faults;
  }

  /** Shows these faults from now on, as {@link Fault} says. */
  public void inject(Fault... wanted) {
    for (Fault fault : wanted) {
      log.info("camera {} shows {}", address(), fault.getClass().getSimpleName());
      faults.inject(fault);
      if (fault instanceof Fault.RefuseConnections) {
        listener.refuse();
      }
    }
  }

  /** Ends all faults; what has struck a stream stays with it. */
  public void clearFaults() {
    faults.clearFaults();
    listener.admit();
  }

  /** How many clients are connected. */
  public int connections() {
    return listener.connections();
  }

  /** How many clients have connected since the start. */
  public int totalConnections() {
    return listener.totalConnections();
  }

  @Override
  public void close() {
    listener.close();
    log.info("camera {} closed", address());
  }
}
