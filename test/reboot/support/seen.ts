import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';

/** What a run is about, in the order in which the page tells it. */
const SECTIONS = ['The machine', 'Raise and rollback', 'Other files', 'kube-proxy', 'Power cuts'] as const;

const Note = z.strictObject({ section: z.enum(SECTIONS), text: z.string() });
type Note = z.infer<typeof Note>;

/** Set by the run's set-up: where its tests leave what they saw, one JSON value a line. */
const FILE = 'MEDIC_REBOOT_NOTES';
const PAGE = new URL('../../../docs/persistence-seen.md', import.meta.url);

/** Says to the tests of this run where to leave their notes. */
export function keepNotesIn(file: string): void {
  process.env[FILE] = file;
}

/** Leaves one finding with its figures for the page; nothing when no run keeps notes. */
export function noteSeen(section: Note['section'], text: string): void {
  const file = process.env[FILE];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ section, text })}\n`);
}

/** Writes docs/persistence-seen.md from the notes of a run. */
export function writePage(file: string): void {
  if (!existsSync(file)) return;
  const notes = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => Note.parse(JSON.parse(line)));
  const parts = SECTIONS.map((section) => {
    const lines = notes.filter((note) => note.section === section).map(({ text }) => `- ${text}`);
    return `## ${section}\n\n${lines.length === 0 ? 'Not seen in this run.' : lines.join('\n')}\n`;
  });
  writeFileSync(
    PAGE,
    `# What the reboot tests saw\n\nWritten by \`MEDIC_RECORD=1 npm run test:reboot\`; what it means is in [persistence.md](persistence.md).\n\n${parts.join('\n')}`,
  );
}
