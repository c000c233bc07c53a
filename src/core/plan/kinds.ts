import type { Remediation } from '../record/incident.ts';
import type { NodePlan, PlanOf, RaisePlan, RemediationKind } from '../record/plan.ts';
import { BUCKETS_KEY, MAX_KEY, shortKey } from '../record/settings.ts';
import { show } from '../words.ts';
import type {
  ChangeDocument,
  ChangeKind,
  PlannedValue,
  RemediationWords,
  SettingMove,
  Traceless,
  UdpEntries,
  WayBack,
} from './kind.ts';
import { raiseCost } from './raise-cost.ts';

/** A plan that consists of settings alone. */
type SettingsPlan = Extract<NodePlan, { readonly changes: unknown }>;

/** What is the same for every kind that only changes settings, all of which travel in one document. */
const OF_SETTINGS = {
  done: 'changed',
  isOfLimit: false,
  document: 'settings',
  parameters: ({ changes }: SettingsPlan) => ({
    changes: changes.map(({ key, from, to }) => `${key}=${from}:${to}`).join(','),
  }),
  settings: ({ changes }: SettingsPlan) => changes,
  shown: ({ changes }: SettingsPlan) =>
    changes.map(({ key, from, to }) => `${shortKey(key)} ${show(from)} → ${show(to)}`).join(', '),
  numbers: ({ changes }: SettingsPlan) => changes.flatMap(({ key, from, to }) => [key, from, to]),
  commands: ({ changes }: SettingsPlan) => changes.map(({ key, to }) => `sysctl -w ${key}=${to}`).join('\n'),
  cost: () => undefined,
  entries: () => undefined,
} as const;

/** The kinds of change: whoever needs to know one asks here, so that another kind is one more entry. */
const KINDS: { readonly [K in RemediationKind]: ChangeKind<PlanOf<K>> } = {
  'raise-max': {
    words: {
      noun: 'raise',
      order: 'Raise',
      doing: 'raising',
      done: 'raised',
      thing: 'nf_conntrack_max',
      wayBack: 'Roll back restores the old limit and files; the buckets stay.',
      goingBack: (who) => `${who} gets back its previous limit and files; its buckets stay.`,
      wentBack: 'the previous limit and files are in force, the buckets stay',
    },
    done: 'raised',
    isOfLimit: true,
    wayBack: { restoresValues: true, keepsBuckets: true, isBounded: true },
    document: 'raise',
    parameters: ({ max, buckets }) => ({
      mode: 'exact',
      fromMax: String(max.from),
      toMax: String(max.to),
      fromBuckets: String(buckets.from),
      toBuckets: String(buckets.to),
    }),
    settings: ({ max, buckets }) => [
      { key: BUCKETS_KEY, ...buckets },
      { key: MAX_KEY, ...max },
    ],
    shown({ max, buckets }) {
      const raised = `nf_conntrack_max ${show(max.from)} → ${show(max.to)}`;
      return buckets.from === buckets.to
        ? raised
        : `${raised}, buckets ${show(buckets.from)} → ${show(buckets.to)}`;
    },
    numbers: ({ max, buckets }) => [max.from, max.to, buckets.from, buckets.to],
    commands: ({ max, buckets }) => `sysctl -w ${BUCKETS_KEY}=${buckets.to}\nsysctl -w ${MAX_KEY}=${max.to}`,
    cost: raiseCost,
    entries: () => undefined,
  },
  'raise-buckets': {
    ...OF_SETTINGS,
    words: {
      noun: 'raise of buckets',
      order: 'Raise',
      doing: 'raising',
      done: 'raised',
      thing: 'nf_conntrack_buckets',
      wayBack:
        'Roll back restores the old files; the buckets stay, shrinking them would pause traffic again.',
      goingBack: (who) => `${who} gets back its previous files; its buckets stay.`,
      wentBack: 'the previous files are in force, the buckets stay',
    },
    wayBack: { restoresValues: false, keepsBuckets: true, isBounded: false },
  },
  'shorten-timeouts': {
    ...OF_SETTINGS,
    words: {
      noun: 'shortening of timeouts',
      order: 'Shorten',
      doing: 'shortening',
      done: 'shortened',
      thing: 'connection-tracking timeouts',
      wayBack: 'Roll back restores the old timeouts and files.',
      goingBack: (who) => `${who} gets back its previous timeouts and files.`,
      wentBack: 'the previous timeouts are in force',
    },
    wayBack: { restoresValues: true, keepsBuckets: false, isBounded: false },
    shown: ({ changes }) =>
      changes.map(({ key, from, to }) => `${shortKey(key)} ${show(from)} → ${show(to)} s`).join(', '),
  },
  'raise-neighbour-thresholds': {
    ...OF_SETTINGS,
    words: {
      noun: 'raise of neighbour thresholds',
      order: 'Raise',
      doing: 'raising',
      done: 'raised',
      thing: 'neighbour thresholds',
      wayBack: 'Roll back restores the old thresholds and files.',
      goingBack: (who) => `${who} gets back its previous thresholds and files.`,
      wentBack: 'the previous thresholds are in force',
    },
    wayBack: { restoresValues: true, keepsBuckets: false, isBounded: true },
  },
  'delete-udp-entries': {
    words: {
      noun: 'deletion',
      order: 'Delete',
      doing: 'deleting',
      done: 'deleted',
      thing: 'stale UDP entries',
      wayBack: 'A deletion can not be rolled back: the next packet of each flow makes a new entry.',
      goingBack: () => 'A deletion can not be rolled back.',
      wentBack: 'a deletion can not be rolled back',
    },
    done: 'changed',
    isOfLimit: false,
    traceless: {
      gone: 'no flow in use goes to a dead backend',
      unclear: "the node's entries do not tell what was deleted",
    },
    document: 'deleteUdpEntry',
    parameters: ({ destination, port, target }) => ({ destination, port: String(port), target }),
    settings: () => [],
    shown: ({ destination, port, target }) =>
      `Delete the UDP entries to ${destination} port ${port} that go to ${target}`,
    numbers: ({ destination, port, target }) => [destination, port, target],
    commands: ({ destination, port, target }) =>
      `conntrack -D -p udp --orig-dst ${destination} --orig-port-dst ${port} --reply-src ${target}`,
    cost: () => undefined,
    entries: ({ destination, port, target }) => ({ destination, port, target }),
  },
};

const entryOf = (plan: NodePlan): ChangeKind<NodePlan> => KINDS[plan.kind];

/** Where no kind is known: that something is changed, and nothing of what. */
const ANY_CHANGE: RemediationWords = {
  noun: 'change',
  order: 'Change',
  doing: 'changing',
  done: 'changed',
  thing: 'settings',
  wayBack: 'Roll back restores what can be restored.',
  goingBack: () => 'What was changed is taken back.',
  wentBack: 'what was changed is taken back',
};

/** How a kind is spoken of; without one nothing is said of one. */
export function wordsOf(kind: RemediationKind | undefined): RemediationWords {
  return kind === undefined ? ANY_CHANGE : KINDS[kind].words;
}

/** `raise`, `deletion`, `rollback`: a step as a noun. */
export function stepName(kind: Remediation['kind']): string {
  return kind === 'rollback' ? kind : KINDS[kind].words.noun;
}

/** The outcome of a change of that kind that worked. */
export function doneOutcome(kind: RemediationKind): 'raised' | 'changed' {
  return KINDS[kind].done;
}

/** What taking back a change of that kind does; `undefined` where it can not be taken back. */
export function wayBackOf(kind: RemediationKind): WayBack | undefined {
  return KINDS[kind].wayBack;
}

/** Whether a change of that kind can be taken back: a deleted entry can not, it is made anew by the next packet. */
export function isReversible(kind: RemediationKind): boolean {
  return wayBackOf(kind) !== undefined;
}

/** Whether a kind changes nf_conntrack_max itself; a kind of which nothing is known does not. */
export function isOfLimit(kind: string): boolean {
  return Object.entries(KINDS).some(([name, entry]) => name === kind && entry.isOfLimit);
}

/** What is said of a kind that leaves no running value behind; `undefined` of the others. */
export function tracelessWords(kind: RemediationKind): Traceless | undefined {
  return KINDS[kind].traceless;
}

/** The plan as the raise that it is; `undefined` where it is another change. */
export function asRaise(plan: NodePlan | undefined): RaisePlan | undefined {
  return plan?.kind === 'raise-max' ? plan : undefined;
}

/** `nf_conntrack_max 131,072 → 262,144, buckets 32,768 → 65,536`: what is done to one node, in numbers. */
export function changeNumbers(plan: NodePlan): string {
  return entryOf(plan).shown(plan);
}

/** What a change costs, as one clause; `undefined` where it costs nothing to speak of. */
export function costOf(plan: NodePlan): string | undefined {
  return entryOf(plan).cost(plan);
}

/** The same change by hand, for a code block. */
export function commandsOf(plan: NodePlan): string {
  return entryOf(plan).commands(plan);
}

/** The settings that a plan moves, in the order in which they are written. */
export function settingsOf(plan: NodePlan): readonly SettingMove[] {
  return entryOf(plan)
    .settings(plan)
    .filter(({ from, to }) => from !== to);
}

/** The UDP entries that a plan deletes; `undefined` where it deletes none. */
export function entriesOf(plan: NodePlan): UdpEntries | undefined {
  return entryOf(plan).entries(plan);
}

/** The values by which a node tells whether a plan was carried out; none of a deletion, which leaves no setting behind. */
export function plannedValues(plan: NodePlan): readonly PlannedValue[] {
  return entryOf(plan)
    .settings(plan)
    .map(({ key, from, to }) => ({ key, before: from, after: to }));
}

/**
 * What a plan does to its node, and nothing else of it: nodes with the same numbers can share one command. The first is
 * the kind, so plans of two kinds never share.
 */
export function numbersOf(plan: NodePlan): readonly (string | number)[] {
  return [plan.kind, ...entryOf(plan).numbers(plan)];
}

/** Which document carries out a plan, and with which parameters beside nonce and incident. */
export function commandOf(plan: NodePlan): {
  readonly document: ChangeDocument;
  readonly parameters: Readonly<Record<string, string>>;
} {
  const { document } = entryOf(plan);
  return { document, parameters: entryOf(plan).parameters(plan) };
}
