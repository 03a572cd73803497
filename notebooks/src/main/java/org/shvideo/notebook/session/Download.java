package org.shvideo.notebook.session;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.SocketTimeoutException;
import java.net.URL;
import java.net.URLDecoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.shvideo.notebook.view.LiveDisplay;
import org.shvideo.notebook.view.Text;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.settings.Masking;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.clip.ClipReader;
import org.shvideo.worker.clip.ClipUnreadableException;

/**
 * Downloads a video into the video folder: to a hidden file first, which gets its name after it was
 * opened as a video. The name is made of letters, digits and {@code ._-}; an existing file is never
 * replaced.
 *
 * @param ytDlp for pages; its timeout is for servers of files too
 */
public record Download(Path folder, YtDlp ytDlp) {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(20);
  private static final int MAX_REDIRECTS = 5;
  private static final int MAX_NAME_LENGTH = 100;
  private static final int MAX_PORT = 65_535;

  /** By content type, for addresses that do not end in a file name. */
  private static final Map<String, String> EXTENSIONS =
      Map.of(
          "video/mp4", "mp4",
          "video/x-msvideo", "avi",
          "video/avi", "avi",
          "video/webm", "webm",
          "video/x-matroska", "mkv",
          "video/quicktime", "mov",
          "video/mp2t", "ts",
          "video/mpeg", "mpg");

  public static Download into(VideoFolder folder) {
    return new Download(folder.root(), new YtDlp("yt-dlp", DEFAULT_TIMEOUT));
  }

  /** Downloads a video file, or with yt-dlp the video of a page; returns its name in the folder. */
  public String fetch(String address) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new NotebookException(folder + " does not exist. Set VIDEO_DIR to the video folder.");
    }
    HttpURLConnection connection = connect(address);
    Path part = folder.resolve(".download-" + UUID.randomUUID());
    try {
      String type = contentType(connection);
      String name = name(connection.getURL(), type);
      if (type.equals("text/html") || !(type.startsWith("video/") || VideoFolder.isVideo(name))) {
        return fetchPage(address, type, Files.createDirectory(part));
      }
      if (Files.exists(folder.resolve(name))) {
        return keepExisting(name);
      }
      copy(connection, part, name);
      return publish(part, name);
    } finally {
      connection.disconnect();
      FileOperations.deleteTree(part);
    }
  }

  private static String keepExisting(String name) {
    new LiveDisplay()
        .show(new Text(name + " already exists. Delete it in the video folder to fetch it anew."));
    return name;
  }

  private HttpURLConnection connect(String address) throws IOException {
    URL url = url(null, address);
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      HttpURLConnection connection = (HttpURLConnection) url.openConnection();
      connection.setInstanceFollowRedirects(false); // it would not follow from http to https
      connection.setConnectTimeout((int) ytDlp.timeout().toMillis());
      connection.setReadTimeout((int) ytDlp.timeout().toMillis());
      connection.setRequestProperty("User-Agent", "sh-video");
      int status;
      try {
        status = connection.getResponseCode();
      } catch (IOException e) {
        throw failed(
            address, "Cannot connect to %s: %s. Check the address and the network.", reason(e));
      }
      if (status == 200) {
        return connection;
      }
      String location = connection.getHeaderField("Location");
      connection.disconnect();
      if (status < 300 || status >= 400 || location == null) {
        throw failed(address, "%s: the server responded with %s. Check the address.", status);
      }
      url = url(url, location);
    }
    throw failed(address, "%s: more than %s redirects.", MAX_REDIRECTS);
  }

  /** An address, which may be relative to the one that redirects to it. */
  private static URL url(URL base, String address) {
    try {
      URL url = new URL(base, address.strip());
      if (url.getProtocol().matches("https?")
          && !url.getHost().isEmpty()
          && url.getPort() <= MAX_PORT) {
        return url;
      }
    } catch (MalformedURLException e) {
      // reported below
    }
    throw failed(address, "Invalid address: %s. It must begin with http:// or https://", "");
  }

  /** With the address, without its credentials, as the message's first argument. */
  static NotebookException failed(String address, String message, Object detail) {
    return new NotebookException(message.formatted(Masking.mask(address), detail));
  }

  private static String contentType(HttpURLConnection connection) {
    String type = connection.getContentType();
    return type == null ? "" : type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
  }

  private static String name(URL url, String type) {
    String last = url.getPath().replaceFirst(".*/", "");
    try {
      last = URLDecoder.decode(last, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // a literal percent sign
    }
    return safeName(last, EXTENSIONS.getOrDefault(type, ""));
  }

  /** The name reduced to what is safe in any file system, with an extension. */
  static String safeName(String name, String defaultExtension) {
    String safe = name.replaceAll("[^A-Za-z0-9._-]+", "-").replaceFirst("^[.-]+", "");
    safe = safe.isEmpty() ? "video" : safe;
    if (!VideoFolder.isVideo(safe) && !defaultExtension.isEmpty()) {
      safe += "." + defaultExtension;
    }
    int excess = Math.max(0, safe.length() - MAX_NAME_LENGTH);
    return safe.substring(excess).replaceFirst("^[.-]+", "");
  }

  private static void copy(HttpURLConnection connection, Path part, String name)
      throws IOException {
    long total = connection.getContentLengthLong();
    LiveDisplay display = new LiveDisplay();
    long done = 0;
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = connection.getInputStream();
        OutputStream out = Files.newOutputStream(part)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        NotebookException.throwIfInterrupted();
        out.write(buffer, 0, read);
        done += read;
        display.show(progress(name, done, total));
      }
      if (total >= 0 && done != total) {
        throw new IOException("%.1f MB expected".formatted(total / 1e6));
      }
    } catch (IOException e) {
      throw new NotebookException(
          "Download of %s ended after %.1f MB: %s. Run the cell again."
              .formatted(name, done / 1e6, reason(e)));
    }
    display.showNow(progress(name, done, done));
  }

  private static Text progress(String name, long done, long total) {
    return Text.progress(name, (double) done, (double) total, "%.1f MB".formatted(done / 1e6));
  }

  private String fetchPage(String address, String type, Path temporary) throws IOException {
    String output = ytDlp.fetch(address, type, temporary);
    try (Stream<Path> files = Files.list(temporary)) {
      Path file =
          files
              .filter(Session::isVideo)
              .findFirst()
              .orElseThrow(() -> failed(address, "yt-dlp found no video at %s: %s", output));
      return publish(file, safeName(file.getFileName().toString(), ""));
    }
  }

  /** Moves it to its name, if it is a video. */
  private String publish(Path part, String name) throws IOException {
    try (ClipReader reader = ClipReader.open(part, 1)) {
      reader.next(); // throws where there is not one frame
    } catch (ClipUnreadableException e) {
      throw new NotebookException(
          e.getMessage().replace(part.getFileName().toString(), name) + ". Discarded it.");
    }
    try {
      Files.createLink(folder.resolve(name), part); // unlike a move, never replaces
    } catch (FileAlreadyExistsException e) {
      return keepExisting(name);
    } catch (UnsupportedOperationException | IOException e) {
      Files.move(part, folder.resolve(name));
    }
    return name;
  }

  private static String reason(IOException e) {
    if (e instanceof UnknownHostException) {
      return "unknown host";
    }
    if (e instanceof SocketTimeoutException) {
      return "the server does not respond";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
