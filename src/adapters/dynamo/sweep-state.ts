import { gunzipSync, gzipSync } from 'node:zlib';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { NEWEST_VERSION, RECORD_VERSION, stored } from '../../core/record/stored.ts';
import type { StoredSweep } from '../../core/sweep/found.ts';
import type { SweepState } from '../../core/sweep/ports.ts';
import { Round } from '../../core/sweep/round.ts';
import type { KeptWarning } from '../../core/sweep/warn.ts';
import { ForeignItemError } from '../errors.ts';
import { ABSENT, type Condition, DynamoDocuments } from './documents.ts';

/** For how long the right to sweep holds without a sign of life, in ms: many looks, and far less than an interval. */
const LEASE = 60_000;

/** In the place of a time: nobody has the right any more. */
const GIVEN_UP = 0;

const VERSION = z.number().int().min(1).max(NEWEST_VERSION);

/** Who sweeps, and the round that is going on or was left. One item, so that there are never two. */
const LockItem = stored({
  pk: z.string(),
  sk: z.literal('lock'),
  version: VERSION,
  holder: z.string(),
  /** Milliseconds since the Unix epoch. */
  expiresAt: z.number().int(),
  round: Round.optional(),
});
type LockItem = z.infer<typeof LockItem>;

/** A part of a text that is too long for one item, packed. */
const PartItem = stored({
  pk: z.string(),
  sk: z.string(),
  version: VERSION,
  /** Parts that belong together: one that a later write replaced does not fit the others. */
  mark: z.string(),
  parts: z.number().int().min(1).max(99),
  bytes: z.instanceof(Uint8Array),
});

const Warnings = z.record(
  z.string(),
  z.object({
    isWarned: z.boolean(),
    since: z.number().optional(),
    calmSince: z.number().optional(),
    likelySince: z.number().optional(),
    why: z.string(),
    toldWith: z.array(z.string()).optional(),
    isOwed: z.boolean().optional(),
  }),
);

/** Of which version a report is, and that it is whole: what is in it was written by this service alone. */
const Report = z.looseObject({
  schema: z.literal('medic.sweep/1'),
  startedAt: z.number(),
  fault: z.string().optional(),
  groups: z.array(z.looseObject({ cluster: z.string(), nodeGroup: z.string() })),
  report: z.looseObject({
    schema: z.literal('medic.fleet/1'),
    nodes: z.array(z.looseObject({ instanceId: z.string(), state: z.string(), why: z.string() })),
  }),
});

const PARTITION = 'sweep#';
const lockKey = { pk: PARTITION, sk: 'lock' } as const;

/** Bytes of a part: an item has 400 KB at most, its other attributes among them. */
const PART_BYTES = 380_000;

/** What the sweep keeps of itself, in the table of the records. */
export class DynamoSweepState implements SweepState {
  readonly #documents: DynamoDocuments;

  constructor(client: DynamoDBClient, table: string) {
    this.#documents = new DynamoDocuments(client, table);
  }

  async take(holder: string, now: number): Promise<'busy' | { readonly unfinished?: Round }> {
    const there = await this.#documents.get(lockKey, LockItem);
    // A write whose answer was lost and that the SDK sent again meets its own result.
    if (there !== undefined && there.expiresAt > now && there.holder !== holder) return 'busy';
    const { round } = there ?? {};
    const isTaken = await this.#documents.put(
      lockOf(holder, now + LEASE, round),
      there === undefined ? ABSENT : isStill(there),
    );
    if (!isTaken) return 'busy';
    return round === undefined ? {} : { unfinished: round };
  }

  async note(holder: string, round: Round, now: number): Promise<boolean> {
    return await this.#documents.put(lockOf(holder, now + LEASE, round), isHeldBy(holder));
  }

  async hold(holder: string, now: number): Promise<boolean> {
    const there = await this.#documents.get(lockKey, LockItem);
    if (there?.holder !== holder || there.expiresAt === GIVEN_UP) return false;
    if (await this.#documents.put(lockOf(holder, now + LEASE, there.round), isStill(there))) return true;
    // What was noted or given up in between stays as it is.
    return (await this.#documents.get(lockKey, LockItem))?.holder === holder;
  }

  async release(holder: string, unfinished: Round | undefined): Promise<void> {
    await this.#documents.put(lockOf(holder, GIVEN_UP, unfinished), isHeldBy(holder));
  }

  async warnings(): Promise<Readonly<Record<string, KeptWarning>>> {
    const text = await this.#text('warnings');
    // Each is judged anew by what the readings say: what cannot be read is as if nobody was warned of.
    return text === undefined ? {} : (Warnings.safeParse(JSON.parse(text)).data ?? {});
  }

  async keepWarnings(warnings: Readonly<Record<string, KeptWarning>>): Promise<void> {
    await this.#keepText('warnings', JSON.stringify(warnings));
  }

  async keepReport(report: StoredSweep): Promise<void> {
    await this.#keepText('report', JSON.stringify(report));
  }

  /** What the newest sweep left; nothing where none has run. */
  async report(): Promise<StoredSweep | undefined> {
    const text = await this.#text('report');
    if (text === undefined) return undefined;
    const read = Report.safeParse(JSON.parse(text));
    if (read.success) return read.data as unknown as StoredSweep;
    throw new ForeignItemError(
      'What the newest sweep left was written by another version of the service; call it from the checkout that was deployed, or wait for the next sweep after a deployment.',
      { cause: read.error },
    );
  }

  /** Parts are written from the last to the first, and only those of one write are read together. */
  async #keepText(name: string, text: string): Promise<void> {
    const packed = gzipSync(text);
    const parts = Math.max(1, Math.ceil(packed.length / PART_BYTES));
    const mark = `${Date.now()}-${packed.length}`;
    for (let part = parts - 1; part >= 0; part--) {
      const bytes = packed.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
      // One holder writes at a time, so nothing else can be there that counts.
      await this.#documents.put({
        pk: PARTITION,
        sk: partKey(name, part),
        version: RECORD_VERSION,
        mark,
        parts,
        bytes,
      });
    }
  }

  async #text(name: string): Promise<string | undefined> {
    const found = await this.#documents.query(PARTITION, `${name}#`, PartItem);
    const [first] = found;
    if (first === undefined) return undefined;
    const parts = found.slice(0, first.parts).filter(({ mark }) => mark === first.mark);
    if (parts.length < first.parts) return undefined;
    return gunzipSync(Buffer.concat(parts.map(({ bytes }) => bytes))).toString('utf8');
  }
}

const partKey = (name: string, part: number): string => `${name}#${String(part).padStart(2, '0')}`;

const lockOf = (holder: string, expiresAt: number, round: Round | undefined): LockItem => ({
  ...lockKey,
  version: RECORD_VERSION,
  holder,
  expiresAt,
  ...(round === undefined ? {} : { round }),
});

const isHeldBy = (holder: string): Condition => ({
  expression: 'holder = :holder',
  values: { ':holder': holder },
});

const isStill = ({ holder, expiresAt }: LockItem): Condition => ({
  expression: 'holder = :holder AND expiresAt = :then',
  values: { ':holder': holder, ':then': expiresAt },
});
