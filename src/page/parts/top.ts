import type { PageModel } from '../../core/page/model.ts';
import type { BeforeAfter } from '../../core/page/proof.ts';
import { rateOf, useOf } from '../../core/page/series.ts';
import type { Evidence } from '../../core/record/diagnosis.ts';
import { keepUnits, nodeCount, percent, show } from '../../core/words.ts';
import { type Html, html } from '../html.ts';
import { table } from '../pieces.ts';
import { dateTime } from '../times.ts';

/** Signs beside the colour of a state, so that nothing is told by colour alone. */
const SIGNS = { grey: '○', red: '▲', amber: '◆', blue: '●', green: '✓' } as const;

/** Verdict, state and what the verdict rests on: what somebody who reads nothing else has read. */
export function top({ head, card, asOf, proof, nodes, beforeAfter }: PageModel): Html {
  const { alarm, id, state, revision } = head;
  const same =
    proof === undefined || nodes.length < 2
      ? ''
      : ` · ${proof.verdict} on ${proof.nodes} of ${nodeCount(nodes.length)}`;
  return html`<header class="top ${card.colour}"><p class="state"><span class="pill">${SIGNS[card.colour]} ${state}</span> <span>${alarm.name}</span> <span class="id">${id}</span></p><h1>${keepUnits(card.header)}</h1><p class="say">${keepUnits(card.lead)}</p>${
    beforeAfter[0] === undefined ? undefined : changeTiles(beforeAfter[0])
  }${
    proof === undefined
      ? undefined
      : html`<h2 class="tiles-h">${beforeAfter.length === 0 ? 'What proves it' : 'What proved it'}</h2><ul class="tiles">${proof.facts.map(tile)}</ul><p class="what">Read from <code>${proof.instanceId}</code> at ${dateTime(proof.at)} · confidence ${proof.confidence}${same}${proof.contributing.length === 0 ? '' : ` · also ${proof.contributing.join(', ')}`}</p>`
  }<p class="what">As of ${dateTime(asOf)}, revision ${revision} of the record. Times are UTC.</p></header>`;
}

function tile(fact: Evidence): Html {
  const { fact: name, value, unit, threshold, source } = fact;
  // A share in parentheses is what people compare: it leads, and the amounts follow.
  const [, amounts, share] = /^(.*) \((\d{1,4} %)\)$/.exec(value) ?? [];
  const [big, small] = share === undefined ? [value, unit] : [share, `${amounts} ${unit}`];
  return html`<li><span class="name">${name}</span><b>${keepUnits(big)}</b> <span>${keepUnits(small)}</span><span class="held">held against ${keepUnits(threshold)} · ${source}</span></li>`;
}

function changeTiles({ instanceId, before, after, facts }: BeforeAfter): Html {
  const use = (one: BeforeAfter['after']) => {
    const share = useOf(one);
    return share === undefined ? 'not read' : percent(share);
  };
  const ofTable: readonly (readonly [string, string, string])[] = [
    ['dropped, packets/s', perSecond(before), perSecond(after)],
    ['use of the table', use(before), use(after)],
    ['nf_conntrack_max', numberOf(before.max), numberOf(after.max)],
  ];
  const ofVerdict = facts.map(
    ({ fact, unit, first, later = 'not read' }) =>
      [unit === '' ? fact : `${fact}, ${unit}`, first, later] as const,
  );
  const rows = ofVerdict.length === 0 ? ofTable : ofVerdict;
  return html`<h2 class="tiles-h">Before and after, on ${instanceId}</h2><ul class="tiles change">${rows.map(
    ([name, from, to]) =>
      html`<li><span class="name">${name}</span><span class="was">${keepUnits(from)}</span> <span class="arrow" aria-hidden="true">→</span><span class="v">, then </span> <b>${keepUnits(to)}</b></li>`,
  )}</ul>`;
}

const numberOf = (value: number | undefined): string => (value === undefined ? 'not read' : show(value));

function perSecond(reading: BeforeAfter['after']): string {
  const rate = rateOf(reading, 'fullDrops');
  return rate === undefined ? 'not read' : show(rate);
}

/** Every node that something was ordered on, before that and in its newest reading. */
export function beforeAfterTable(all: readonly BeforeAfter[]): Html {
  const pair = (from: string, to: string) => (from === to ? from : `${from} → ${to}`);
  const names = [...new Set(all.flatMap(({ facts }) => facts.map(({ fact }) => fact)))];
  const columns = ['Node', ...names, 'Entries', 'nf_conntrack_max', 'Buckets', 'Use', 'Dropped, packets/s'];
  return table(
    'Before the change and in the newest reading',
    [...columns, 'Verdict'],
    all.map(({ instanceId, before, after, facts }) => {
      const use = (one: BeforeAfter['after']) => {
        const share = useOf(one);
        return share === undefined ? 'not read' : percent(share);
      };
      return [
        instanceId,
        ...names.map((name) => {
          const found = facts.find(({ fact }) => fact === name);
          return found === undefined ? '–' : pair(found.first, found.later ?? 'not read');
        }),
        pair(numberOf(before.entries), numberOf(after.entries)),
        pair(numberOf(before.max), numberOf(after.max)),
        pair(numberOf(before.buckets), numberOf(after.buckets)),
        pair(use(before), use(after)),
        pair(perSecond(before), perSecond(after)),
        pair(before.verdict, after.verdict),
      ];
    }),
    columns.slice(1).map((_, index) => index + 1),
  );
}
