import { type Catalogue } from '../src/core/diagnosis/signature.ts';
import { isOfLimit } from '../src/core/plan/kinds.ts';
import type { Diagnosis, Evidence } from '../src/core/record/diagnosis.ts';
import { mebibytes, show } from '../src/core/words.ts';
import { bold } from './output.ts';

/** A diagnosis as a terminal page: verdict, evidence, what was ruled out, what was not seen, what is offered. */
export function reportOf(diagnosis: Diagnosis, catalogue: Catalogue, name: string): string {
  const titleOf = (mode: string) => catalogue.find(({ id }) => id === mode)?.title ?? mode;
  const present = diagnosis.findings.filter(({ state }) => state === 'present');
  const absent = diagnosis.findings.filter(({ state, because }) => state === 'absent' && because.length > 0);
  const blocks = [
    [
      `${bold(titleOf(diagnosis.verdict))}  (${diagnosis.verdict}, confidence ${diagnosis.confidence}, ${name})`,
      diagnosis.headline,
    ],
    section('Evidence', present.flatMap(({ because }) => because).map(line)),
    section('Contributing', diagnosis.contributing.map(titleOf)),
    section(
      'Ruled out',
      absent.map(({ mode, because }) => `${titleOf(mode)}: ${because.map(short).join(', ')}`),
    ),
    section('Could not be seen', diagnosis.gaps),
    section('Raise of nf_conntrack_max', [offerOf(diagnosis)]),
    section('Offered instead', otherOffers(diagnosis)),
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n');
}

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [bold(heading), ...lines.map((text) => `  ${text}`)];
}

function line({ fact, value, unit, threshold, source }: Evidence): string {
  return `${fact}: ${value} ${unit} (held against ${threshold}; ${source})`;
}

function short({ fact, value }: Evidence): string {
  return `${fact} ${value}`;
}

function offerOf({ offer }: Diagnosis): string {
  const { nf_conntrack_max: max, nf_conntrack_buckets: buckets, memoryBytes } = offer;
  if (!offer.raise || max === undefined || buckets === undefined || memoryBytes === undefined)
    return `not offered: ${offer.why}`;
  const size = `${mebibytes(memoryBytes)} if full`;
  return `${show(max.from)} → ${show(max.to)}, buckets ${show(buckets.from)} → ${show(buckets.to)}, ${size}. ${offer.why}`;
}

function otherOffers({ offer }: Diagnosis): string[] {
  return offer.remediations
    .filter(({ kind }) => !isOfLimit(kind))
    .map(({ kind, changes, entries, why }) => {
      const what =
        entries === undefined
          ? changes.map(({ key, from, to }) => `${key} ${show(from)} → ${show(to)}`).join(', ')
          : `UDP entries to ${entries.destination} port ${entries.port} that go to ${entries.target}`;
      return `${kind}: ${what}. ${why}`;
    });
}
