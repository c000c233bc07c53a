import type { EventKind, TimelineEvent } from '../../core/page/timeline.ts';
import { keepUnits } from '../../core/words.ts';
import { type Html, html } from '../html.ts';
import { after, dateTime } from '../times.ts';

const SIGNS: Readonly<Record<EventKind, string>> = {
  alarm: '▲',
  sample: '◎',
  verdict: '◆',
  click: '☞',
  change: '✎',
  verified: '✓',
  failed: '✗',
  state: '·',
};

/** What happened, oldest first, each with its distance from the alarm. */
export function timeline(events: readonly TimelineEvent[], alarmAt: string): Html {
  return html`<ol class="events">${events.map(
    ({ kind, at, what, details }) =>
      html`<li class="${kind}"><span class="sign" aria-hidden="true">${SIGNS[kind]}</span><time datetime="${at}">${dateTime(at).slice(11)} <small>${after(alarmAt, at)}</small></time><div><p>${keepUnits(what)}</p>${details.length === 0 ? undefined : html`<ul>${details.map((line) => html`<li>${keepUnits(line)}</li>`)}</ul>`}</div></li>`,
  )}</ol>`;
}
