import { type Composition, restOf, type Share, shareWords } from '../../core/page/composition.ts';
import { counted, keepUnits, percent } from '../../core/words.ts';
import { SHARE_LOOKS, stackedBar } from '../charts/stacked-bar.ts';
import { type Html, html } from '../html.ts';
import { dateTime } from '../times.ts';

/** What fills the tables of the worst nodes: a bar by state, a bar by destination, each with its numbers. */
export function composition(all: readonly Composition[]): readonly Html[] {
  const [first, ...others] = all.map(drawn);
  if (first === undefined) return [];
  return others.length === 0
    ? [first]
    : [
        first,
        html`<details class="more"><summary>The same of ${counted(others.length, 'more node')}</summary>${others}</details>`,
      ];
}

const drawn = ({ instanceId, at, states, destinations, error }: Composition): Html =>
  html`<div class="made-of"><h3><code>${instanceId}</code> <span class="what">read at ${dateTime(at)}${error === 0 ? '' : `; a sample, each share within ${keepUnits(`± ${Math.ceil(error * 100)} %`)}`}</span></h3>${bar('By state', instanceId, states)}${bar('By destination', instanceId, destinations)}</div>`;

function bar(title: string, instanceId: string, shares: readonly Share[]): Html | undefined {
  if (shares.length === 0) return undefined;
  const words = shares.map((one) => `${one.label} ${shareWords(one)}`).join(', ');
  const alternative = `Entries of ${instanceId}, ${title.toLowerCase()}: ${words}.`;
  const rest = restOf(shares);
  return html`<h4>${title}</h4><div class="wide">${stackedBar(shares, alternative, 1000)}</div><div class="narrow">${stackedBar(shares, alternative, 340)}</div><ul class="shares">${shares.map(
    (one, index) =>
      html`<li><span class="swatch s${index % SHARE_LOOKS}" aria-hidden="true"></span>${one.label} <b>${keepUnits(shareWords(one))}</b></li>`,
  )}${rest === 0 ? undefined : html`<li><span class="swatch others" aria-hidden="true"></span>others <b>${keepUnits(rest < 0.01 ? '< 1 %' : percent(rest))}</b></li>`}</ul>`;
}
