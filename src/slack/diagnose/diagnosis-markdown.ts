import type { Catalogue } from '../../core/diagnosis/signature.ts';
import { NEXT_COMMAND, nextCommandGap } from '../../core/diagnosis/single-reading/next-command.ts';
import { escapeMarkdown } from '../../core/markdown.ts';
import type { Diagnosis, Evidence } from '../../core/record/diagnosis.ts';

/** Lines of one list that are shown; a diagnosis has a few dozen at most. */
const LINES_MAX = 20;

/** A diagnosis as Markdown: what `medic diagnose` prints, for a thread. */
export function diagnosisMarkdown(diagnosis: Diagnosis, catalogue: Catalogue, name: string): string {
  const titleOf = (mode: string) => catalogue.find(({ id }) => id === mode)?.title ?? mode;
  const present = diagnosis.findings.filter(({ state }) => state === 'present');
  const absent = diagnosis.findings.filter(({ state, because }) => state === 'absent' && because.length > 0);
  const gaps = diagnosis.gaps.filter((gap) => gap !== nextCommandGap());
  return [
    `**${escapeMarkdown(titleOf(diagnosis.verdict))}** (${diagnosis.verdict}, confidence ${diagnosis.confidence}, ${escapeMarkdown(name)})`,
    escapeMarkdown(diagnosis.headline),
    section('Evidence', present.flatMap(({ because }) => because).map(line)),
    section('Contributing', diagnosis.contributing.map(titleOf)),
    section(
      'Ruled out',
      absent.map(({ mode, because }) => `${titleOf(mode)}: ${because.map(short).join(', ')}`),
    ),
    section('Could not be seen', gaps),
    // What was pasted is never changed from here, however clear it is.
    section('Raise of nf_conntrack_max', [
      diagnosis.offer.raise ? `would help. ${diagnosis.offer.why}` : `not offered: ${diagnosis.offer.why}`,
    ]),
    ...(gaps.length < diagnosis.gaps.length
      ? [`**To find out, run this on the node and paste what it prints**\n\`\`\`\n${NEXT_COMMAND}\n\`\`\``]
      : []),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function section(heading: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const rest = lines.length - LINES_MAX;
  const more = rest > 0 ? [`and ${rest} more`] : [];
  return [
    `**${heading}**`,
    ...[...lines.slice(0, LINES_MAX), ...more].map((text) => `- ${escapeMarkdown(text)}`),
  ].join('\n');
}

function line({ fact, value, unit, threshold, source }: Evidence): string {
  return `${fact}: ${value} ${unit} (held against ${threshold}; ${source})`;
}

function short({ fact, value }: Evidence): string {
  return `${fact} ${value}`;
}
