import type { Piece } from './assemble.ts';
import { LOWER_BOUND } from './found.ts';
import type { OwnRuns } from './line-runs.ts';
import { riseUntil } from './rise-until.ts';
import { tellingOf } from './telling.ts';

/** A kind of output that was recognised, where it stands and what it says. */
export interface SeenPiece {
  /** What it is, for people: `conntrack -S`. */
  readonly name: string;
  /** Its lines, in runs that nothing else stands between. */
  readonly lines: readonly { readonly from: number; readonly to: number }[];
  /** 0 and 1 where there are two samples. */
  readonly sample: 0 | 1 | undefined;
  /** Its telling numbers, as a clause; `undefined` where it has none. */
  readonly says: string | undefined;
  /** Why no verdict rests on it, as a clause; `undefined` where it was used. */
  readonly unusedFor: string | undefined;
}

interface Told {
  readonly piece: Piece;
  readonly sample: 0 | 1 | undefined;
  readonly why: string | undefined;
  readonly until?: string | undefined;
}

/** Stretches of readings that were set aside and are told one by one; the rest are told together. */
const MOST_STRETCHES = 20;

/** What of a paste was recognised: one piece a kind of output and sample, with its telling numbers. */
export function seenIn(
  used: readonly { readonly piece: Piece; readonly sample: 0 | 1 | undefined }[],
  unused: readonly { readonly piece: Piece; readonly why: string; readonly until?: string }[],
  runs: OwnRuns,
): readonly SeenPiece[] {
  const told: readonly Told[] = [
    ...used.map(({ piece, sample }) => ({ piece, sample, why: undefined })),
    ...unused.map(({ piece, why, until }) => ({ piece, sample: undefined, why, until })),
  ];
  const groups = new Map<string, Told[]>();
  let [run, last] = [0, 0];
  for (const one of told) {
    const { name, source, readAs } = one.piece.found;
    // What was set aside is of no sample, so each stretch of it is told by itself.
    if (readAs !== undefined && one.piece.from > last + 1) run = Math.min(run + 1, MOST_STRETCHES);
    if (readAs !== undefined) last = one.piece.to;
    const key = JSON.stringify([name, source ?? '', one.sample, one.why, readAs === undefined ? 0 : run]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return Array.from(groups.values(), (group) => seenPieceOf(inOrder(group), runs)).toSorted(
    (a, b) => (a.lines[0]?.from ?? 0) - (b.lines[0]?.from ?? 0),
  );
}

function inOrder(group: readonly Told[]): readonly Told[] {
  return group.toSorted((a, b) => a.piece.from - b.piece.from);
}

function seenPieceOf(group: readonly Told[], runs: OwnRuns): SeenPiece {
  const [first] = group;
  const named = first?.piece.found.source;
  // What was set aside is a setting or a count that some file or some part of the table told.
  const source = named === LOWER_BOUND ? undefined : named;
  const text = group.map(({ piece }) => piece.found.text).join('\n');
  return {
    name: first?.piece.found.name ?? '',
    lines: runsOf(group.flatMap(({ piece }) => runs(piece))),
    sample: first?.sample,
    says:
      [
        text === '' ? undefined : tellingOf(source ?? first?.piece.found.readAs ?? 'sysctl', text),
        source === undefined || first?.until === undefined ? undefined : riseUntil(source, text, first.until),
      ]
        .filter((clause) => clause !== undefined)
        .join('; ') || undefined,
    unusedFor: first?.why,
  };
}

/** Joins runs of lines that follow one another. */
export function runsOf(
  lines: readonly { readonly from: number; readonly to: number }[],
): readonly { readonly from: number; readonly to: number }[] {
  const runs: { from: number; to: number }[] = [];
  for (const { from, to } of lines) {
    const last = runs.at(-1);
    if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to);
    else runs.push({ from, to });
  }
  return runs;
}
