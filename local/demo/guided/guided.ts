import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../src/core/errors.ts';
import type { IncidentHead } from '../../../src/core/record/incident.ts';
import type { DayService } from '../../demo-nodes.ts';
import { begin, fireAlarm, passDay, type Workplace } from '../begin.ts';
import type { DemoOptions } from '../options.ts';
import type { Stage } from '../scenario.ts';
import { DEMO_SCENARIOS, type DemoScenario, scenariosOf } from '../scenarios.ts';
import { DemoGuide } from './guide.ts';

const POLL_MS = 200;

/** What the nodes say of themselves, under its title. */
interface Seen {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Runs one scenario after the other, as the page asks for them, until the demo is interrupted. */
export async function runGuided(options: DemoOptions, place: Workplace): Promise<never> {
  const { workDir, terminal, ends, interrupted } = place;
  let scenario = options.scenario ?? 'table-full';
  let { port } = options;
  let guide: DemoGuide | undefined;
  const endLoad = () => {
    void guide?.endLoad().then((refusal) => {
      if (refusal !== undefined) terminal.say(refusal);
    });
  };
  if (process.stdin.isTTY) process.stdin.on('data', endLoad);
  for (let number = 1; ; number += 1) {
    const current = scenario;
    const stage = await begin(
      options,
      {
        scenario: current,
        nodesDir: join(workDir, `run-${number}`),
        port,
        guideFor: (nodes) => {
          const told = async () => {
            const lines = (await nodes.stopLoad?.()) ?? [];
            for (const line of lines) terminal.at(line);
            return lines;
          };
          guide = new DemoGuide(current, scenariosOf(options), nodes.stopLoad && { stopLoad: told });
          return guide;
        },
      },
      place,
    );
    // Whoever has the page open finds the next run under the same address.
    port = Number(new URL(stage.service.slack.url).port);
    terminal.restartClock();
    const leading = guide;
    if (leading === undefined) throw new Error('Nobody leads through this demo.');
    const stopped = new AbortController();
    void leading.chosen.then(() => stopped.abort());
    const isOver = AbortSignal.any([interrupted, stopped.signal]);
    const passing = await passDay(stage, isOver, (line) =>
      leading.announce(
        `${line[0]?.toUpperCase()}${line.slice(1)}. The quiet card comes by itself, and then the alarms.`,
        {
          href: new URL(stage.service.dashboard.url).pathname,
          text: 'The dashboard of the fleet, as it fills',
        },
      ),
    );
    if (!stopped.signal.aborted) await fireAlarm(stage);
    const looking = keepLooking(stage, passing, isOver);
    scenario = await watch(stage, leading);
    await looking;
    terminal.say('');
    terminal.title(`From the start: ${DEMO_SCENARIOS[scenario].title}`);
    await ends.close();
    interrupted.throwIfAborted();
  }
}

/** How often the sweep looks once the day is over, in milliseconds. */
const LOOK_MS = 10_000;

/** Has the sweep go on after the day, until something else begins. */
async function keepLooking(
  { nodes, terminal }: Stage,
  passing: DayService | undefined,
  isOver: AbortSignal,
): Promise<void> {
  if (passing === undefined) return;
  while (!isOver.aborted) {
    await sleep(LOOK_MS, undefined, { signal: isOver, ref: false }).catch(() => {});
    if (isOver.aborted) return;
    await nodes.day?.look(passing).catch((error: unknown) => {
      // What was asked while everything is taken down is no news.
      if (!isOver.aborted) terminal.problem(messageOf(error));
    });
  }
}

/**
 * Tells of the incident in the terminal and on the page, and asks the nodes where something has come to its end.
 * @returns what is to begin instead
 */
async function watch(stage: Stage, guide: DemoGuide): Promise<DemoScenario> {
  let seen = 0;
  for (;;) {
    const head = await stage.follower.look();
    if (head !== undefined && head.transitions.length > seen) {
      seen = head.transitions.length;
      guide.follow(head);
      await Promise.race([show(stage, guide, head), guide.chosen]);
    }
    const instead = await Promise.race([sleep(POLL_MS, undefined), guide.chosen]);
    if (instead !== undefined) return instead;
  }
}

async function show(stage: Stage, guide: DemoGuide, head: IncidentHead): Promise<void> {
  const { nodes, terminal } = stage;
  if (head.state === 'awaiting-approval')
    terminal.say('          Click on the page. Ana may approve, Ben may not.');
  const asked = await ask(stage, head);
  if (asked === undefined) return;
  guide.show(asked.lines);
  terminal.evidence(asked.title, asked.lines);
  if (head.state !== 'resolved') return;
  terminal.say('Roll back or start again on the page, or end the demo with Ctrl-C.');
  if (nodes.stopLoad !== undefined)
    terminal.say('While the load is on, a rollback is refused: the page ends the load, and so does Enter.');
}

/** What the nodes themselves show in a state; nothing where there is nothing to ask them. */
async function ask({ nodes }: Stage, { state }: IncidentHead): Promise<Seen | undefined> {
  if (state === 'failed' && nodes.evidenceOfCanary !== undefined) {
    const { lines } = await nodes.evidenceOfCanary();
    return { title: 'The first node was not healed; what the nodes show:', lines };
  }
  if (state === 'resolved') {
    const { healed, lines } = await nodes.evidenceOfHealing();
    const title = healed ? 'The nodes are healed; they say so themselves:' : 'The nodes are not healed:';
    return { title, lines };
  }
  if (state === 'no-fix-offered' && nodes.evidenceOfNoChange !== undefined) {
    const { lines } = await nodes.evidenceOfNoChange();
    return { title: 'No button came; what the nodes show:', lines };
  }
  if (state === 'rolled-back' && nodes.evidenceOfRollback !== undefined) {
    const { lines } = await nodes.evidenceOfRollback();
    return { title: 'What the nodes show after the rollback:', lines };
  }
  return undefined;
}
