import type { RankedNode } from '../card/nodes.ts';
import type { Catalogue } from '../diagnosis/signature.ts';
import type { Evidence, Finding } from '../record/diagnosis.ts';
import { groupedBy } from './grouped-by.ts';

/**
 * How one signal stands on one node: `present`; `absent` with how near the nearest of its numbers is to what it is held
 * against, 0 to 1; `unknown` where a source was not readable; `unread` where nothing was read of the node.
 */
export type Cell =
  | { readonly state: 'present' | 'unknown'; readonly finding: Finding }
  | {
      readonly state: 'absent';
      readonly finding: Finding;
      readonly nearness: number;
      /** The fact that is so near. */
      readonly nearest?: Evidence;
    }
  | { readonly state: 'unread' };

/** One failure mode over all nodes. */
export interface Signal {
  readonly mode: string;
  /** The failure mode in words; its id where the catalogue does not know it any more. */
  readonly title: string;
  /** Whether it speaks about all others, as that the node is not the cause: then its presence is no illness. */
  readonly isConclusion: boolean;
  /** One for each node, in the order of the nodes. */
  readonly cells: readonly Cell[];
}

/**
 * What each failure mode's signature found on each node, from the reading that the node's verdict rests on. What is present
 * comes first, on more nodes before fewer, then what could not be told, then what is near its threshold; of the same, in the catalogue's order.
 */
export function signalsOf(ranked: readonly RankedNode[], catalogue: Catalogue): readonly Signal[] {
  const titles = new Map(catalogue.map(({ id, title }) => [id, title]));
  const conclusions = new Set(catalogue.flatMap(({ id, conclude }) => (conclude === undefined ? [] : [id])));
  const found = ranked.map(
    ({ basis }) => new Map(basis?.diagnosis.findings.map((one) => [one.mode, one]) ?? []),
  );
  const others = found.flatMap((one) => [...one.keys()]).filter((mode) => !titles.has(mode));
  return [...titles.keys(), ...new Set(others)]
    .map((mode) => ({
      mode,
      title: titles.get(mode) ?? mode,
      isConclusion: conclusions.has(mode),
      cells: found.map((one) => cellOf(one.get(mode))),
    }))
    .filter(({ cells }) => cells.some(({ state }) => state !== 'unread'))
    .toSorted((a, b) => weightOf(b) - weightOf(a));
}

function cellOf(finding: Finding | undefined): Cell {
  if (finding === undefined) return { state: 'unread' };
  if (finding.state !== 'absent') return { state: finding.state, finding };
  const [first] = finding.because;
  if (first === undefined) return { state: 'absent', finding, nearness: 0 };
  const nearest = finding.because.reduce(
    (most, one) => (nearnessOf(one) > nearnessOf(most) ? one : most),
    first,
  );
  return { state: 'absent', finding, nearness: nearnessOf(nearest), nearest };
}

const PRESENT = 3;
const UNKNOWN = 2;

function weightOf({ cells, isConclusion }: Signal): number {
  if (isConclusion) return -1;
  const present = cells.filter(({ state }) => state === 'present').length;
  if (present > 0) return PRESENT + present;
  if (cells.some(({ state }) => state === 'unknown')) return UNKNOWN;
  return Math.max(0, ...cells.map((cell) => (cell.state === 'absent' ? cell.nearness : 0)));
}

/**
 * How near a number is to what it is held against, as a share of it; 0 where that is nothing, or where the number is beyond
 * it and yet speaks against the mode: then it counts the other way.
 */
function nearnessOf({ value, threshold }: Evidence): number {
  const pattern = threshold.includes('%') ? /(\d[\d.,]*) %/ : /(\d[\d.,]*)/;
  const numberIn = (text: string) =>
    Number((pattern.exec(text)?.[1] ?? '').replaceAll(',', '') || Number.NaN);
  const share = numberIn(value) / numberIn(threshold);
  return share >= 0 && share < 1 ? share : 0;
}

/** The facts of one signal on the nodes that have any, ready for a table: a column a fact. */
export interface SignalFacts {
  readonly columns: readonly FactColumn[];
  /** One for all nodes of which the same is known, the worst one's first; a node without facts has none. */
  readonly rows: readonly {
    /** Their places among the nodes. */
    readonly nodes: readonly [number, ...number[]];
    /** By column; absent where this node's finding does not have the fact. */
    readonly facts: readonly (Evidence | undefined)[];
    readonly missing: readonly string[];
  }[];
}

/** A fact, with what most nodes hold it against and read it from; where a node has another, its own fact says so. */
export interface FactColumn {
  readonly fact: string;
  readonly threshold: string;
  readonly source: string;
}

/** The facts of a signal. A fact that a finding names twice has a column for each. */
export function factsOf({ cells }: Signal): SignalFacts {
  const keys = new Map<string, Evidence[]>();
  const rows = cells.flatMap((cell, node) => {
    if (cell.state === 'unread') return [];
    const { because, missing = [] } = cell.finding;
    if (because.length === 0 && missing.length === 0) return [];
    const facts = new Map<string, Evidence>();
    for (const one of because) {
      let key = one.fact;
      while (facts.has(key)) key += ' ';
      facts.set(key, one);
      keys.set(key, [...(keys.get(key) ?? []), one]);
    }
    return [{ node, facts, missing }];
  });
  const columns = [...keys].map(
    ([key, all]): FactColumn => ({
      fact: key.trimEnd(),
      threshold: mostFrequent(all.map(({ threshold }) => threshold)),
      source: mostFrequent(all.map(({ source }) => source)),
    }),
  );
  const order = [...keys.keys()];
  const aligned = rows.map(({ node, facts, missing }) => ({
    node,
    facts: order.map((key) => facts.get(key)),
    missing,
  }));
  const same = groupedBy(aligned, ({ facts, missing }) => JSON.stringify([facts, missing]));
  return {
    columns,
    rows: [...same.values()].map((group) => {
      const [{ node, facts, missing }, ...others] = group;
      return { nodes: [node, ...others.map((one) => one.node)] as const, facts, missing };
    }),
  };
}

function mostFrequent(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const one of words) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), ['', 0])[0];
}
