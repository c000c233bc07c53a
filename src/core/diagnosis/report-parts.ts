import { isOfLimit } from '../plan/kinds.ts';
import type { Diagnosis, Evidence } from '../record/diagnosis.ts';
import { measured, mebibytes, show } from '../words.ts';
import type { Catalogue } from './signature.ts';

/** What people are told of a diagnosis, for whoever draws it: a terminal, a thread. */
export interface ReportParts {
  readonly title: string;
  /** Verdict, confidence and whose it is, to stand behind the title. */
  readonly mark: string;
  readonly headline: string;
  /** Headings with their lines; none is empty. */
  readonly sections: readonly (readonly [heading: string, lines: readonly string[]])[];
}

/** A diagnosis in words: verdict, evidence, what was ruled out, what was not seen, what is offered. */
export function reportParts(diagnosis: Diagnosis, catalogue: Catalogue, name: string): ReportParts {
  const titleOf = (mode: string) => catalogue.find(({ id }) => id === mode)?.title ?? mode;
  const present = diagnosis.findings.filter(({ state }) => state === 'present');
  const absent = diagnosis.findings.filter(({ state, because }) => state === 'absent' && because.length > 0);
  const sections: ReportParts['sections'] = [
    ['Evidence', present.flatMap(({ because }) => because).map(line)],
    ['Contributing', diagnosis.contributing.map(titleOf)],
    ['Ruled out', absent.map(({ mode, because }) => `${titleOf(mode)}: ${because.map(short).join(', ')}`)],
    ['Could not be seen', diagnosis.gaps],
    ['Raise of nf_conntrack_max', [offerOf(diagnosis)]],
    ['Offered instead', otherOffers(diagnosis)],
  ];
  return {
    title: titleOf(diagnosis.verdict),
    mark: `${diagnosis.verdict}, confidence ${diagnosis.confidence}, ${name}`,
    headline: diagnosis.headline,
    sections: sections.filter(([, lines]) => lines.length > 0),
  };
}

function line({ fact, value, unit, threshold, source }: Evidence): string {
  return `${fact}: ${measured({ value, unit })} (held against ${threshold}; ${source})`;
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
