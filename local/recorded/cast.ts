import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoScenario } from '../demo/scenarios.ts';
import type { RecordedTexts, RecordedTraces } from './recorded-node.ts';

const CAPTURES = join(import.meta.dirname, 'captures');
/** What medic-trace printed on networks of the lab, beside which stands what was wrong there. */
const TRACES = join(import.meta.dirname, 'traces');
/** The captures by which the diagnosis is proved; each has beside it where and how it was recorded. */
const PROVED = join(import.meta.dirname, '../../test/fixtures/captures');

/** Entries that the recorded loads need: connections a second × mean seconds that one is tracked. */
const NEEDS = { 'node-1': 900 * 120, 'node-2': 600 * 132 } as const;

/** So many times the recorded need fits into no raise that one click makes. */
const HOPELESS = 40;

/** A recorded node as it plays in a scenario. */
export interface CastNode {
  /** Name of its folder. */
  readonly name: string;
  readonly instanceId: string;
  readonly texts: RecordedTexts;
  readonly traces: RecordedTraces;
  /** Entries that its load needs all the time, where its table is full. */
  readonly need?: number;
  /** Whether something is wrong with it. */
  readonly isSick: boolean;
}

/**
 * The three recorded nodes of a scenario, those that are sick first.
 * @throws Error with one sentence when a capture is missing
 */
export function castOf(scenario: DemoScenario): readonly CastNode[] {
  const healthy = still('node-3', 3, join(CAPTURES, 'node-3/healthy.txt'), false);
  switch (scenario) {
    case 'table-full':
      return [full('node-1', 1), full('node-2', 2), healthy];
    case 'canary-fails':
      return [full('node-1', 1, HOPELESS), full('node-2', 2, HOPELESS), healthy];
    case 'look-alike':
      return [
        still('same-port-pairs', 1, proved('snat-race/same-port-pairs'), true),
        still('healthy-busy', 2, proved('not-the-node/healthy-busy'), false),
        healthy,
      ];
    case 'lost-syn':
      return [
        still('healthy-busy', 1, proved('not-the-node/healthy-busy'), true, 'rule'),
        still('node-2', 2, join(CAPTURES, 'node-3/healthy.txt'), false),
        healthy,
      ];
    case 'fleet':
      throw new Error('The fleet has nodes of its own (local/fleet/nodes.ts).');
    case 'mixed':
      return [
        full('node-1', 1),
        still('busy-event-loop', 2, proved('listen-overflow/busy-event-loop'), true),
        healthy,
      ];
  }
}

const proved = (name: string) => join(PROVED, name, 'capture.txt');
const idOf = (number: number) => `i-0a11ce0000000000${number}`;

/** A node whose table is full, recorded through a raise that is enough, one that is not, and a rollback. */
function full(name: keyof typeof NEEDS, number: number, times = 1): CastNode {
  return {
    name,
    instanceId: idOf(number),
    texts: recordedTexts(name),
    traces: recordedTraces('full-table'),
    need: NEEDS[name] * times,
    isSick: true,
  };
}

/**
 * What was recorded on a node through its illness; of the third one, which has none, one text all along.
 * @throws Error with one sentence when a capture is missing
 */
export function recordedTexts(name: keyof typeof NEEDS | 'node-3'): RecordedTexts {
  const at = (moment: string) => text(join(CAPTURES, name, `${moment}.txt`));
  if (name === 'node-3') {
    const healthy = at('healthy');
    return { sick: healthy, raisedTooLittle: healthy, raised: healthy, rolledBack: healthy };
  }
  return {
    sick: at('sick'),
    raisedTooLittle: at('raised-too-little'),
    raised: at('raised'),
    rolledBack: at('rolled-back'),
  };
}

/** A node that no change of this demo reaches: it shows one capture all the time, and one trace. */
function still(
  name: string,
  number: number,
  file: string,
  isSick: boolean,
  trace: Parameters<typeof recordedTraces>[0] = 'healthy',
): CastNode {
  const same = text(file);
  const texts = { sick: same, raisedTooLittle: same, raised: same, rolledBack: same };
  return { name, instanceId: idOf(number), texts, traces: recordedTraces(trace), isSick };
}

/**
 * What medic-trace printed where this was wrong, and where nothing was.
 * @throws Error with one sentence when a recorded trace is missing
 */
export const recordedTraces = (name: 'healthy' | 'rule' | 'full-table'): RecordedTraces => ({
  sick: text(join(TRACES, `${name}.txt`), 'latin1'),
  healed: text(join(TRACES, 'healthy.txt'), 'latin1'),
});

function text(file: string, encoding: BufferEncoding = 'utf8'): string {
  if (!existsSync(file)) throw new Error(`The recorded capture ${file} is missing; npm run record makes it.`);
  return readFileSync(file, encoding);
}
