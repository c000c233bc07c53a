import { keepUnits } from '../core/words.ts';
import { type Html, html } from './html.ts';

/**
 * A table of text; the first cell of a row is its heading. `numeric` columns are aligned to the right. Ends of rows and cells
 * are left out, as HTML allows: with many nodes they are a good part of a page.
 */
export function table(
  caption: string,
  head: readonly (string | Html)[],
  rows: readonly (readonly (string | Html)[])[],
  numeric: readonly number[] = [],
): Html {
  const right = (index: number) => (numeric.includes(index) ? html` class=n` : undefined);
  const cell = (content: string | Html, index: number) => {
    const text = typeof content === 'string' ? keepUnits(content) : content;
    return index === 0 ? html`<th>${text}` : html`<td${right(index)}>${text}`;
  };
  return html`<div class="scroll" role="group" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption><thead><tr>${head.map(
    (name, index) => html`<th scope="col"${right(index)}>${name}</th>`,
  )}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map(cell)}`)}</tbody></table></div>`;
}

/** A drawing in two widths, of which the page shows the one that fits, with its numbers as a table below. */
export function figure(
  title: string,
  drawing: (size: { width: number; height: number }) => Html,
  numbers: Html,
  legend?: Html,
): Html {
  return html`<figure><figcaption>${title}</figcaption><div class="wide">${drawing({ width: 1000, height: 250 })}</div><div class="narrow">${drawing({ width: 340, height: 230 })}</div>${legend}<details class="numbers"><summary>The numbers</summary>${numbers}</details></figure>`;
}

/** A chapter of the page. */
export function chapter(
  id: string,
  title: string,
  lead: string,
  ...content: readonly (Html | undefined)[]
): Html {
  return html`<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${title}</h2>${lead === '' ? undefined : html`<p class="what">${lead}</p>`}${content.flatMap((one) => one ?? [])}</section>`;
}

/** Text in which code stands between backticks. */
export const withCode = (text: string): readonly Html[] =>
  text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));

/** Many names in few words: the first ones, and the others behind a click. */
export function nameList(names: readonly string[], most = 6): Html {
  const [shown, others] = [names.slice(0, most), names.slice(most)];
  const list = (some: readonly string[]) => html`<code>${some.join(' ')}</code>`;
  return others.length === 0
    ? list(shown)
    : html`${list(shown)}<details class="more"><summary>and ${others.length} more</summary>${list(others)}</details>`;
}
