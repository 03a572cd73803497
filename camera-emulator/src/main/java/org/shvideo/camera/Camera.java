package org.shvideo.camera;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A test camera: an address, credentials, connections and faults. Thread-safe; closing takes up to
 * 5 s.
 */
public abstract class Camera implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Camera.class);

  private final String protocol;
  private final Authentication authentication;
  private final String host;
  private final String path;
  private final ConnectionListener listener;
  private final List<Fault> faults;
  private final List<StreamFaults> streams = new CopyOnWriteArrayList<>();

  /**
   * A camera that listens after {@link #start}.
   *
   * @param protocol of the URL: {@code rtsp}
   * @param random for the nonce of digest authentication
   */
  protected Camera(String protocol, Builder<?> builder, RandomGenerator random) throws IOException {
    InetAddress address = InetAddress.getByName(builder.host);
    this.protocol = protocol;
    authentication =
        builder.user.isEmpty()
            ? Authentication.NONE
            : Authentication.of(builder.scheme, builder.user, builder.password, random);
    host = address.isAnyLocalAddress() ? "127.0.0.1" : address.getHostAddress();
    path = builder.path;
    faults = new CopyOnWriteArrayList<>(builder.faults);
    listener = new ConnectionListener(protocol + "-camera", address, builder.port, this::connect);
  }

  /** The connection of a new client. */
  protected abstract Connection connect(Socket socket) throws IOException;

  /**
   * Opens the port and serves until the camera is closed.
   *
   * @throws IOException if the port is not available
   * @throws IllegalArgumentException for a fault that only RTSP can have
   */
  protected final void start() throws IOException {
    faults.forEach(this::checkSupported);
    listener.start(fault(Fault.RefuseConnections.class).isPresent());
    log.info("Camera listening at {}", address());
  }

  /** The URL for clients, with the credentials: do not log it. */
  public final String url() {
    return protocol + "://" + authentication.inUrl() + host + ":" + port() + path;
  }

  /** The URL without credentials. */
  public final String address() {
    return protocol + "://" + host + ":" + port() + path;
  }

  public final int port() {
    return listener.port();
  }

  /** With a leading slash, and the query if there is one. */
  public final String path() {
    return path;
  }

  /** The number of connected clients. */
  public final int connections() {
    return listener.connections();
  }

  /** The number of clients that have connected since the start. */
  public final int totalConnections() {
    return listener.totalConnections();
  }

  /** The number of clients that are receiving video. */
  public final int playing() {
    return streams.size();
  }

  /**
   * Adds faults, which take effect as {@link Fault} says.
   *
   * @throws IllegalArgumentException for a fault that only RTSP can have
   */
  public final void inject(Fault... added) {
    for (Fault fault : added) {
      checkSupported(fault);
      log.info("Camera {}: injecting {}", address(), fault);
      if (fault instanceof Fault.StreamFault streamFault) {
        streams.forEach(stream -> stream.add(streamFault));
      } else {
        faults.add(fault);
      }
      if (fault instanceof Fault.RefuseConnections) {
        listener.refuse();
      }
    }
  }

  private void checkSupported(Fault fault) {
    if (fault instanceof Fault.RtspFault && !protocol.equals("rtsp")) {
      throw new IllegalArgumentException(
          "An MJPEG camera cannot have the fault " + fault.getClass().getSimpleName());
    }
  }

  /** Ends all faults; effects on a stream that have already begun remain. */
  public final void clearFaults() {
    faults.clear();
    streams.forEach(StreamFaults::clear);
    listener.accept();
  }

  @Override
  public final void close() {
    listener.close();
    log.info("Camera at {} closed", address());
  }

  Authentication authentication() {
    return authentication;
  }

  /** The latest active fault of a kind. */
  <F extends Fault.ConnectionFault> Optional<F> fault(Class<F> kind) {
    return faults.stream().filter(kind::isInstance).map(kind::cast).reduce((a, b) -> b);
  }

  /** The faults of a stream that begins now; to be closed with the stream. */
  protected final StreamFaults openStream() {
    StreamFaults stream = new StreamFaults(streams::remove);
    for (Fault fault : faults) {
      if (fault instanceof Fault.StreamFault streamFault) {
        stream.add(streamFault);
      }
    }
    streams.add(stream);
    return stream;
  }

  /**
   * Options of a camera. Without any, it listens at a free port of 127.0.0.1, needs no credentials
   * and has no faults. Not thread-safe.
   *
   * @param <B> the builder itself
   */
  public abstract static class Builder<B extends Builder<B>> {
    private String user = "";
    private String password = "";
    private Authentication.Scheme scheme;
    private String host = "127.0.0.1";
    private int port;
    private String path;
    private List<Fault> faults = List.of();

    protected Builder(Authentication.Scheme scheme, String path) {
      this.scheme = scheme;
      this.path = path;
    }

    @SuppressWarnings("unchecked") // a builder names itself as B
    private B self() {
      return (B) this;
    }

    /** Requires these credentials, by the protocol's usual scheme unless {@link #scheme} is set. */
    public final B credentials(String user, String password) {
      this.user = user;
      this.password = password;
      return self();
    }

    public final B scheme(Authentication.Scheme scheme) {
      this.scheme = scheme;
      return self();
    }

    /** The address to listen at: 127.0.0.1 by default, {@code 0.0.0.0} for all. */
    public final B host(String host) {
      this.host = host;
      return self();
    }

    /** The port to listen at: 0, the default, for any free one. */
    public final B port(int port) {
      this.port = port;
      return self();
    }

    /** With a leading slash and any query: {@code /cam/realmonitor?channel=1}. */
    public final B path(String path) {
      if (!path.startsWith("/")) {
        throw new IllegalArgumentException("A path must begin with a slash: " + path);
      }
      this.path = path;
      return self();
    }

    /** Faults that the camera has from the start. */
    public final B faults(Fault... faults) {
      this.faults = List.of(faults);
      return self();
    }
  }
}
