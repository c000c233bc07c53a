// @ts-check
/** @import { Command } from 'commander' */

/** What a call of each command looks like, with what it does: two of each. */
const EXAMPLES = /** @type {const} */ ({
  audit: [
    ['medic audit inc-0123456789abcdef0123', 'one incident as Markdown, from the deployed stack'],
    [
      'medic audit inc-0123456789abcdef0123 --local --json',
      'the same from the demo on this machine, as JSON',
    ],
  ],
  collect: [
    ['sudo medic collect > capture.txt', 'read this machine twice within ten seconds'],
    ['medic collect --script | ssh NODE sudo sh > capture.txt', 'read a machine that has no Node.js'],
  ],
  complete: [
    ['source <(medic complete bash)', 'complete in this shell; zsh the same way'],
    ['medic complete fish > ~/.config/fish/completions/medic.fish', 'complete in every fish'],
  ],
  demo: [
    ['medic demo', 'a page on which a node gets sick and is healed with one click'],
    ['medic demo --auto', 'the same without hands; exits 0 only if the node is healed'],
  ],
  diagnose: [
    ['medic diagnose capture.txt', 'what is wrong, by what, and what was ruled out'],
    ['ssh NODE sudo conntrack -S | medic diagnose --json -', 'what a tool printed, for a script'],
  ],
  doctor: [
    ['medic doctor --stack ConntrackMedic', 'check a deployment, before it is needed'],
    ['medic doctor --local --json', 'check the demo on this machine, for a script'],
  ],
  export: [
    [
      'medic export > /var/lib/node_exporter/conntrack-medic.prom',
      'for the textfile collector of one node_exporter',
    ],
    ['medic export --local', 'the same from the demo on this machine'],
  ],
  fleet: [
    ['medic fleet --local --watch', 'the demo on this machine, again every ten seconds'],
    ['medic fleet --open', 'the nodes of the deployed stack as a page with charts'],
  ],
  incident: [
    ['medic incident i-0123456789abcdef0', 'read one node now and post a card'],
    [
      'medic incident i-0123456789abcdef0 i-0fedcba9876543210 --local',
      'two nodes of the demo on this machine',
    ],
  ],
  node: [
    ['medic node i-0123456789abcdef0', 'what the limit of a node is, was and will be'],
    ['medic node i-0123456789abcdef0 --json', 'the same for a script'],
  ],
  page: [
    ['medic page inc-0123456789abcdef0123 --local --open', 'one incident of the demo, shown in the browser'],
    [
      'medic page inc-0123456789abcdef0123 --stack ConntrackMedic',
      'the same from the deployed stack, as a file',
    ],
  ],
  plan: [
    ['medic plan capture.txt', 'the new numbers, and how they were found'],
    ['medic plan --peak 1200000 capture.txt', 'the same, for a peak that a graph shows'],
  ],
  runbook: [
    ['medic runbook table-full --from capture.txt', 'the steps, with the numbers of a node'],
    ['medic runbook', 'the failure modes there are'],
  ],
  'slack-manifest': [
    ['medic slack-manifest --url https://abc.lambda-url.eu-central-1.on.aws/', 'the app to paste into Slack'],
    ['medic slack-manifest --url "$(cat slack-url)" > manifest.json', 'the same, to keep'],
  ],
  trace: [
    [
      'medic trace i-0123456789abcdef0 --port 30080',
      'where new connections to a NodePort are lost on a node, from here',
    ],
    [
      'medic trace --local --script | ssh NODE sudo sh > trace.txt',
      'the same over ssh, for medic diagnose; sudo medic trace on the node itself',
    ],
  ],
});

const EXIT_CODES = `
Exit codes:
  0  done; for doctor and demo --auto also: all is well
  1  doctor or demo --auto found something amiss, the demo could not begin, or medic has a fault of its own
  2  what was given can not be used, or what was asked for can not be reached or written`;

/**
 * Adds examples to each command's help, and to all the exit codes.
 *
 * @param {Command} program
 */
export function addExamples(program) {
  program.addHelpText(
    'after',
    `
Examples:
  $ medic demo
      watch a node get sick and be healed, on this machine only
  $ medic diagnose capture.txt
      what is wrong on the node that a capture is from
${EXIT_CODES}`,
  );
  for (const command of program.commands) {
    const examples = Object.entries(EXAMPLES).find(([name]) => name === command.name())?.[1] ?? [];
    const lines = examples.map(([call, does]) => `  $ ${call}\n      ${does}`);
    if (lines.length > 0) command.addHelpText('after', `\nExamples:\n${lines.join('\n')}\n${EXIT_CODES}`);
  }
}
