import { basename } from 'node:path';
import { Command } from 'commander';
import { catalogue } from '../runbooks/index.ts';
import { diagnose } from '../src/core/diagnose.ts';
import { snapshotOf } from '../src/core/snapshot-of.ts';
import { readInput } from './read-input.ts';
import { reportOf } from './report.ts';

/** `medic diagnose`: the verdict on one capture, as text for people or as `medic.diagnosis/1` JSON. */
export function diagnoseCommand(): Command {
  return new Command('diagnose')
    .description('say what is wrong on the node that a capture was taken on')
    .argument('[capture]', 'capture file, folder of samples, or - for standard input', '-')
    .option('--json', 'print the diagnosis as one JSON object')
    .exitOverride()
    .action(async (path: string, options: { json?: true }) => {
      const capture = await readInput(path);
      const { diagnosis } = diagnose(snapshotOf(capture), catalogue, 'this node');
      const output =
        options.json === true
          ? JSON.stringify(diagnosis, null, 2)
          : reportOf(diagnosis, catalogue, title(path));
      process.stdout.write(`${output}\n`);
    });
}

function title(path: string): string {
  return path === '-' ? 'standard input' : basename(path);
}
