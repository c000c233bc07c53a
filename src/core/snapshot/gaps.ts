import type { Capture, SectionStatus } from '../capture/capture.ts';
import { SOURCES } from '../capture/sources.ts';

const REASONS: Readonly<Record<Exclude<SectionStatus, 'ok'>, string>> = {
  missing: 'not there',
  denied: 'permission denied',
  timeout: 'timed out',
  truncated: 'cut short',
};

/** How many names of unknown sections are told. Our choice: the node decides how many there are. */
const MOST_NAMES = 5;

/** One sentence for each source that was not read, one for sections that nobody here knows, and one when the output was cut off. */
export function sectionGaps(capture: Capture): readonly string[] {
  const gaps = capture.sections.flatMap((section) => {
    const consequence = SOURCES[section.source].withoutIt;
    if (section.status === 'ok' || consequence === undefined) return [];
    return [`${section.source}: ${REASONS[section.status]} → ${consequence}`];
  });
  const end = capture.complete
    ? []
    : ['the output ends before its closing section → what would have come later is unknown'];
  return [...new Set([...gaps, ...unknownGap(capture), ...end])];
}

function unknownGap({ unknownSections }: Capture): readonly string[] {
  if (unknownSections.length === 0) return [];
  const names = unknownSections.slice(0, MOST_NAMES).join(', ');
  const more = unknownSections.length - MOST_NAMES;
  return [
    `sections that this version does not know: ${names}${more > 0 ? ` and ${more} more` : ''} → what they say was not looked at`,
  ];
}
