import { createHash } from 'node:crypto';
import { fragmentsOf, type NodeScripts } from '../nodes/scripts.ts';

/** A proof that takes too long for every run, and stands as long as nothing has changed that it exercised. */
export interface Proof {
  readonly id: 'kills' | 'reboot' | 'trace-guests';
  /** As a sentence calls it. */
  readonly name: string;
  /** Where its findings stand, from the root of the repository. */
  readonly page: string;
  readonly title: string;
  /** Markdown: where what was seen is explained. */
  readonly explained: string;
  /** What its tests note findings for, in the order in which the page tells it. */
  readonly sections: readonly string[];
  /** Headings of those sections whose findings are the rows of a table, cells between ` | `. */
  readonly tables?: Readonly<Record<string, readonly string[]>>;
  /** Arguments for vitest. */
  readonly tests: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Files, and folders with a slash at their end, that decide what it shows; from the root of the repository. */
  readonly exercised: readonly string[];
}

/** Everything that the scripts and the documents which carry them are made of; from the root of the repository. */
function partsOf(...scripts: readonly (keyof NodeScripts)[]): readonly string[] {
  const files = new Set(['documents.ts', 'scripts.ts', ...scripts.flatMap(fragmentsOf)]);
  return [...files].map((path) => `nodes/${path}`);
}

/** Sections of the page on killed scripts. */
export const KILL_SECTIONS = ['raise', 'settings', 'rollback', 'delete-udp-entry'] as const;
/** Sections of the page on the guest that boots. */
export const REBOOT_SECTIONS = [
  'The machine',
  'Raise and rollback',
  'Other files',
  'kube-proxy',
  'Power cuts',
] as const;
/** Sections of the page on traces in guests. */
export const GUEST_SECTIONS = ['The event', 'Faults'] as const;

/**
 * The proofs. What is exercised is the scripts that their tests run, with their documents, and the tests with what they are
 * made of; a script that no proof runs may change without one. Of the core
 * only what foretells a boot is among it: the rest reads and words what was seen, which the unit tests judge at each run.
 */
export const PROOFS: readonly Proof[] = [
  {
    id: 'kills',
    name: 'Killing the scripts before every command',
    page: 'docs/kills-seen.md',
    title: 'What killing the scripts showed',
    explained: '[node-scripts.md](node-scripts.md#when-it-is-cut-off)',
    sections: KILL_SECTIONS,
    tests: ['--project', 'nodes', 'test/nodes/killed-changes.test.ts', 'test/nodes/killed-rollbacks.test.ts'],
    environment: { MEDIC_EVERY_COMMAND: '1' },
    exercised: [
      ...partsOf('raise', 'settings', 'rollback', 'deleteUdpEntry', 'collect'),
      'local/recorded/scratch-namespace.ts',
      'test/nodes/killed-changes.test.ts',
      'test/nodes/killed-rollbacks.test.ts',
      'test/nodes/support/killed-runs.ts',
      'test/nodes/support/killed.ts',
      'test/nodes/support/killer.sh',
      'test/nodes/support/scratch-node.ts',
      'test/nodes/support/scripts.ts',
      'test/nodes/support/seen.ts',
      'test/nodes/support/shells.ts',
      'test/nodes/support/temporary.ts',
    ],
  },
  {
    id: 'reboot',
    name: 'Booting a guest',
    page: 'docs/persistence-seen.md',
    title: 'What the reboot tests saw',
    explained: '[persistence.md](persistence.md)',
    sections: REBOOT_SECTIONS,
    tests: ['--config', 'vitest.reboot.config.ts'],
    environment: {},
    exercised: [
      ...partsOf('collect', 'raise', 'rollback'),
      'src/core/plan/kube-proxy.ts',
      'src/core/plan/raise-layers.ts',
      'src/core/plan/rival-lines.ts',
      'src/core/remediation/drift.ts',
      'test/nodes/support/scripts.ts',
      'test/nodes/support/seen.ts',
      'test/reboot/',
      'vitest.reboot.config.ts',
    ],
  },
  {
    id: 'trace-guests',
    name: 'Tracing on other kernels',
    page: 'docs/trace-kernels-seen.md',
    title: 'What a trace saw on other kernels',
    explained: '[trace.md](trace.md#kernels)',
    sections: GUEST_SECTIONS,
    tables: {
      Faults: [
        'kernel',
        'fault',
        'rung',
        'connections, client / trace',
        'delayed, client / trace',
        'packets, fault / kfree_skb',
        'freed in, reason',
        'what the trace says',
      ],
    },
    tests: ['--config', 'vitest.trace-guests.config.ts'],
    environment: {},
    exercised: [
      ...partsOf('trace'),
      'test/nodes/support/scripts.ts',
      'test/reboot/support/requirements.ts',
      'test/trace-guests/',
      'vitest.trace-guests.config.ts',
    ],
  },
];

/** Whether the proof hangs on the file at this path. */
export function isExercised({ exercised }: Proof, path: string): boolean {
  return exercised.some((one) => (one.endsWith('/') ? path.startsWith(one) : path === one));
}

/**
 * A fingerprint of everything that the proof hangs on.
 *
 * @param files texts by path from the root of the repository; those that the proof does not hang on are left out
 * @returns SHA-256 in hex
 */
export function digestOf(proof: Proof, files: ReadonlyMap<string, string>): string {
  const texts = [...files].filter(([path]) => isExercised(proof, path));
  texts.sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex');
}

/** One finding of a proof, for its page. */
export interface Finding {
  readonly section: string;
  readonly text: string;
}

/** When a page was written and what for. */
export interface Seen {
  /** Date in UTC: `2026-01-31`. */
  readonly date: string;
  /** As {@link digestOf} gives it. */
  readonly digest: string;
}

/** A list; with headings a table, rows of one first cell together whichever of them ran side by side. */
function linesOf(texts: readonly string[], headings: readonly string[] | undefined): readonly string[] {
  if (headings === undefined) return texts.map((text) => `- ${text}`);
  const first = (text: string): string => text.split(' | ')[0] ?? '';
  const rows = texts.toSorted((a, b) => first(a).localeCompare(first(b), 'en', { numeric: true }));
  return [headings.join(' | '), headings.map(() => '---').join(' | '), ...rows].map((row) => `| ${row} |`);
}

/** The page of a proof as Markdown. */
export function pageOf(proof: Proof, { date, digest }: Seen, findings: readonly Finding[]): string {
  const parts = proof.sections.map((section) => {
    const texts = findings.filter((finding) => finding.section === section).map(({ text }) => text);
    const lines = linesOf(texts, proof.tables?.[section]);
    return `## ${section}\n\n${texts.length === 0 ? 'Not seen in this run.' : lines.join('\n')}\n`;
  });
  return `# ${proof.title}

Written by \`npm run prove\`; what it means is in ${proof.explained}.

Seen on ${date}. Digest of the scripts and tests that were run: \`${digest}\`.

${parts.join('\n')}`;
}

/** What a page says of itself; undefined where it names no digest. */
export function seenIn(page: string): Seen | undefined {
  const [, date, digest] = /^Seen on (\d{4}-\d\d-\d\d)\. .*`([0-9a-f]{64})`\.$/m.exec(page) ?? [];
  return date === undefined || digest === undefined ? undefined : { date, digest };
}
