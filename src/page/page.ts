import { type PageInput, type PageModel, pageOf } from '../core/page/model.ts';
import { printable } from '../core/printable.mjs';
import { keepUnits, withoutNode } from '../core/words.ts';
import { type Html, html } from './html.ts';
import { audit } from './parts/audit.ts';
import { composition } from './parts/composition.ts';
import { evidence } from './parts/evidence.ts';
import { heatMap } from './parts/heat-map.ts';
import { latency } from './parts/latency.ts';
import { network } from './parts/network.ts';
import { overTime } from './parts/over-time.ts';
import { plans } from './parts/plans.ts';
import { runbooks } from './parts/runbook.ts';
import { timeline } from './parts/timeline.ts';
import { beforeAfterTable, top } from './parts/top.ts';
import { traced } from './parts/traced.ts';
import { chapter } from './pieces.ts';
import { SCRIPT } from './script.ts';
import { shell } from './shell.ts';

/**
 * The page of an incident as one HTML file that needs nothing beside it. Everything that the record holds is escaped, and what
 * would act on the reader's screen is spelt out; the same record gives the same page.
 */
export function renderPage(input: PageInput): string {
  const model = pageOf(input);
  return printable(document(model).text);
}

function document(model: PageModel): Html {
  const { head, card } = model;
  const chapters = chaptersOf(model);
  return shell({
    title: `${card.header} · ${head.alarm.name}`,
    script: SCRIPT,
    body: html`<a class="skip" href="#what">Skip to the story</a>
<main id="what">
${top(model)}
<nav aria-label="Chapters">${chapters.map(({ id, short }) => html`<a href="#${id}">${short}</a>`)}</nav>
${chapters.map(({ id, title, lead, content }) => chapter(id, title, lead, ...content))}
</main>
<footer><p>Made by conntrack-medic from the record of ${head.id}, revision ${head.revision}. It holds addresses of the network: share it as you would share the evidence.</p></footer>
<dialog id="why" aria-labelledby="why-h"></dialog>`,
  });
}

interface Chapter {
  readonly id: string;
  /** In the list of chapters. */
  readonly short: string;
  readonly title: string;
  readonly lead: string;
  readonly content: readonly (Html | undefined)[];
}

/** The chapters that have something to say; nothing empty is drawn. */
function chaptersOf(model: PageModel): readonly Chapter[] {
  const felt = latency(model);
  const all: readonly (Chapter | undefined)[] = [
    {
      id: 'story',
      short: 'Story',
      title: 'What happened',
      lead: '',
      content: [timeline(model.timeline, model.head.alarm.changedAt)],
    },
    model.card.results.length === 0
      ? undefined
      : {
          id: 'nodes',
          short: 'Nodes',
          title: 'What is true of each node',
          lead: '',
          content: [results(model)],
        },
    felt && { id: 'felt', short: 'Latency', title: 'What users felt', lead: '', content: [felt] },
    model.traces.length === 0
      ? undefined
      : {
          id: 'lost',
          short: 'Lost SYNs',
          title: 'Where new connections are lost',
          lead: 'As a trace saw it: first SYNs at the node’s uplinks, at the host’s end of its pods’ interfaces and inside the pods.',
          content: traced(model),
        },
    model.series.length === 0
      ? undefined
      : {
          id: 'time',
          short: 'Over time',
          title: 'Table and counters over time',
          lead: model.series.every(({ readings }) => readings.length < 2)
            ? 'Each node was read once so far: two samples, some seconds apart.'
            : 'Each point is a reading of a node: two samples, some seconds apart. What was between two of them is not known; a dotted line joins them and turns where something was done.',
          content: [overTime(model)],
        },
    model.signals.length === 0
      ? undefined
      : {
          id: 'signals',
          short: 'Signals',
          title: 'Every signal on every node',
          lead: 'From the reading that each verdict rests on.',
          content: [heatMap(model), ...evidence(model)],
        },
    model.compositions.length === 0
      ? undefined
      : {
          id: 'made-of',
          short: 'Table',
          title: 'What fills the table',
          lead: '',
          content: composition(model.compositions),
        },
    model.traffic.length + model.connections.length === 0
      ? undefined
      : {
          id: 'network',
          short: 'Network',
          title: 'Traffic and connections',
          lead: '',
          content: network(model),
        },
    model.plans.length === 0
      ? undefined
      : { id: 'plan', short: 'Plan', title: 'The change', lead: '', content: plans(model.plans) },
    {
      id: 'runbook',
      short: 'Runbook',
      title: 'What to do, whole',
      lead: '',
      content: runbooks(model.runbooks, model.otherRunbooks),
    },
    model.card.gaps.length === 0
      ? undefined
      : {
          id: 'gaps',
          short: 'Gaps',
          title: 'What could not be seen',
          lead: '',
          content: [html`<ul>${model.card.gaps.map((gap) => html`<li>${keepUnits(gap)}</li>`)}</ul>`],
        },
    {
      id: 'audit',
      short: 'Audit',
      title: 'The record',
      lead: '',
      content: [audit(model.audit, model.head.id)],
    },
  ];
  return all.flatMap((one) => one ?? []);
}

const RESULT_SIGNS = { changed: '✓', running: '…', untouched: '–', undone: '↩', failed: '✗' } as const;

function results({ card, beforeAfter }: PageModel): Html {
  return html`<ul class="results">${card.results.map(
    ({ instanceId, state, text }) =>
      html`<li class="${state}"><span class="sign" aria-hidden="true">${RESULT_SIGNS[state]}</span> <code>${instanceId}</code> <span>${keepUnits(withoutNode(instanceId, text))}</span></li>`,
  )}</ul>${beforeAfter.length === 0 ? undefined : beforeAfterTable(beforeAfter)}`;
}
