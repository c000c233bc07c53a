import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { IncidentHead, Transition } from '../../src/core/record/incident.ts';
import type { DemoNodes, DemoNodesOptions } from '../demo-nodes.ts';
import { buildForDemo } from './build.ts';
import { beginFault, clickWithFault } from './fault-run.ts';
import { isOfNode, strikeable } from './faults.ts';
import { IncidentFollower } from './follow.ts';
import type { DemoOptions } from './options.ts';
import { clickIntoFailure, clickThrough, rollBackThrough, type Stage } from './scenario.ts';
import { type LocalService, startService } from './service.ts';
import { Terminal } from './terminal.ts';
import { transitionLine } from './transition-line.ts';
import { openWorkDir } from './work-dir.ts';

const USUAL_PORT = 4747;

/**
 * Runs the demo until it is interrupted, or with `auto` until the nodes are healed or not.
 * @param interrupted fires on Ctrl-C
 * @returns the exit code: 0 when healed, or when the demo was ended by hand
 */
export async function runDemo(options: DemoOptions, interrupted: AbortSignal): Promise<number> {
  const terminal = new Terminal(options.write);
  const workDir = await openWorkDir();
  const stops: (() => Promise<void>)[] = [() => rm(workDir, { recursive: true, force: true })];
  const hasEnded = new Promise<'interrupted'>((resolve) => {
    interrupted.addEventListener('abort', () => resolve('interrupted'));
    if (interrupted.aborted) resolve('interrupted');
  });
  try {
    const running = run(options, interrupted, { workDir, terminal, stops });
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
    for (const stop of stops.splice(0).toReversed()) {
      await stop().catch((error: unknown) => terminal.problem(`Cleaning up: ${String(error)}`));
    }
  }
}

/** What a demo works with, and what is done at its end, last first. */
interface Workplace {
  readonly workDir: string;
  readonly terminal: Terminal;
  readonly stops: (() => Promise<void>)[];
}

async function run(
  options: DemoOptions,
  interrupted: AbortSignal,
  { workDir, terminal, stops }: Workplace,
): Promise<number> {
  terminal.title('conntrack-medic demo');
  // What this machine lacks is told before anything is built.
  if (options.kernel) await (await import('../kernel/lab-preconditions.ts')).checkPreconditions();
  if (options.isBuilt !== true)
    await terminal.step('brought the Lambda bundles and the node documents up to date', () =>
      buildForDemo(interrupted),
    );
  const started = await closable(
    startNodes(options, {
      workDir,
      say: (line) => terminal.say(`  ${line}`),
      isHopeless: options.scenario === 'canary-fails',
    }),
    stops,
  );
  interrupted.throwIfAborted();
  const { fault, secondMs = 1000 } = options;
  const around = fault !== undefined && isOfNode(fault) ? strikeable(started) : undefined;
  const nodes = around?.nodes ?? started;
  terminal.say(`  nodes: ${nodes.label}`);
  const service = await terminal.step('started the service', () =>
    closable(startWithPort(options, nodes, workDir, terminal), stops),
  );
  for (const line of await nodes.before()) terminal.say(`  before: ${line}`);
  terminal.say('');
  terminal.title(`Open ${service.slack.url}/`);
  terminal.say('');

  const tell = (transition: Transition, head: IncidentHead) =>
    terminal.at(transitionLine(transition, head), Date.parse(transition.at));
  const follower = new IncidentFollower(service.store, service.alarmArn, tell);
  const stage = { service, nodes, follower, terminal };
  const troubled = fault === undefined ? undefined : { ...stage, fault, around, secondMs };

  terminal.restartClock();
  if (troubled !== undefined) beginFault(troubled);
  await service.fire('ALARM');
  terminal.at(`alarm ${nodes.alarm.name} fired`);
  if (!options.auto) return await watch(stage);
  if (troubled !== undefined) return await clickWithFault(troubled);
  return options.scenario === 'canary-fails' ? await fail(stage) : await click(stage);
}

/** Whatever is started is closed at the end, also when the end comes while it is still starting. */
async function closable<T extends { close(): Promise<void> }>(
  starting: Promise<T>,
  stops: (() => Promise<void>)[],
): Promise<T> {
  stops.push(async () => {
    const started = await starting.catch(() => undefined);
    await started?.close();
  });
  return await starting;
}

async function startNodes(options: DemoOptions, given: DemoNodesOptions): Promise<DemoNodes> {
  if (options.startNodes !== undefined) return await options.startNodes(given);
  if (options.kernel) return await (await import('../kernel/kernel-nodes.ts')).kernelNodes(given);
  return await (await import('../recorded/recorded-nodes.ts')).recordedNodes(given);
}

async function startWithPort(
  { port, secondMs, fault }: DemoOptions,
  nodes: DemoNodes,
  workDir: string,
  terminal: Terminal,
): Promise<LocalService> {
  const start = (on: number) =>
    startService({
      nodes,
      workDir,
      port: on,
      ...(secondMs !== undefined && {
        waitSecondMs: secondMs,
        slackSecondMs: secondMs,
        reconcileSeconds: (60 * secondMs) / 1000,
      }),
      onFailure: (why) => {
        // What fails while something is away is tried again; whether it came to its end is asked at the end.
        if (fault === undefined || isOfNode(fault)) terminal.problem(why);
        else terminal.at(`failed, and is tried again: ${why}`);
      },
    });
  if (port !== undefined) return await start(port);
  return await start(USUAL_PORT).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return start(0);
    throw error;
  });
}

/** Tells of the incident for as long as the demo runs, and asks the nodes once it says that it is done. */
async function watch({ nodes, follower, terminal }: Stage): Promise<number> {
  const hasLoad = endLoadOnEnter(nodes, terminal);
  let seen = 0;
  for (;;) {
    const head = await follower.rest(2 ** 31, seen);
    seen = head.transitions.length;
    if (head.state === 'awaiting-approval') {
      terminal.say('          Click on the page. Ana may approve, Ben may not.');
    }
    if (head.state === 'failed' && nodes.evidenceOfCanary !== undefined) {
      const { lines } = await nodes.evidenceOfCanary();
      terminal.evidence('The first node was not healed; what the nodes show:', lines);
    }
    if (head.state === 'resolved') {
      const { healed, lines } = await nodes.evidenceOfHealing();
      terminal.evidence(
        healed ? 'The nodes are healed; they say so themselves:' : 'The nodes are not healed:',
        lines,
      );
      terminal.say('Roll back on the page, or end the demo with Ctrl-C.');
      if (hasLoad) terminal.say('While the load is on, a rollback is refused: Enter ends the load.');
    }
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

/** In a terminal, Enter ends the load of nodes that have one; false when there is none or nobody to press a key. */
function endLoadOnEnter(nodes: DemoNodes, terminal: Terminal): boolean {
  if (nodes.stopLoad === undefined || !process.stdin.isTTY) return false;
  process.stdin.once('data', () => {
    nodes.stopLoad?.().then(
      (lines) => {
        for (const line of lines) terminal.at(line);
      },
      (error: unknown) => terminal.problem(String(error)),
    );
  });
  return true;
}

/** The end of the handlers' log, which is removed with everything else. */
async function tellLog(workDir: string, terminal: Terminal): Promise<void> {
  const log = await readFile(join(workDir, 'lambda.log'), 'utf8').catch(() => '');
  const lines = log.split('\n').filter((line) => line !== '');
  if (lines.length === 0) return;
  terminal.say('The functions said last:');
  for (const line of lines.slice(-10)) terminal.say(`  ${line.slice(0, 500)}`);
}
