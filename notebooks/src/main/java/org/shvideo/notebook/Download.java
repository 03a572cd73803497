package org.shvideo.notebook;

import java.io.BufferedReader;
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
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
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
  private static final int MOST_REDIRECTS = 5;
  private static final int MOST_NAME = 100;
  private static final Pattern PERCENT = Pattern.compile("(\\d+(?:\\.\\d+)?)%");
  private static final String HIDDEN = ".download-";
  private static final int HIGHEST_PORT = 65535;
  private static final long LOOKS_EVERY_MILLIS = 50;

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
  private final String ytDlp;
  private final Duration silence;

  Download(VideoFolder folder) {
    this(folder, "yt-dlp", Duration.ofSeconds(20));
  }

  /**
   * @param ytDlp the program, a name to be found on the PATH or a path
   * @param silence after which a server that sends nothing is given up; yt-dlp may be silent for
   *     six times as long
   */
  Download(VideoFolder folder, String ytDlp, Duration silence) {
    this.folder = folder;
    this.ytDlp = ytDlp;
    this.silence = silence;
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
      boolean page = type.equals("text/html");
      if (page || (!type.startsWith("video/") && !VideoFolder.isVideo(name))) {
        return fetchPage(address, page ? "a page" : type.isEmpty() ? "of no known type" : type);
      }
      if (Files.exists(folder.root().resolve(name))) {
        return keepEarlier(name);
      }
      Path part = folder.root().resolve(HIDDEN + UUID.randomUUID());
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

  private static String keepEarlier(String name) {
    new LiveDisplay()
        .show(
            new Text(name + " is in the video folder already; delete it there to fetch it anew."));
    return name;
  }

  private HttpURLConnection open(String address) throws IOException {
    URL url = url(address);
    for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      HttpURLConnection connection = (HttpURLConnection) url.openConnection();
      // Followed here and not there, which would not go from http to https.
      connection.setInstanceFollowRedirects(false);
      connection.setConnectTimeout((int) silence.toMillis());
      connection.setReadTimeout((int) silence.toMillis());
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
      url = target(url, location);
    }
    throw new NotebookException(
        "%s: the server sends us from one address to the next without end"
            .formatted(Masking.mask(address)));
  }

  private static URL target(URL from, String location) {
    try {
      return url(new URL(from, location).toString());
    } catch (MalformedURLException e) {
      return url(location);
    }
  }

  private static URL url(String address) {
    try {
      URL url = new URL(address.strip());
      if (List.of("http", "https").contains(url.getProtocol())
          && !url.getHost().isEmpty()
          && url.getPort() <= HIGHEST_PORT) {
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
    return type == null ? "" : type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
  }

  /** The address' last part, reduced to what is harmless in any file system. */
  private static String name(URL url, String type) {
    return safe(decoded(url.getPath().replaceFirst(".*/", "")), ENDINGS.getOrDefault(type, ""));
  }

  private static String decoded(String part) {
    try {
      return URLDecoder.decode(part, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return part; // a percent sign that means itself
    }
  }

  static String safe(String name, String usualEnding) {
    String safe = name.replaceAll("[^A-Za-z0-9._-]+", "-").replaceFirst("^[.-]+", "");
    safe = safe.isEmpty() ? "video" : safe;
    if (!VideoFolder.isVideo(safe) && !usualEnding.isEmpty()) {
      safe += "." + usualEnding;
    }
    return safe.length() <= MOST_NAME
        ? safe
        : safe.substring(safe.length() - MOST_NAME).replaceFirst("^[.-]+", "");
  }

  private static void copy(HttpURLConnection connection, Path part, String name)
      throws IOException {
    long total = connection.getContentLengthLong();
    LiveDisplay live = new LiveDisplay();
    long done = 0;
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = connection.getInputStream();
        OutputStream out = Files.newOutputStream(part)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        NotebookException.whenInterrupted();
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

  private static Text progress(String name, long done, long total) {
    return Text.progress(
        name, total > 0 ? (double) done / total : 0, "%.1f MB".formatted(done / 1e6));
  }

  /** Lets yt-dlp find the video in what is no video itself. */
  private String fetchPage(String address, String what) throws IOException {
    Path temporary = Files.createDirectory(folder.root().resolve(HIDDEN + UUID.randomUUID()));
    try {
      Process process;
      try {
        process =
            new ProcessBuilder(
                    ytDlp,
                    "--ignore-config",
                    "--no-playlist",
                    "--restrict-filenames",
                    "--newline",
                    "--socket-timeout",
                    Long.toString(Math.max(1, silence.toSeconds())),
                    "--format",
                    "best[ext=mp4]/best",
                    "--output",
                    temporary.resolve("%(title).80s-%(id)s.%(ext)s").toString(),
                    "--batch-file",
                    "-")
                .redirectErrorStream(true)
                .start();
      } catch (IOException e) {
        throw new NotebookException(
            "%s is %s, not a video file. yt-dlp finds the video in a page, but it is not"
                    .formatted(Masking.mask(address), what)
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
  private String await(Process process, String address) throws IOException {
    // Not as an argument: those are for all to read in the list of processes.
    try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
      in.write(address.strip() + "\n");
    } catch (IOException e) {
      // It ended without reading: what it said tells why.
    }
    LiveDisplay live = new LiveDisplay();
    String last = "it said nothing";
    long heard = System.nanoTime();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      // Not read until its end, which an interrupt would not break off.
      for (boolean alive = true; alive || lines.ready(); ) {
        alive = process.isAlive();
        if (lines.ready()) {
          last = lines.readLine();
          heard = System.nanoTime();
          Matcher percent = PERCENT.matcher(last);
          if (last.startsWith("[download]") && percent.find()) {
            live.show(Text.progress("yt-dlp", Double.parseDouble(percent.group(1)) / 100, ""));
          }
        } else if (System.nanoTime() - heard > silence.multipliedBy(6).toNanos()) {
          throw new NotebookException(
              "yt-dlp has gone silent over %s and was stopped; the last it said: %s"
                  .formatted(Masking.mask(address), Masking.mask(last)));
        } else {
          process.waitFor(LOOKS_EVERY_MILLIS, TimeUnit.MILLISECONDS);
        }
      }
      if (process.exitValue() != 0) {
        throw new NotebookException(
            "yt-dlp could not fetch %s: %s".formatted(Masking.mask(address), Masking.mask(last)));
      }
      live.showNow(Text.progress("yt-dlp", 1, "done"));
      return last;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NotebookException("Stopped. Nothing was kept.");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly); // its ffmpeg
      process.destroyForcibly().onExit().join();
    }
  }

  /** Gives it its name, if it is a video. */
  private String publish(Path part, String name) throws IOException {
    try (ClipReader reader = ClipReader.open(part, 1)) {
      reader.next(); // fails where there is not one frame
    } catch (ClipUnreadableException e) {
      throw new NotebookException(
          e.getMessage().replace(part.getFileName().toString(), name) + ". It was not kept.");
    }
    try {
      Files.createLink(folder.root().resolve(name), part); // unlike a move, never replaces
    } catch (FileAlreadyExistsException e) {
      return keepEarlier(name);
    } catch (UnsupportedOperationException | IOException e) {
      Files.move(part, folder.root().resolve(name));
    }
    return name;
  }

  private static String reason(IOException e) {
    if (e instanceof UnknownHostException) {
      return "there is no host of that name";
    }
    if (e instanceof SocketTimeoutException) {
      return "the server has gone silent";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
