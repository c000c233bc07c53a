// @ts-check
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { STACK_NAME } from '../cdk/stack-name.mjs';
import { printable } from '../src/core/printable.mjs';
import { addCompletion } from './terminal/completion.mjs';
import { addExamples } from './terminal/examples.mjs';
import { isForeseen, NOT_DONE, tellFault } from './terminal/fault.mjs';
import { beginProgress, endProgress } from './terminal/progress.mjs';

/** What is being done while a command takes longer than a second. */
const DOING = new Map([
  ['audit', 'reading the records'],
  ['collect', 'reading this machine twice'],
  ['diagnose', 'reading and judging what was given'],
  ['doctor', 'asking the deployment'],
  ['export', 'reading what the sweep left'],
  ['fleet', 'reading what the sweep left'],
  ['incident', 'asking the deployment'],
  ['node', 'reading what the sweep left'],
  ['page', 'reading the records'],
  ['plan', 'reading and judging what was given'],
  ['runbook', 'reading and judging what was given'],
  ['trace', 'looking at packets'],
]);

/** @typedef {() => Promise<void>} Prepare makes TypeScript loadable; called before the first command's code is loaded */

/**
 * Every command with its arguments and options, and where its code is. Plain JavaScript: help and refusals of a wrong
 * call are answered from here, without a loader for TypeScript and without the code of any command.
 *
 * @param {Prepare} prepare
 */
function medic(prepare) {
  const program = new Command('medic')
    .description('Find out why new connections stall on a Kubernetes worker node.')
    .version(version(), '--version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => process.stdout.write(printable(text)),
      writeErr: (text) => process.stderr.write(printable(text)),
    })
    .configureHelp({ sortSubcommands: true })
    .hook('preAction', (_, command) => {
      const doing = DOING.get(command.name());
      if (doing !== undefined) beginProgress(doing);
    })
    .hook('postAction', endProgress);
  readCommands(program, prepare);
  handCommands(program, prepare);
  deploymentCommands(program, prepare);
  fleetCommands(program, prepare);
  program
    .command('demo')
    .description('run the whole service on this machine (the same as npm run demo)')
    .allowUnknownOption()
    .helpOption(false)
    .argument('[options...]', 'options of the demo, see npm run demo -- --help')
    .action(async (options) => {
      await prepare();
      await (await import('./demo-command.ts')).runDemoCommand(options);
    });
  return program;
}

/** The version that this checkout is of. */
function version() {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return /** @type {{ version: string }} */ (JSON.parse(text)).version;
}

/**
 * What judges a text that was read from a node.
 *
 * @param {Command} program
 * @param {Prepare} prepare
 */
function readCommands(program, prepare) {
  program
    .command('diagnose')
    .description('say what is wrong on the node that a capture or a pasted text is from')
    .argument(
      '[inputs...]',
      "captures, folders of samples, files with what a node's tools printed, outputs of medic trace or up to three pcap files, bundles (EKS log collector, sosreport, logdog, cluster-info dump, must-gather or a folder a node; unpacked, .tar, .tar.gz, .tar.xz or .zip), or - for standard input",
      ['-'],
    )
    .option('--json', 'print the diagnosis as one JSON object, those of several nodes as one array')
    .action(async (inputs, options) => {
      await prepare();
      await (await import('./diagnose-command.ts')).runDiagnose(inputs, options);
    });
  program
    .command('plan')
    .description(
      'say what would be changed on the node that a capture is from, and how the numbers were found',
    )
    .argument(
      '[inputs...]',
      'what medic diagnose takes: captures, folders of samples, pasted text, bundles, or -',
      ['-'],
    )
    .option('--peak <entries>', 'most entries that are known to have been needed at once, from a graph')
    .option('--json', 'print the plan as one JSON object, those of several nodes as one array')
    .action(async (inputs, options) => {
      await prepare();
      await (await import('./plan-command.ts')).runPlan(inputs, options);
    });
}

/**
 * What helps somebody on call before there is an incident.
 *
 * @param {Command} program
 * @param {Prepare} prepare
 */
function handCommands(program, prepare) {
  program
    .command('collect')
    .description(
      'print a capture of this machine, which has to be a Linux node and needs root; it changes nothing',
    )
    .option('--seconds <number>', 'time between the two samples, 2 to 60', '10')
    .option('--script', 'print the script that does it, for a machine without Node.js')
    .action(async (options) => {
      await prepare();
      await (await import('./node-script/collect-command.ts')).runCollect(options);
    });
  program
    .command('trace')
    .description(
      'say where new connections are lost: on a node, through Systems Manager, or on this machine, which has to be a Linux node and needs root; it changes nothing',
    )
    .argument('[instance-id]', 'EC2 instance id of the node; without one this machine')
    .option('--local', 'this machine, as without an instance id')
    .addOption(new Option('--demo [page]', 'a node of the demo on this machine, the one with this page'))
    .option('--stack <name>', `CloudFormation stack whose document is sent (default: ${STACK_NAME})`)
    .option('--region <region>', 'AWS region (or AWS_REGION)')
    .option('--seconds <number>', 'how long packets are looked at, 5 to 60', '15')
    .option('--port <number>', 'port that clients connect to, or any', 'any')
    .option('--points <list>', 'where: auto, or up to five of uplink=INTERFACE and pod=ADDRESS', 'auto')
    .option('--json', 'print one JSON object instead of text')
    .option('--picture <file>', 'write a picture of where first SYNs got to, as SVG')
    .option('--raw', 'print what the script printed, with the captured headers behind its end')
    .option('--script', 'print the script that does it, for a machine without Node.js')
    .action(async (instanceId, options) => {
      await prepare();
      await (await import('./trace/command.ts')).runTrace(instanceId, options);
    });
  program
    .command('runbook')
    .description('print the runbook of a failure mode, or of what a capture shows; without either, the modes')
    .argument('[mode]', 'failure mode, such as table-full')
    .option('--from <input>', 'what medic diagnose takes: its numbers fill the steps')
    .action(async (mode, options) => {
      await prepare();
      await (await import('./runbook-command.ts')).runRunbook(mode, options);
    });
}

/** Which of several demos is meant. */
function oneDemo() {
  return new Option('--demo <page>', 'the demo with this page, where several run').implies({ local: true });
}

/**
 * Whose records a command reads: of a deployment, or of a demo on this machine.
 *
 * @param {Command} command
 */
function readingRecords(command) {
  return command
    .option('--local', 'read the records of the demo that runs on this machine')
    .addOption(oneDemo())
    .option('--stack <name>', `CloudFormation stack whose records are read (default: ${STACK_NAME})`)
    .option('--table <name>', 'DynamoDB table of the records, where no stack tells it (or MEDIC_TABLE)')
    .option('--region <region>', 'AWS region (or AWS_REGION)');
}

/**
 * What talks to a deployment, or to a demo on this machine.
 *
 * @param {Command} program
 * @param {Prepare} prepare
 */
function deploymentCommands(program, prepare) {
  const audit = program
    .command('audit')
    .description('print what was read, decided and changed for one incident')
    .argument('<incident>', 'id of the incident, as the foot of its card shows it')
    .option('--json', 'print one JSON object instead of Markdown');
  readingRecords(audit).action(async (incident, options) => {
    await prepare();
    await (await import('./audit-command.ts')).runAudit(incident, options);
  });
  program
    .command('doctor')
    .description('check a deployment: Slack, function URLs, documents, nodes, one collection')
    .option('--local', 'check the demo that runs on this machine')
    .addOption(oneDemo())
    .option('--stack <name>', 'name of the CloudFormation stack', STACK_NAME)
    .option('--region <region>', 'AWS region (or AWS_REGION)')
    .option('--json', 'print one JSON object instead of lines')
    .action(async (options) => {
      await prepare();
      await (await import('./doctor-command.ts')).runDoctor(options);
    });
  program
    .command('incident')
    .description('open an incident for nodes by hand: they are read, and a card is posted')
    .argument('<instance-id...>', 'EC2 instance ids of the nodes')
    .option('--local', 'ask the demo that runs on this machine')
    .addOption(oneDemo())
    .option('--stack <name>', 'name of the CloudFormation stack', STACK_NAME)
    .option('--region <region>', 'AWS region (or AWS_REGION)')
    .action(async (instanceIds, options) => {
      await prepare();
      await (await import('./incident-command.ts')).runIncident(instanceIds, options);
    });
  const page = program
    .command('page')
    .description('write the page of one incident: its verdict, charts, evidence and record in one HTML file')
    .argument('<incident>', 'id of the incident, as the foot of its card shows it')
    .option('--output <file>', 'where it is written (default: the id with .html, in this folder)')
    .option('--open', 'open it in the browser');
  readingRecords(page).action(async (incident, options) => {
    await prepare();
    await (await import('./page-command.ts')).runPage(incident, options);
  });
  program
    .command('slack-manifest')
    .description('print the manifest of the Slack app with the request URL of a deployment')
    .requiredOption('--url <url>', 'request URL: the stack’s output SlackUrl')
    .action(async ({ url }) => {
      await prepare();
      (await import('./slack-manifest-command.ts')).runSlackManifest(url);
    });
}

/**
 * What the sweep over the fleet left.
 *
 * @param {Command} program
 * @param {Prepare} prepare
 */
function fleetCommands(program, prepare) {
  const fleet = program
    .command('fleet')
    .description('list the nodes as the newest sweep saw them, those whose table is full first')
    .option('--json', 'print one JSON object instead of a table')
    .option('--watch', 'print it again every ten seconds, until it is ended')
    .option('--output <file>', 'write a page with charts there instead')
    .option('--open', 'write the page (fleet.html unless --output names another) and open it in the browser');
  readingRecords(fleet).action(async (options) => {
    await prepare();
    await (await import('./fleet/fleet-command.ts')).runFleet(options);
  });
  const node = program
    .command('node')
    .description("say of one node's limit what it is, who set it and when, what it was and what it will be")
    .argument('<instance-id>', 'EC2 instance id of the node')
    .option('--json', 'print one JSON object instead of text');
  readingRecords(node).action(async (instanceId, options) => {
    await prepare();
    await (await import('./fleet/node-command.ts')).runNode(instanceId, options);
  });
  const exported = program
    .command('export')
    .description("print what the newest sweep found in Prometheus' text format, for scraping");
  readingRecords(exported).action(async (options) => {
    await prepare();
    await (await import('./fleet/export-command.ts')).runExport(options);
  });
}

/**
 * Runs the command line; sets the process's exit status and never throws for bad input.
 *
 * @param {readonly string[]} argv as `process.argv`: the command begins at the third
 * @param {Prepare} [prepare] left out where TypeScript can be loaded already
 */
export async function main(argv, prepare = async () => {}) {
  try {
    const program = medic(prepare);
    await addCompletion(program, argv);
    addExamples(program);
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      endProgress();
      if (!isForeseen(error)) throw error;
      tellFault(error);
    } else process.exitCode = error.exitCode === 0 ? 0 : NOT_DONE;
  }
}
