import { Command, CommanderError } from 'commander';
import { auditCommand } from './audit-command.ts';
import { demoCommand } from './demo-command.ts';
import { diagnoseCommand } from './diagnose-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { incidentCommand } from './incident-command.ts';
import { InputError } from './input-error.ts';
import { planCommand } from './plan-command.ts';
import { slackManifestCommand } from './slack-manifest-command.ts';

/** Exit status for input that can't be used, told in one sentence on standard error. */
const BAD_INPUT = 2;

/** Runs the command line; sets the process's exit status and never throws for bad input. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('medic')
    .description('Find out why new connections stall on a Kubernetes worker node.')
    .exitOverride()
    .configureHelp({ sortSubcommands: true });
  program.addCommand(auditCommand());
  program.addCommand(diagnoseCommand());
  program.addCommand(demoCommand());
  program.addCommand(doctorCommand());
  program.addCommand(incidentCommand());
  program.addCommand(planCommand());
  program.addCommand(slackManifestCommand());
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : BAD_INPUT;
      return;
    }
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`medic: ${error.message}\n`);
    process.exitCode = BAD_INPUT;
  }
}
