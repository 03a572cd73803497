package org.shvideo.worker.yolo;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.shvideo.tasks.files.FileOperations;
import org.shvideo.tasks.json.Json;

/**
 * A YOLOv8 detection model as TorchScript, in PyTorch's engine. Owns the native model until closed;
 * thread-safe, while each {@link Run} belongs to one thread at a time.
 *
 * <p>Each forward pass uses one thread: passes in parallel use the cores better than threads within
 * one (measured on two cores at 384×640: 36 ms a frame against 63).
 */
final class YoloModel implements AutoCloseable {
  private static final int CHANNELS = 3;

  /** Multiples of 32 other than 640: accepted only by a model with a dynamic input shape. */
  private static final Shape PROBE_SHAPE = new Shape(1, CHANNELS, 64, 96);

  private static final Shape SQUARE_SHAPE = new Shape(1, CHANNELS, Letterbox.SIZE, Letterbox.SIZE);

  private final Model model;
  private final String name;
  private List<String> labels = List.of();
  private boolean square;

  private YoloModel(Model model, String name) {
    this.model = model;
    this.name = name;
  }

  /** Loads a model and probes its input shapes; fails unless it is a YOLOv8 detection model. */
  static YoloModel load(Path file) throws ModelUnavailableException {
    // DJL would report each cloud machine that runs it to its authors.
    System.setProperty("OPT_OUT_TRACKING", "true");
    try {
      Engine engine = Engine.getEngine("PyTorch");
      JniUtils.setNumThreads(1);
      String base = file.getFileName().toString().replaceFirst("\\.\\w+$", "");
      YoloModel loaded =
          new YoloModel(
              engine.newModel(base, Device.cpu()),
              base + "@" + FileOperations.sha256(file).substring(0, 8));
      try {
        loaded.model.load(file.toAbsolutePath());
        loaded.probe(file);
        return loaded;
      } catch (IOException
          | MalformedModelException
          | ModelUnavailableException
          | RuntimeException
          | Error e) {
        loaded.close();
        throw e;
      }
    } catch (IOException | MalformedModelException | EngineException e) {
      throw new ModelUnavailableException(
          "Cannot load the model %s: %s".formatted(file, firstLine(e)), e);
    }
  }

  private void probe(Path file) throws IOException, ModelUnavailableException {
    Shape output;
    try {
      output = outputShape(PROBE_SHAPE);
    } catch (EngineException | TranslateException onlySquare) {
      square = true;
      try {
        output = outputShape(SQUARE_SHAPE);
      } catch (TranslateException e) {
        throw new ModelUnavailableException(
            "%s does not accept a picture of 640×640, so it is not a YOLOv8 model (%s)"
                .formatted(file, firstLine(e)),
            e);
      }
    }
    long classes = output.dimension() == 3 ? output.get(1) - YoloOutput.BOX_PLANES : 0;
    if (classes < 1) {
      throw new ModelUnavailableException(
          "%s returns %s instead of [1, 4 + classes, rows], so it is not a YOLOv8 detection model"
              .formatted(file, output));
    }
    labels = labels(file);
    if (labels.size() != classes) {
      throw new ModelUnavailableException(
          "%s has %d classes but names for %d".formatted(file, classes, labels.size()));
    }
  }

  private Shape outputShape(Shape input) throws TranslateException {
    try (Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator(null));
        NDManager manager = model.getNDManager().newSubManager();
        NDList output = predictor.predict(new NDList(manager.zeros(input)))) {
      return output.isEmpty() ? new Shape() : output.get(0).getShape();
    }
  }

  /** File name and the first digits of the file's SHA-256, {@code yolov8n@c4da9869}. */
  String name() {
    return name;
  }

  /** The classes' names, in the model's order. */
  List<String> labels() {
    return labels;
  }

  /** Whether it accepts 640×640 only, not any multiples of 32. */
  boolean square() {
    return square;
  }

  Run newRun() {
    return new Run();
  }

  @Override
  public void close() {
    model.close();
  }

  /** Input buffer and predictor of one thread. */
  final class Run implements AutoCloseable {
    private final Predictor<NDList, NDList> predictor =
        model.newPredictor(new NoopTranslator(null));
    private final NDManager manager = model.getNDManager().newSubManager();
    private final ByteBuffer input =
        ByteBuffer.allocateDirect(Float.BYTES * CHANNELS * Letterbox.SIZE * Letterbox.SIZE)
            .order(ByteOrder.nativeOrder());

    private Run() {}

    /** The buffer for the next input, to be written from index 0. */
    FloatBuffer input() {
      return input.clear().asFloatBuffer();
    }

    /** Reads an output, which is valid during the call only. */
    interface Reader<T> {
      T read(FloatBuffer output, int rows);
    }

    /**
     * Runs the model on what {@link #input} holds; throws an {@link EngineException} if that fails.
     */
    <T> T forward(int width, int height, Reader<T> reader) {
      Shape shape = new Shape(1, CHANNELS, height, width);
      input.clear().limit(Math.toIntExact(shape.size() * Float.BYTES));
      try (NDArray in = manager.create(input, shape, DataType.FLOAT32);
          NDList out = predictor.predict(new NDList(in))) {
        NDArray first = out.get(0);
        return reader.read(
            first.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer(),
            Math.toIntExact(first.getShape().get(2)));
      } catch (TranslateException e) {
        throw new EngineException("The model failed: " + firstLine(e), e);
      }
    }

    @Override
    public void close() {
      predictor.close();
      manager.close();
    }
  }

  /** The names that Ultralytics' exports carry in an extra file, or COCO's. */
  private static List<String> labels(Path file) throws IOException {
    try (ZipFile archive = new ZipFile(file.toFile())) {
      ZipEntry config =
          archive.stream()
              .filter(entry -> entry.getName().endsWith("/extra/config.txt"))
              .findFirst()
              .orElse(null);
      if (config != null) {
        try (InputStream in = archive.getInputStream(config)) {
          String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
          JsonNode names = Json.read(text, JsonNode.class).path("names");
          List<String> labels = new ArrayList<>();
          // A list, or an object whose keys count from 0 but stand in any order.
          for (int i = 0; i < names.size(); i++) {
            labels.add(
                (names.isArray() ? names.path(i) : names.path(Integer.toString(i))).asText());
          }
          if (!labels.isEmpty()) {
            return List.copyOf(labels);
          }
        }
      }
    }
    return cocoLabels();
  }

  private static List<String> cocoLabels() {
    try (var in = YoloModel.class.getResourceAsStream("coco.names");
        var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return lines.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
  }
}
