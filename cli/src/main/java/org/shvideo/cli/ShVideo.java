package org.shvideo.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.shvideo.cli.inspect.CheckCommand;
import org.shvideo.cli.inspect.DoctorCommand;
import org.shvideo.cli.inspect.QueueCommand;
import org.shvideo.cli.jupyter.NotebooksCommand;
import org.shvideo.cli.pipeline.UserException;
import org.shvideo.tasks.queue.QueueUnavailableException;
import org.shvideo.tasks.settings.SettingsException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the command: names its subcommands and turns their errors into sentences. */
@Command(
    name = "sh-video",
    mixinStandardHelpOptions = true,
    version = "sh-video 1.0.0",
    description = {
      "Watches your cameras: motion becomes a clip, the clip a job, the job a line that says what"
          + " was seen.",
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
      CameraCommand.class,
    },
    footer = {
      "",
      "Every setting of the README may stand in the environment: RTSP_URL, VIDEO_DIR, RDS_HOST …",
      "'sh-video COMMAND --help' explains a command."
    })
public final class ShVideo implements Callable<Integer> {
  /** Exit status for input that cannot be used: arguments, settings, files. */
  public static final int BAD_INPUT = 2;

  @Spec private CommandSpec spec;

  public static void main(String[] arguments) {
    System.exit(commandLine(new ShVideo()).execute(arguments));
  }

  /** The command line of a root command, with errors as sentences and one version for all. */
  public static CommandLine commandLine(Callable<Integer> root) {
    CommandLine commandLine = new CommandLine(root).setExecutionExceptionHandler(ShVideo::explain);
    shareVersion(commandLine);
    return commandLine;
  }

  private static void shareVersion(CommandLine commandLine) {
    for (CommandLine subcommand : commandLine.getSubcommands().values()) {
      subcommand.getCommandSpec().version(commandLine.getCommandSpec().version());
      shareVersion(subcommand);
    }
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "Say what to do: a command is missing.");
  }

  /**
   * What a user can act on gets its message alone; anything else is a fault of ours and shows all.
   */
  private static int explain(
      Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed) {
    PrintWriter err = commandLine.getErr();
    if (failure instanceof SettingsException || failure instanceof UserException) {
      err.println("sh-video: " + failure.getMessage());
      return BAD_INPUT;
    }
    if (failure instanceof QueueUnavailableException) {
      err.println("sh-video: " + failure.getMessage());
      return 1;
    }
    failure.printStackTrace(err);
    return 1;
  }
}
