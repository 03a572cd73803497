package org.shvideo.lab;

import java.util.concurrent.Callable;
import org.shvideo.cli.ShVideo;
import org.shvideo.lab.bench.BenchCommand;
import org.shvideo.lab.chaos.ChaosCommand;
import org.shvideo.lab.evaluate.EvaluateCommand;
import org.shvideo.lab.powercut.PowercutCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands of {@code ./sh-video} that measure and test the product; they need a checkout. */
@Command(
    name = "sh-video",
    description = "Measures and tests sh-video.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      BenchCommand.class,
      ChaosCommand.class,
      EvaluateCommand.class,
      PowercutCommand.class
    })
public final class Lab implements Callable<Integer> {
  @Spec private CommandSpec spec;

  public static void main(String[] arguments) {
    System.exit(ShVideo.commandLine(new Lab()).execute(arguments));
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "Missing command.");
  }
}
