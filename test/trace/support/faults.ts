import { expect } from 'vitest';
import { namesOf } from '../../../src/core/trace/names.ts';
import { sentencesOf, summaryOf } from '../../../src/core/trace/summary.ts';
import { has, isRoot } from '../../nodes/support/shells.ts';
import { FaultTable } from './table.ts';
import { type Opened, openTraceLab, POD_NAME, type TraceLab, truthOf } from './trace-lab.ts';

/** Whether faults may be made here: as root, where the kernel's one limit may be changed. */
export const canTrace =
  isRoot && process.env['MEDIC_KERNEL'] === '1' && has('ip', 'nft', 'nsenter', 'unshare', 'flock', 'setsid');

/** As short as a trace may be. */
export const TRACED_SECONDS = 5;
/** A trace looks for its points before it begins, and waits for what is late after its end. */
const CONNECTING_SECONDS = 13;
/** After so long a trace is in the middle of what it looks at. */
export const MIDDLE_MS = 5000;

/** A rule that drops one SYN in so many at a hook of an interface. */
export const dropSyn = (name: string, hook: string, share: number) =>
  `table netdev ${name} { chain c { ${hook} tcp flags & (syn|ack) == syn numgen random mod 100 < ${share} drop; }; }`;
/** The same with answers. */
export const dropAnswer = (name: string, hook: string, share: number) =>
  `table netdev ${name} { chain c { ${hook} tcp flags & (syn|ack) == (syn|ack) numgen random mod 100 < ${share} drop; }; }`;
/** Where packets leave an interface, and where they come in. */
export const egress = (link: string) => `type filter hook egress device ${link} priority 0;`;
export const ingress = (link: string) => `type filter hook ingress device ${link} priority 0;`;

/** What is seen of each fault. */
export const table = new FaultTable();

/** A fault that has a lab for itself while it is made; what it adds is taken away. */
type Fault = (lab: TraceLab) => Promise<void>;

/** Labs that are lent to faults, as many as are made at once. */
export class Labs {
  readonly #free: TraceLab[] = [];
  #opened = 0;

  /** The body of a test that makes a fault. */
  within(fault: Fault): () => Promise<void> {
    return async () => {
      const lab = this.#free.pop() ?? (await this.#open());
      try {
        await lab.clear();
        await lab.serve();
        await fault(lab);
      } finally {
        await lab.clear();
        this.#free.push(lab);
      }
    };
  }

  async end(): Promise<void> {
    for (const lab of this.#free) await lab.end();
  }

  async #open(): Promise<TraceLab> {
    const number = this.#opened++;
    return await openTraceLab(`${process.pid.toString(36)}${number.toString(36)}`, number);
  }
}

/** Connects and traces at once; what both say, for the same connections. */
export async function look(
  lab: TraceLab,
  fault: string,
  given: {
    readonly rate?: number;
    readonly localAddress?: string;
    readonly environment?: NodeJS.ProcessEnv;
    readonly during?: () => Promise<void>;
  } = {},
) {
  const connecting: Promise<Opened> = lab.connect(given.rate ?? 100, CONNECTING_SECONDS, given.localAddress);
  const { trace, epoch } = await lab.trace({
    seconds: TRACED_SECONDS,
    ...(given.environment === undefined ? {} : { environment: given.environment }),
    ...(given.during === undefined ? {} : { during: given.during }),
  });
  expect(trace.pods).toEqual([{ number: 1, name: POD_NAME, addresses: [lab.addresses.pod] }]);
  const truth = truthOf(await connecting, epoch, trace.seconds);
  const summary = summaryOf(trace.fates ?? [], trace);
  const sentences = sentencesOf(trace, namesOf(trace));
  table.note(
    fault,
    `${truth.connections} / ${summary.connections * trace.thin}`,
    `${truth.delayed} / ${summary.delayed * trace.thin}`,
    sentences.slice(1).join(' ') || (sentences[0] ?? ''),
  );
  return { trace, truth, summary };
}

/**
 * Whether two counts are the same within 2 %, or one or two connections at the edges of the window. Where one connection in so many was
 * looked at, because the machine is slow, within what chance makes of it.
 */
export function expectSame(found: number, truth: number, thin = 1) {
  const chance = thin === 1 ? 0 : 3 * Math.sqrt(thin * truth);
  expect(Math.abs(found * thin - truth)).toBeLessThanOrEqual(Math.max(2, 0.02 * truth, chance));
}

/** The same of a fault of which all that was lost went at one place, for one reason. */
export async function expectLost(
  lab: TraceLab,
  fault: string,
  where: { readonly edge: string; readonly packet: string; readonly cause?: string },
  given: Parameters<typeof look>[2] = {},
) {
  const found = await look(lab, fault, given);
  const { truth, summary, trace } = found;
  expectSame(summary.connections, truth.connections, trace.thin);
  expect(truth.delayed).toBeGreaterThan(10);
  expectSame(summary.delayed, truth.delayed, trace.thin);
  expect(summary.lost[0]).toMatchObject({ edge: where.edge, packet: where.packet });
  expectSame(summary.lost[0]?.count ?? 0, truth.delayed, trace.thin);
  if (where.cause !== undefined) expect(summary.lost[0]?.causes[0]?.id).toBe(where.cause);
  return found;
}
