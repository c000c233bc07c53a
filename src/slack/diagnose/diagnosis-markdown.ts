import { reportParts } from '../../core/diagnosis/report-parts.ts';
import type { Catalogue } from '../../core/diagnosis/signature.ts';
import { splitNextCommand } from '../../core/diagnosis/single-reading/next-command.ts';
import { escapeMarkdown } from '../../core/markdown.ts';
import type { PastedHost } from '../../core/paste/read-paste.ts';
import { seenLines, unknownLines } from '../../core/paste/told.ts';
import type { Diagnosis } from '../../core/record/diagnosis.ts';

/** Lines of one list that are shown; a diagnosis has a few dozen at most. */
const LINES_MAX = 30;

/** A diagnosis as Markdown: what `medic diagnose` prints, for a thread. */
export function diagnosisMarkdown(
  diagnosis: Diagnosis,
  catalogue: Catalogue,
  { title: name, host }: { readonly title: string; readonly host: Pick<PastedHost, 'seen' | 'unknown'> },
): string {
  const { gaps, next } = splitNextCommand(diagnosis.gaps);
  const { title, mark, headline, sections } = reportParts({ ...diagnosis, gaps: [...gaps] }, catalogue, name);
  return [
    `**${escapeMarkdown(title)}** (${escapeMarkdown(mark)})`,
    escapeMarkdown(headline),
    ...sections.map(([heading, lines]) => listed(heading, lines)),
    ...lists({ 'Seen in your text': seenLines(host.seen), Ignored: unknownLines(host.unknown) }),
    ...(next === undefined
      ? []
      : [
          `**To find out, run this on the node and paste what it prints**\n\`\`\`\n${next.command}\n\`\`\`\nIt tells ${escapeMarkdown(next.tells)}.`,
        ]),
  ].join('\n\n');
}

function lists(all: Readonly<Record<string, readonly string[]>>): readonly string[] {
  return Object.entries(all).flatMap(([heading, lines]) =>
    lines.length === 0 ? [] : [listed(heading, lines)],
  );
}

function listed(heading: string, lines: readonly string[]): string {
  const rest = lines.length - LINES_MAX;
  const shown = rest > 0 ? [...lines.slice(0, LINES_MAX), `and ${rest} more`] : lines;
  return [`**${escapeMarkdown(heading)}**`, ...shown.map((text) => `- ${escapeMarkdown(text)}`)].join('\n');
}
