package org.shvideo.notebook;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.shvideo.tasks.settings.Masking;
import org.shvideo.tasks.video.VideoFolder;
import org.shvideo.worker.clip.ClipReader;
import org.shvideo.worker.clip.ClipUnreadableException;

/**
 * Brings a video from the net into the video folder. What arrives is written under a hidden name,
 * opened as a video and only then given its own name, which is made of letters, digits and {@code
 * ._-} and never replaces a file that is there.
 */
final class Download {
  private static final int TIMEOUT_MILLIS = (int) Duration.ofSeconds(20).toMillis();
  private static final int MOST_REDIRECTS = 5;
  private static final int MOST_NAME = 100;
  private static final Pattern PERCENT = Pattern.compile("(\\d+(?:\\.\\d+)?)%");

  /** By content type, for addresses that end in no file name. */
  private static final Map<String, String> ENDINGS =
      Map.of(
          "video/mp4", "mp4",
          "video/x-msvideo", "avi",
          "video/avi", "avi",
          "video/webm", "webm",
          "video/x-matroska", "mkv",
          "video/quicktime", "mov",
          "video/mp2t", "ts",
          "video/mpeg", "mpg");

  private final VideoFolder folder;

  Download(VideoFolder folder) {
    this.folder = folder;
  }

  /**
   * Fetches it.
   *
   * @return its name in the folder
   */
  String fetch(String address) throws IOException {
    if (!Files.isDirectory(folder.root())) {
      throw new NotebookException(
          folder.root() + " is not there. VIDEO_DIR says where the video folder is.");
    }
    HttpURLConnection connection = open(address);
    try {
      String type = contentType(connection);
      String name = name(connection.getURL(), type);
      if (!type.startsWith("video/") && !Notebook.hasVideoEnding(name)) {
        return fetchPage(address);
      }
      Path file = folder.root().resolve(name);
      if (Files.exists(file)) {
        Kernel.current()
            .display(
                new Note(
                    name + " is in the video folder already; delete it there to fetch it anew."),
                UUID.randomUUID().toString());
        return name;
      }
      Path part = folder.root().resolve(".download-" + UUID.randomUUID());
      try {
        copy(connection, part, name);
        return publish(part, name);
      } finally {
        Files.deleteIfExists(part);
      }
    } finally {
      connection.disconnect();
    }
  }

  private static HttpURLConnection open(String address) throws IOException {
    URL url = url(address);
    for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      HttpURLConnection connection = (HttpURLConnection) url.openConnection();
      // Followed here and not there, which would not go from http to https.
      connection.setInstanceFollowRedirects(false);
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      connection.setRequestProperty("User-Agent", "sh-video");
      int status;
      try {
        status = connection.getResponseCode();
      } catch (IOException e) {
        throw new NotebookException(
            "%s cannot be reached: %s. Is the address right, and is this machine connected?"
                .formatted(Masking.mask(address), reason(e)));
      }
      if (status == 200) {
        return connection;
      }
      String location = connection.getHeaderField("Location");
      connection.disconnect();
      if (status < 300 || status >= 400 || location == null) {
        throw new NotebookException(
            "%s: the server answered %d. Is the address right?"
                .formatted(Masking.mask(address), status));
      }
      url = url(new URL(url, location).toString());
    }
    throw new NotebookException(
        "%s: the server sends us from one address to the next without end"
            .formatted(Masking.mask(address)));
  }

  private static URL url(String address) {
    try {
      URL url = new URL(address.strip());
      if (List.of("http", "https").contains(url.getProtocol()) && !url.getHost().isEmpty()) {
        return url;
      }
    } catch (MalformedURLException e) {
      // told below
    }
    throw new NotebookException(
        "%s is no address to download from: it must begin with http:// or https://"
            .formatted(Masking.mask(address)));
  }

  private static String contentType(HttpURLConnection connection) {
    String type = connection.getContentType();
    return type == null
        ? ""
        : type.replaceFirst(";.*", "").strip().toLowerCase(java.util.Locale.ROOT);
  }

  /** The address' last part, reduced to what is harmless in any file system. */
  private static String name(URL url, String type) {
    String last = url.getPath().replaceFirst(".*/", "");
    return safe(last.isEmpty() ? "video" : last, ENDINGS.getOrDefault(type, ""));
  }

  static String safe(String name, String usualEnding) {
    String safe = name.replaceAll("[^A-Za-z0-9._-]+", "-").replaceFirst("^[.-]+", "");
    safe = safe.isEmpty() ? "video" : safe;
    if (!Notebook.hasVideoEnding(safe) && !usualEnding.isEmpty()) {
      safe += "." + usualEnding;
    }
    return safe.length() <= MOST_NAME ? safe : safe.substring(safe.length() - MOST_NAME);
  }

  private static void copy(HttpURLConnection connection, Path part, String name)
      throws IOException {
    long total = connection.getContentLengthLong();
    Live live = new Live();
    long done = 0;
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = connection.getInputStream();
        OutputStream out = Files.newOutputStream(part)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        out.write(buffer, 0, read);
        done += read;
        live.show(progress(name, done, total));
      }
    } catch (IOException e) {
      throw new NotebookException(
          "%s broke off after %.1f MB: %s. Run the cell again."
              .formatted(name, done / 1e6, reason(e)));
    }
    if (total >= 0 && done != total) {
      throw new NotebookException(
          "%s broke off after %.1f of %.1f MB. Run the cell again."
              .formatted(name, done / 1e6, total / 1e6));
    }
    live.showNow(progress(name, done, done));
  }

  private static Note progress(String name, long done, long total) {
    return Note.progress(
        name, total > 0 ? (double) done / total : 0, "%.1f MB".formatted(done / 1e6));
  }

  /** Lets yt-dlp find the video in a page. */
  private String fetchPage(String address) throws IOException {
    Path temporary = Files.createDirectory(folder.root().resolve(".download-" + UUID.randomUUID()));
    try {
      Process process;
      try {
        process =
            new ProcessBuilder(
                    "yt-dlp",
                    "--no-playlist",
                    "--restrict-filenames",
                    "--newline",
                    "--socket-timeout",
                    "20",
                    "--format",
                    "best[ext=mp4]/best",
                    "--output",
                    temporary.resolve("%(title).80s-%(id)s.%(ext)s").toString(),
                    "--",
                    address.strip())
                .redirectErrorStream(true)
                .start();
      } catch (IOException e) {
        throw new NotebookException(
            "%s is a page, not a video file. yt-dlp finds the video in such pages, but it is not"
                    .formatted(Masking.mask(address))
                + " installed here (pip install yt-dlp). Or give the address of the file itself.");
      }
      String last = await(process, address);
      try (Stream<Path> files = Files.list(temporary)) {
        Path file =
            files
                .filter(Notebook::isVideo)
                .findFirst()
                .orElseThrow(
                    () ->
                        new NotebookException(
                            "yt-dlp found no video at %s: %s"
                                .formatted(Masking.mask(address), Masking.mask(last))));
        return publish(file, safe(file.getFileName().toString(), ""));
      }
    } finally {
      try (Stream<Path> left = Files.walk(temporary)) {
        left.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  /** Shows its progress; returns the last thing it said. */
  private static String await(Process process, String address) throws IOException {
    Live live = new Live();
    Deque<String> said = new ArrayDeque<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        said.add(line);
        if (said.size() > 1) {
          said.remove();
        }
        Matcher percent = PERCENT.matcher(line);
        if (line.startsWith("[download]") && percent.find()) {
          live.show(Note.progress("yt-dlp", Double.parseDouble(percent.group(1)) / 100, ""));
        }
      }
      String last = said.isEmpty() ? "it said nothing" : said.getLast();
      if (process.waitFor() != 0) {
        throw new NotebookException(
            "yt-dlp could not fetch %s: %s".formatted(Masking.mask(address), Masking.mask(last)));
      }
      live.showNow(Note.progress("yt-dlp", 1, "done"));
      return last;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NotebookException("Interrupted: nothing was kept");
    } finally {
      process.destroy();
    }
  }

  /** Gives it its name, if it is a video. */
  private String publish(Path part, String name) throws IOException {
    try (ClipReader reader = ClipReader.open(part, 1)) {
      if (!reader.next()) {
        throw new NotebookException(name + " holds no picture: it was not kept");
      }
    } catch (ClipUnreadableException e) {
      throw new NotebookException(name + " is no video and was not kept: " + e.getMessage());
    }
    try {
      Files.createLink(folder.root().resolve(name), part); // unlike a move, never replaces
    } catch (FileAlreadyExistsException e) {
      throw new NotebookException(
          name + " is in the video folder already: delete or rename it there first");
    } catch (UnsupportedOperationException | IOException e) {
      Files.move(part, folder.root().resolve(name));
    }
    return name;
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
