package org.shvideo.worker.yolo;

import ai.djl.Application;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.Metadata;
import ai.djl.repository.RemoteRepository;
import ai.djl.util.JsonUtils;
import ai.djl.util.Progress;
import com.google.gson.JsonParseException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLConnection;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * YOLOv8n from DJL's model zoo, in DJL's own cache. Unlike DJL's loader it needs no network once
 * the file is there (DJL downloads the list of files again every day), has short timeouts, and says
 * why it failed. Immutable.
 */
final class ZooModelFile {
  static final String NAME = "DJL's model zoo (djl://ai.djl.pytorch/yolov8n)";

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(20);

  private final CachedRepository repository;
  private final MRL model;
  private final boolean online;

  /**
   * @param zoo address of the zoo
   * @param cache DJL's cache folder
   * @param online whether downloads are allowed
   */
  ZooModelFile(URI zoo, Path cache, boolean online) {
    this.online = online;
    repository = new CachedRepository(zoo, cache.resolve("cache/repo"));
    model = repository.model(Application.CV.OBJECT_DETECTION, "ai.djl.pytorch", "yolov8n", "0.0.1");
  }

  /** Returns the file if it was downloaded before. */
  Optional<Path> cached() throws IOException {
    if (!Files.exists(repository.list(model))) {
      return Optional.empty();
    }
    return modelIn(repository.getResourceDirectory(model.getDefaultArtifact()));
  }

  /** Downloads the file into the cache; a failure's message ends the sentence "the zoo: …". */
  Path fetch() throws IOException {
    if (!online) {
      throw new IOException("not tried because DJL is set to offline");
    }
    try {
      Artifact artifact = model.getDefaultArtifact();
      if (artifact == null) {
        throw new IOException("the model is no longer there");
      }
      model.prepare(artifact);
      return modelIn(repository.getResourceDirectory(artifact))
          .orElseThrow(() -> new IOException("no TorchScript file in the download"));
    } catch (UnknownHostException e) {
      throw new IOException("not reachable (unknown host " + e.getMessage() + ")", e);
    } catch (ConnectException | SocketTimeoutException e) {
      throw new IOException("not reachable (" + e.getMessage() + ")", e);
    }
  }

  private static Optional<Path> modelIn(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().matches(".*\\.(torchscript|pt)")).findFirst();
    }
  }

  /** DJL's repository, with timeouts, and with a list of files that never expires. */
  private static final class CachedRepository extends RemoteRepository {
    private final Path cache;

    CachedRepository(URI zoo, Path cache) {
      super("model-zoo", zoo);
      this.cache = cache;
    }

    @Override
    public Path getCacheDirectory() throws IOException {
      return Files.createDirectories(cache);
    }

    Path list(MRL model) {
      return cache.resolve(model.toURI().getPath()).resolve("metadata.json");
    }

    @Override
    public Metadata locate(MRL model) throws IOException {
      Path list = list(model);
      String json;
      if (Files.exists(list)) {
        json = Files.readString(list);
      } else {
        try (InputStream in =
            open(getBaseUri().resolve(model.toURI().getPath() + list.getFileName()))) {
          json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
      }
      Metadata metadata = parse(json);
      metadata.init(Map.of());
      metadata.setRepositoryUri(model.toURI());
      if (!Files.exists(list)) {
        keep(list, json);
      }
      return metadata;
    }

    private static Metadata parse(String json) throws IOException {
      try {
        Metadata metadata = JsonUtils.GSON_PRETTY.fromJson(json, Metadata.class);
        if (metadata != null && metadata.getArtifacts() != null) {
          return metadata;
        }
      } catch (JsonParseException e) {
        throw new IOException("the list of files is not valid JSON", e);
      }
      throw new IOException("the list of files is empty");
    }

    private static void keep(Path list, String json) throws IOException {
      Files.createDirectories(list.getParent());
      Path written = Files.createTempFile(list.getParent(), "metadata", ".tmp");
      try {
        Files.writeString(written, json);
        Files.move(written, list, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(written);
      }
    }

    @Override
    protected void download(Path folder, URI base, Artifact.Item item, Progress progress)
        throws IOException {
      URI file = URI.create(item.getUri());
      if (!file.isAbsolute()) {
        file = getBaseUri().resolve(base).resolve(file);
      }
      try (InputStream in = open(file)) {
        save(in, folder, item, progress);
      }
    }

    private static InputStream open(URI uri) throws IOException {
      URLConnection connection = uri.toURL().openConnection();
      connection.setConnectTimeout(Math.toIntExact(CONNECT_TIMEOUT.toMillis()));
      connection.setReadTimeout(Math.toIntExact(READ_TIMEOUT.toMillis()));
      return new BufferedInputStream(connection.getInputStream());
    }
  }
}
