import type { Runbook } from '../../core/notifier.ts';
import { type Html, html } from '../html.ts';
import { table } from '../pieces.ts';

/** The runbooks of an incident, whole: the leading one open, the others behind a click, and beyond those their names. */
export function runbooks(all: readonly Runbook[], others: readonly string[]): readonly Html[] {
  const shown = all.map(({ title, markdown }, index) => {
    const body = html`${blocksOf(markdown.replace(/^# .*\n/, ''), title)}`;
    return index === 0
      ? html`<div class="runbook"><h3>${title}</h3>${body}</div>`
      : html`<details class="runbook"><summary>${title}</summary>${body}</details>`;
  });
  if (others.length === 0) return shown;
  return [...shown, html`<p>Not on this page: ${others.join('; ')}.</p>`];
}

const LIST_ITEM = /^(?:(\d+)\.|-) (.*)$/;

/** What our runbooks use of Markdown; anything else stays as it is written. All of it is escaped. */
function blocksOf(markdown: string, title: string): readonly Html[] {
  const blocks: Html[] = [];
  const lines = markdown.split('\n');
  let heading = title;
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    const same = (isSame: (one: string) => boolean): readonly string[] => {
      const from = at;
      while (at < lines.length && isSame(lines[at] ?? '')) at++;
      return lines.slice(from, at);
    };
    if (line.startsWith('```')) {
      at++;
      const code = same((one) => !one.startsWith('```'));
      at++;
      blocks.push(html`<pre tabindex="0"><code>${code.join('\n')}</code></pre>`);
    } else if (line.startsWith('|')) {
      const [head = [], , ...rows] = same((one) => one.startsWith('|')).map(cellsOf);
      blocks.push(
        table(
          heading,
          head.map(plain),
          rows.map((row) => row.map((cell) => html`${inline(cell)}`)),
        ),
      );
    } else if (LIST_ITEM.test(line)) {
      const isNumbered = /^\d/.test(line);
      const items = same((one) => LIST_ITEM.test(one) && /^\d/.test(one) === isNumbered);
      const texts = items.map((one) => html`<li>${inline(LIST_ITEM.exec(one)?.[2] ?? '')}</li>`);
      const first = LIST_ITEM.exec(line)?.[1];
      blocks.push(first === undefined ? html`<ul>${texts}</ul>` : html`<ol start="${first}">${texts}</ol>`);
    } else if (line.startsWith('#')) {
      heading = plain(line.replace(/^#+ /, ''));
      blocks.push(line.startsWith('### ') ? html`<h5>${heading}</h5>` : html`<h4>${heading}</h4>`);
      at++;
    } else if (line.trim() === '') at++;
    else {
      const text = same((one) => one.trim() !== '' && !/^(?:```|\||#)/.test(one) && !LIST_ITEM.test(one));
      blocks.push(html`<p>${inline(text.join(' '))}</p>`);
      // A line that is nothing of the above is taken whatever it is.
      if (text.length === 0) at++;
    }
  }
  return blocks;
}

const cellsOf = (line: string): readonly string[] =>
  line
    .replace(/^\|\s*/, '')
    .replace(/\s*(?<!\\)\|\s*$/, '')
    .split(/\s*(?<!\\)\|\s*/);

/** Text without the backslashes that kept it from being Markdown. */
const plain = (text: string): string => text.replaceAll(/\\([!-/:-@[-`{-~])/g, '$1');

/** A line with its code and its emphasis. */
function inline(text: string): readonly Html[] {
  return Array.from(
    text.matchAll(/`([^`]+)`|\*\*((?:\\.|[^*\\])+)\*\*|((?:\\.|[^`*\\])+|[`*\\])/g),
    (match) => {
      const [, code, bold, rest = ''] = match;
      if (code !== undefined) return html`<code>${code}</code>`;
      return bold === undefined ? html`${plain(rest)}` : html`<b>${plain(bold)}</b>`;
    },
  );
}
