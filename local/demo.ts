import { Command, InvalidArgumentError, Option } from 'commander';
import { printable } from '../src/core/printable.mjs';
import { DEMO_FAULTS, type DemoFault, readFault } from './demo/faults/faults.ts';
import { DEMO_SCENARIOS, type DemoScenario, scenariosOf } from './demo/scenarios.ts';
import { watchStarter } from './demo/starter.ts';

// The SDK's note on coming Node versions is for developers of this project, not for who tries the demo.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

function port(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('a port is 0 to 65535');
  return value;
}

function fault(text: string, before: DemoFault | undefined): DemoFault {
  try {
    return readFault(text, before);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

const program = new Command('demo')
  .configureOutput({
    writeOut: (text) => process.stdout.write(printable(text)),
    writeErr: (text) => process.stderr.write(printable(text)),
  })
  .description('Watch a node get sick, be diagnosed and be healed with one click, on this machine only.')
  .option(
    '--kernel',
    'make the fault on this machine’s own kernel (Linux, root; for a throwaway machine)',
    false,
  )
  .option('--auto', 'click by itself and exit 0 only if the nodes themselves show the fix', false)
  .addOption(
    new Option(
      '--scenario <name>',
      `what happens, which the page's menu can change as well: ${Object.entries(DEMO_SCENARIOS)
        .map(([name, { watch }]) => `${name}: ${watch}`)
        .join(' ')}`,
    )
      .choices(Object.keys(DEMO_SCENARIOS))
      .default('table-full' satisfies DemoScenario),
  )
  .addOption(
    new Option(
      '--fault <name>',
      `with --auto, what goes wrong: ${Object.entries(DEMO_FAULTS)
        .map(([name, { says }]) => `${name}: ${says}`)
        .join('; ')}`,
    ).argParser(fault),
  )
  .option('--port <number>', 'port of the page', port)
  .addHelpText(
    'after',
    `
Examples:
  npm run demo                                the page in a browser; break a node, read the card, click
  npm run demo -- --scenario fleet            forty nodes, and a warning hours before they are full
  npm run demo -- --scenario lost-syn         where a SYN gets lost, traced and drawn
  npm run demo -- --auto                      the same without a browser: ends by itself, in error where the nodes are not healed
  sudo npm run demo -- --kernel               the fault on this machine's own kernel`,
  )
  .parse();
const {
  kernel,
  auto,
  scenario,
  fault: chosen,
  port: wanted,
} = program.opts<{
  kernel: boolean;
  auto: boolean;
  scenario: DemoScenario;
  fault?: DemoFault;
  port?: number;
}>();
if (chosen !== undefined && (!auto || kernel || scenario !== 'table-full'))
  program.error(`--fault ${chosen} goes with --auto and recorded nodes, without --kernel and --scenario.`);
if (!scenariosOf({ kernel }).includes(scenario))
  program.error(`--scenario ${scenario} is for recorded nodes: leave --kernel out.`);

/** One Ctrl-C arrives more than once: from the terminal, and passed on by npm and by tsx. */
const SAME_SIGNAL_MS = 1500;

const interruption = new AbortController();
let interruptedAt: number | undefined;
function interrupt(): void {
  interruptedAt ??= Date.now();
  interruption.abort();
  // The first one cleans up, which can take some seconds; whoever asks again does not want to wait.
  if (Date.now() - interruptedAt > SAME_SIGNAL_MS) process.exit(130);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
// npm and tsx run this file in a child of theirs; when they are killed, this process would stay behind.
watchStarter(() => interruption.abort());
// A reader that went away, such as `| head`, is no reason to leave the demo half cleaned up.
process.stdout.on('error', () => interruption.abort());

// Loaded last, as that takes a second: what ends the demo is in place by then.
try {
  // The texts of the failure modes are read before the build, which would tell of a broken one in its own words.
  await import('../src/adapters/runbook-texts.ts');
  const { runDemo } = await import('./demo/run-demo.ts');
  process.exit(await runDemo({ kernel, auto, scenario, fault: chosen, port: wanted }, interruption.signal));
} catch (error) {
  process.stderr.write(`demo: ${printable(error instanceof Error ? error.message : String(error))}\n`);
  process.exit(1);
}
