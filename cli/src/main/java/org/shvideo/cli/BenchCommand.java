package org.shvideo.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures how fast the parts are on this machine, each against its baseline in the same run. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures the parts on this machine, against their baselines in the same run.",
    synopsisSubcommandLabel = "PART",
    subcommands = {BenchQueueCommand.class, BenchStartCommand.class, BenchWorkerCommand.class})
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "Say what to measure: a part is missing.");
  }
}
