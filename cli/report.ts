import { reportParts } from '../src/core/diagnosis/report-parts.ts';
import type { Catalogue } from '../src/core/diagnosis/signature.ts';
import type { Diagnosis } from '../src/core/record/diagnosis.ts';
import { bold } from './output.ts';

/** A diagnosis as a terminal page: verdict, evidence, what was ruled out, what was not seen, what is offered. */
export function reportOf(diagnosis: Diagnosis, catalogue: Catalogue, name: string): string {
  const { title, mark, headline, sections } = reportParts(diagnosis, catalogue, name);
  return [
    `${bold(title)}  (${mark})\n${headline}`,
    ...sections.map(([heading, lines]) => [bold(heading), ...lines.map((text) => `  ${text}`)].join('\n')),
  ].join('\n\n');
}
