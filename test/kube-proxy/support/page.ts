import { show } from '../../../src/core/words.ts';
import type { Wish } from '../../reboot/support/fake-kube-proxy.ts';
import type { Values } from './stand-in.ts';

/** One start of kube-proxy as it was seen. */
export interface Start {
  readonly version: string;
  readonly wish: Wish;
  readonly cores: number;
  readonly before: Values;
  readonly after: Values;
}

/** The page of what was seen, as Markdown. @param date in UTC: `2026-01-31` */
export function pageOf(date: string, starts: readonly Start[]): string {
  const rows = starts.map(({ version, wish, cores, before, after }) => {
    const numbers = [wish.maxPerCore, cores, wish.min, before.limit, after.limit, before.hash, after.hash];
    return `| ${version} | ${numbers.map(show).join(' | ')} |`;
  });
  return `# What kube-proxy itself does with the limit

Written by \`npm run test:kube-proxy\` on ${date}; what follows from it is in [sizing.md](sizing.md#kube-proxy).

kube-proxy of each version was built from Kubernetes' own Go modules and started once with \`--init-only\` for every row,
against a stand-in of the API that knows its node and nothing else, in namespaces of its own: files stood for
\`nf_conntrack_max\` and the module's \`hashsize\`, so the machine's own were never touched. The unit tests hold what the
plan reckons with, and the stand-in of the [reboot tests](persistence.md#proof-by-reboot), against these rows.

| kube-proxy | maxPerCore | cores | min | limit before | limit after | buckets before | buckets after |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

/** The rows of the page. */
export function startsIn(page: string): readonly Start[] {
  return Array.from(
    page.matchAll(/^\| (v1\.\d+\.\d+) ((?:\| [\d,]+ ){7})\|$/gm),
    ([, version = '', cells = '']) => {
      const [maxPerCore = 0, cores = 0, min = 0, limit = 0, limitAfter = 0, hash = 0, hashAfter = 0] = cells
        .split('|')
        .slice(1)
        .map((cell) => Number(cell.replaceAll(/[^\d]/g, '')));
      return {
        version,
        wish: { maxPerCore, min },
        cores,
        before: { limit, hash },
        after: { limit: limitAfter, hash: hashAfter },
      };
    },
  );
}
