package org.shvideo.cli;

import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.shvideo.cli.discover.DiscoverCommand;
import org.shvideo.cli.inspect.CheckCommand;
import org.shvideo.cli.inspect.DoctorCommand;
import org.shvideo.cli.inspect.QueueCommand;
import org.shvideo.cli.jupyter.NotebooksCommand;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.tasks.monitoring.Metrics;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.settings.SettingsException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The command {@code sh-video}: its subcommands, and how their errors are reported. */
@Command(
    name = "sh-video",
    description = {
      "Records clips when something moves in front of your cameras, and lists the objects in each"
          + " clip.",
      ""
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      RunCommand.class,
      DetectCommand.class,
      QueueCommand.class,
      NotebooksCommand.class,
      CheckCommand.class,
      DoctorCommand.class,
      DiscoverCommand.class,
      CameraCommand.class,
    },
    footer = {
      "",
      "Settings are environment variables: RTSP_URL, VIDEO_DIR, RDS_HOST …"
          + " (docs/guide/settings.md).",
      "'sh-video COMMAND --help' explains a command.",
      "A checkout also has the commands bench, chaos, evaluate and powercut, which measure and"
          + " test sh-video."
    })
public final class ShVideo implements Callable<Integer> {
  /** Exit status for invalid arguments, settings or files. */
  public static final int BAD_INPUT = 2;

  @Spec private CommandSpec spec;

  public static void main(String[] arguments) {
    System.exit(commandLine(new ShVideo()).execute(arguments));
  }

  /** The command line of a root command; all its subcommands have help, and report errors alike. */
  public static CommandLine commandLine(Callable<Integer> root) {
    CommandLine commandLine =
        new CommandLine(root).setExecutionExceptionHandler(ShVideo::reportError);
    addHelpAndVersion(commandLine, "sh-video " + Metrics.version());
    return commandLine.registerConverter(Path.class, ShVideo::path);
  }

  /**
   * Where the locale is not UTF-8, Java cannot even read a name with other letters than ASCII's.
   */
  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(
          "'%s' is no path that the locale can express (set LC_ALL=C.UTF-8)".formatted(text));
    }
  }

  private static void addHelpAndVersion(CommandLine commandLine, String version) {
    commandLine.getCommandSpec().mixinStandardHelpOptions(true).version(version);
    commandLine.getSubcommands().values().forEach(command -> addHelpAndVersion(command, version));
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "Missing command.");
  }

  /** Prints only the message of what a user can fix; anything else is a bug, with a stack trace. */
  private static int reportError(
      Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed) {
    PrintWriter err = commandLine.getErr();
    boolean badInput = failure instanceof SettingsException || failure instanceof UserException;
    if (badInput || failure instanceof QueueUnavailableException) {
      err.println("sh-video: " + failure.getMessage());
    } else {
      failure.printStackTrace(err);
    }
    return badInput ? BAD_INPUT : 1;
  }
}
