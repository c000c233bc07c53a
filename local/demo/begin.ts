import { setTimeout as sleep } from 'node:timers/promises';
import type { IncidentHead, Transition } from '../../src/core/record/incident.ts';
import type { DayService, DemoNodes, DemoNodesOptions } from '../demo-nodes.ts';
import type { Guide } from '../slack/guide.ts';
import { alarmEvent } from './alarm-event.ts';
import type { Ends } from './ends.ts';
import { isOfNode, type Strikeable, strikeable } from './faults/faults.ts';
import { IncidentFollower } from './follow.ts';
import type { DemoOptions } from './options.ts';
import type { Stage } from './scenario.ts';
import type { DemoScenario } from './scenarios.ts';
import { type LocalService, startService } from './service.ts';
import type { Terminal } from './terminal.ts';
import { transitionLine } from './transition-line.ts';

const USUAL_PORT = 4747;

/** What a demo works with. */
export interface Workplace {
  /** Folder of this demo. */
  readonly workDir: string;
  readonly terminal: Terminal;
  /** What is done at its end. */
  readonly ends: Ends;
  /** Fires on Ctrl-C. */
  readonly interrupted: AbortSignal;
}

/** One run of a demo, of which there may be several after each other. */
export interface DemoRun {
  readonly scenario: DemoScenario;
  /** Folder of this run's nodes alone. */
  readonly nodesDir: string;
  readonly port: number | undefined;
  /** Makes what leads through the run on its page; left out, nothing does. */
  readonly guideFor?: (nodes: DemoNodes) => Guide;
}

/** Starts the nodes and the service of a run, and says where its page is; the alarm has not fired yet. */
export async function begin(
  options: DemoOptions,
  run: DemoRun,
  { workDir, terminal, ends, interrupted }: Workplace,
): Promise<Stage & { readonly around: Strikeable | undefined }> {
  const say = (line: string) => terminal.say(`  ${line}`);
  const { scenario, nodesDir } = run;
  const started = await ends.closing(startNodes(options, { workDir: nodesDir, say, scenario }));
  interrupted.throwIfAborted();
  const { fault } = options;
  const around = fault !== undefined && isOfNode(fault) ? strikeable(started) : undefined;
  const nodes = around?.nodes ?? started;
  say(`nodes: ${nodes.label}`);
  const service = await terminal.step('started the service', () =>
    ends.closing(startWithPort(options, run, nodes, { workDir, terminal })),
  );
  for (const line of await nodes.before()) say(`before: ${line}`);
  terminal.say('');
  terminal.title(`Open ${service.slack.url}/`);
  terminal.say('');
  const tell = (transition: Transition, head: IncidentHead) =>
    terminal.at(transitionLine(transition, head), Date.parse(transition.at));
  const follower = new IncidentFollower(service.store, service.alarmArn, tell);
  return { service, nodes, follower, terminal, around };
}

/** Between the first alarm and those that fire with it, in milliseconds: the first one has its incident by then. */
const BETWEEN_ALARMS_MS = 1500;

/** Fires the alarm of the nodes, and those that fire with it. */
export async function fireAlarm({ service, nodes, terminal }: Stage): Promise<void> {
  await service.fire('ALARM');
  terminal.at(`alarm ${nodes.alarm.name} fired`);
  for (const more of nodes.moreAlarms ?? []) {
    await sleep(BETWEEN_ALARMS_MS);
    await service.send(alarmEvent({ ...more, state: 'ALARM', at: Date.now() }));
    terminal.at(`alarm ${more.name} fired`);
  }
}

/**
 * Passes the hours before the alarm, where the nodes have some.
 * @param tell told of each line beside the terminal
 */
export async function passDay(
  { service, nodes, terminal }: Stage,
  interrupted: AbortSignal,
  tell: (line: string) => void = () => {},
): Promise<DayService | undefined> {
  const { day } = nodes;
  if (day === undefined) return undefined;
  const say = (line: string) => {
    terminal.at(line);
    tell(line);
  };
  const passing = { ...service, page: service.dashboard, say };
  terminal.say(`  the dashboard, drawn as it fills: ${passing.page.url}`);
  await day.pass(passing, interrupted);
  return passing;
}

async function startNodes(options: DemoOptions, given: DemoNodesOptions): Promise<DemoNodes> {
  if (options.startNodes !== undefined) return await options.startNodes(given);
  if (options.kernel && given.scenario === 'lost-syn')
    return await (await import('../kernel/lost-syn-nodes.ts')).lostSynNodes(given);
  if (options.kernel) return await (await import('../kernel/kernel-nodes.ts')).kernelNodes(given);
  if (given.scenario === 'fleet') return await (await import('../fleet/nodes.ts')).fleetNodes(given);
  return await (await import('../recorded/recorded-nodes.ts')).recordedNodes(given);
}

async function startWithPort(
  { secondMs, fault }: DemoOptions,
  { port, guideFor }: DemoRun,
  nodes: DemoNodes,
  { workDir, terminal }: Pick<Workplace, 'workDir' | 'terminal'>,
): Promise<LocalService> {
  const guide = guideFor?.(nodes);
  const start = (on: number) =>
    startService({
      nodes,
      workDir,
      port: on,
      ...(nodes.environment !== undefined && { environment: nodes.environment }),
      ...(guide !== undefined && { guide }),
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
