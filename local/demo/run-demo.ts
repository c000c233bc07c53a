import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DayService } from '../demo-nodes.ts';
import { storyOf } from '../fleet/story.ts';
import { begin, fireAlarm, passDay, type Workplace } from './begin.ts';
import { buildForDemo } from './build.ts';
import { Ends } from './ends.ts';
import { beginFault, clickWithFault } from './faults/fault-run.ts';
import { runGuided } from './guided/guided.ts';
import type { DemoOptions } from './options.ts';
import {
  clickIntoFailure,
  clickThrough,
  rollBackThrough,
  type Stage,
  seeNoButton,
  traceThrough,
  untilJoined,
} from './scenario.ts';
import { Terminal } from './terminal.ts';
import { openWorkDir } from './work-dir.ts';

/**
 * Runs the demo until it is interrupted, or with `auto` until the nodes are healed or not.
 * @param interrupted fires on Ctrl-C
 * @returns the exit code: 0 when healed, or when the demo was ended by hand
 */
export async function runDemo(options: DemoOptions, interrupted: AbortSignal): Promise<number> {
  const terminal = new Terminal(options.write);
  const workDir = await openWorkDir();
  const ends = new Ends((why) => terminal.problem(why));
  const hasEnded = new Promise<'interrupted'>((resolve) => {
    interrupted.addEventListener('abort', () => resolve('interrupted'));
    if (interrupted.aborted) resolve('interrupted');
  });
  try {
    const running = run(options, { workDir, terminal, ends, interrupted });
    // A start that was interrupted may fail while it is taken down; that is no news.
    running.catch(() => {});
    const outcome = await Promise.race([running, hasEnded]);
    if (outcome === 'interrupted') return options.auto ? 130 : 0;
    return outcome;
  } catch (error) {
    terminal.problem(error instanceof Error ? error.message : String(error));
    await tellLog(workDir, terminal);
    return 1;
  } finally {
    await ends.close();
    await rm(workDir, { recursive: true, force: true }).catch((error: unknown) =>
      terminal.problem(`Cleaning up: ${String(error)}`),
    );
  }
}

async function run(options: DemoOptions, place: Workplace): Promise<number> {
  const { workDir, terminal, interrupted } = place;
  terminal.title('conntrack-medic demo');
  // What this machine lacks is told before anything is built.
  if (options.kernel) await (await import('../kernel/lab-preconditions.ts')).checkPreconditions();
  if (options.isBuilt !== true)
    await terminal.step('brought the Lambda bundles and the node documents up to date', () =>
      buildForDemo(interrupted),
    );
  if (!options.auto) return await runGuided(options, place);
  const { fault, secondMs = 1000, scenario = 'table-full', port } = options;
  const { around, ...stage } = await begin(options, { scenario, nodesDir: workDir, port }, place);
  const troubled = fault === undefined ? undefined : { ...stage, fault, around, secondMs };
  terminal.restartClock();
  const passing = await passDay(stage, interrupted);
  if (troubled !== undefined) beginFault(troubled);
  await fireAlarm(stage);
  if (troubled !== undefined) return await clickWithFault(troubled);
  switch (scenario) {
    case 'canary-fails':
      return await fail(stage);
    case 'look-alike':
      return await lookOn(stage);
    case 'lost-syn':
      return await trace(stage);
    case 'table-full':
    case 'mixed':
      return await click(stage);
    case 'fleet':
      return await joinAndClick(stage, passing);
  }
}

/** What a rollback of a raise leaves, and what not. */
const LEFT_BEHIND = 'limit and files are as before; the raised buckets stay until the node boots again.';

/** Clicks by itself; the exit code is what the nodes show, whatever the workflow says. */
async function click(stage: Stage): Promise<number> {
  const { terminal } = stage;
  const { healed, lines } = await clickThrough(stage);
  const rollback = healed ? await rollBackThrough(stage) : undefined;
  terminal.evidence('What the nodes themselves showed after the raise', lines);
  if (!healed) {
    terminal.problem('Not healed: the workflow ended, but the nodes do not show it.');
    return 1;
  }
  if (rollback !== undefined) {
    terminal.evidence('What they showed after the rollback', rollback.lines);
    if (!rollback.restored) {
      terminal.problem('Healed, but not rolled back: the nodes are not as they were before.');
      return 1;
    }
  }
  terminal.title(rollback === undefined ? 'Healed.' : `Healed, and rolled back: ${LEFT_BEHIND}`);
  return 0;
}

/** Clicks by itself into a rollout that must stop at its first node; the exit code is what the nodes show. */
async function fail(stage: Stage): Promise<number> {
  const { terminal } = stage;
  const { isContained, lines } = await clickIntoFailure(stage);
  terminal.evidence('What the nodes themselves showed after the first one failed', lines);
  if (!isContained) {
    terminal.problem('Not contained: the nodes show more than one that was changed.');
    return 1;
  }
  terminal.say('');
  const rollback = await rollBackThrough(stage);
  if (rollback !== undefined) terminal.evidence('What they showed after the rollback', rollback.lines);
  if (rollback?.restored !== true) {
    terminal.problem('Not rolled back: the nodes are not as they were before.');
    return 1;
  }
  terminal.title(`Stopped at the first node, the rest untouched, and rolled back: ${LEFT_BEHIND}`);
  return 0;
}

/** Clicks by itself on the one card of several alarms that a warning came before; the exit code is what the nodes show. */
async function joinAndClick(stage: Stage, passing: DayService | undefined): Promise<number> {
  const { terminal, nodes } = stage;
  await untilJoined(stage);
  const { healed, lines } = await clickThrough(stage);
  if (passing !== undefined) await nodes.day?.look(passing);
  const story = await storyOf(stage.service, nodes);
  terminal.evidence('What came of the warning and of the alarms', story.lines);
  terminal.evidence('What the nodes themselves showed after the raise', lines);
  if (!healed) {
    terminal.problem('Not healed: the workflow ended, but the nodes do not show it.');
    return 1;
  }
  if (!story.healed) {
    terminal.problem('Healed, but not warned of in time or not as one incident.');
    return 1;
  }
  terminal.title('Warned of before it hurt, and healed as one incident.');
  return 0;
}

/** Clicks nothing, as there is nothing to click; the exit code is what the nodes show. */
async function lookOn(stage: Stage): Promise<number> {
  const { terminal } = stage;
  const { healed: isUntouched, lines } = await seeNoButton(stage);
  terminal.evidence('What the nodes themselves showed', lines);
  if (!isUntouched) {
    terminal.problem('Not left alone: a node was changed, and nobody had clicked.');
    return 1;
  }
  terminal.title('No change was offered, as none would help; the card says what would.');
  return 0;
}

/** Clicks for a trace where nothing else explains the alarm; the exit code is what was found, and that nothing was changed. */
async function trace(stage: Stage): Promise<number> {
  const { terminal } = stage;
  const { isFound, said, untouched } = await traceThrough(stage);
  terminal.evidence('What the trace found', said);
  terminal.evidence('What the nodes themselves showed', untouched.lines);
  if (!isFound || !untouched.healed) {
    terminal.problem(
      isFound ? 'Not left alone: a node was changed.' : 'Not found: the trace names no hop on a node.',
    );
    return 1;
  }
  terminal.title('Found: the hop where the first SYN is lost, without a change to any node.');
  return 0;
}

/** The end of the handlers' log, which is removed with everything else. */
async function tellLog(workDir: string, terminal: Terminal): Promise<void> {
  const log = await readFile(join(workDir, 'lambda.log'), 'utf8').catch(() => '');
  const lines = log.split('\n').filter((line) => line !== '');
  if (lines.length === 0) return;
  terminal.say('The functions said last:');
  for (const line of lines.slice(-10)) terminal.say(`  ${line.slice(0, 500)}`);
}
