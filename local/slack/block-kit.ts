import { type Html, html } from '../../src/page/html.ts';
import {
  type Attachment,
  type Block,
  type Button,
  type Confirm,
  Interactive,
  KnownBlock,
  type Overflow,
  type StaticSelect,
  Text,
} from './block-schema.ts';
import { renderChart, renderTable } from './figures.ts';
import { folded } from './fold.ts';
import { markdown } from './text/markdown.ts';
import { mrkdwn, plainText } from './text/mrkdwn.ts';

/** Slack's names for attachment colours. */
const NAMED_COLOURS: Readonly<Record<string, string>> = {
  good: '#2eb67d',
  warning: '#ecb22e',
  danger: '#e01e5a',
};

/** Draws blocks. A type it does not know, or a block that is malformed, shows as a note that nobody can overlook. */
export function renderBlocks(blocks: readonly Block[]): Html {
  return html`${blocks.map((block) => renderBlock(block))}`;
}

/** Draws an attachment with its colour bar. */
export function renderAttachment({ color, text, blocks }: Attachment): Html {
  const named = NAMED_COLOURS[color ?? ''] ?? `#${(color ?? '').replace(/^#/, '')}`;
  const fill = /^#[0-9a-f]{6}$/i.test(named) ? named : '#8d8d8d';
  const body = blocks.length > 0 ? renderBlocks(blocks) : html`<p>${mrkdwn(text ?? '')}</p>`;
  // The page's policy forbids inline styles, hence a drawn bar.
  return html`<div class="attachment">
    <svg class="bar" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true"><rect width="1" height="1" fill="${fill}"/></svg>
    ${folded(html`<div class="blocks">${body}</div>`, [text ?? '', ...textsOf(blocks)].join('\n'))}
  </div>`;
}

function renderBlock(raw: Block): Html {
  const parsed = KnownBlock.safeParse(raw);
  if (!parsed.success) return unknown(`block ${raw.type}`);
  const block = parsed.data;
  switch (block.type) {
    case 'header':
      return html`<h2 class="header">${renderText(block.text)}</h2>`;
    case 'divider':
      return html`<hr>`;
    case 'markdown':
      return html`<div class="markdown">${markdown(block.text)}</div>`;
    case 'table':
      return renderTable(block);
    case 'data_visualization':
      return renderChart(block);
    case 'context':
      return html`<div class="context">${block.elements.map((element) => renderContext(element))}</div>`;
    case 'actions':
      return html`<div class="actions">${block.elements.map((element) => renderElement(element, block.block_id))}</div>`;
    case 'section':
      return html`<div class="section">
        <div class="grow">
          ${block.text && paragraph(block.text, block.expand)}
          ${block.fields && html`<div class="fields">${block.fields.map((field) => html`<p>${renderText(field)}</p>`)}</div>`}
        </div>
        ${block.accessory === undefined ? undefined : renderElement(block.accessory, block.block_id)}
      </div>`;
  }
}

/** A section's text folds unless the app says that all of it is to be seen. */
function paragraph(text: Text, isExpanded: boolean): Html {
  const drawn = html`<p>${renderText(text)}</p>`;
  return isExpanded ? drawn : folded(drawn, text.text);
}

/** Every text of blocks, as far as it counts for how long they are. */
function textsOf(blocks: readonly Block[]): string[] {
  const texts: string[] = [];
  JSON.stringify(blocks, (key, value: unknown) => {
    if (key === 'text' && typeof value === 'string') texts.push(value);
    return value;
  });
  return texts;
}

/** Draws a text object. */
export function renderText(text: Text): Html {
  return text.type === 'mrkdwn' ? mrkdwn(text.text) : plainText(text.text, text.emoji);
}

function renderContext(element: unknown): Html {
  const text = Text.safeParse(element);
  return text.success ? html`<span>${renderText(text.data)}</span>` : unknown('context element');
}

function renderElement(element: unknown, blockId: string): Html {
  const parsed = Interactive.safeParse(element);
  if (!parsed.success) return unknown('element');
  return parsed.data.type === 'button'
    ? renderButton(parsed.data, blockId)
    : renderMenu(parsed.data, blockId);
}

function renderButton(button: Button, blockId: string): Html {
  const label = renderText(button.text);
  if (button.url !== undefined && /^https?:\/\//.test(button.url)) {
    return html`<a class="button" href="${button.url}" target="_blank" rel="noopener noreferrer">${label}</a>`;
  }
  return html`<button type="button" class="button ${button.style}" data-block="${blockId}" data-action="${button.action_id}">${label}</button>
    ${button.confirm && renderConfirm(button.confirm)}`;
}

function renderMenu(menu: Overflow | StaticSelect, blockId: string): Html {
  const items = menu.options.map(
    (option, index) =>
      html`<li><button type="button" data-block="${blockId}" data-action="${menu.action_id}" data-option="${index}">${renderText(option.text)}</button>
        ${menu.confirm && renderConfirm(menu.confirm)}</li>`,
  );
  const summary =
    menu.type === 'overflow'
      ? html`<summary class="button" aria-label="More actions">⋯</summary>`
      : html`<summary class="button">${renderText(menu.placeholder)} ▾</summary>`;
  return html`<details class="overflow">${summary}<ul>${items}</ul></details>`;
}

/** Follows its button in the page; the script opens it instead of sending the click. */
function renderConfirm(confirm: Confirm): Html {
  const style = confirm.style ?? 'primary';
  return html`<dialog class="confirm" aria-label="${confirm.title.text}">
    <form method="dialog">
      <h2>${renderText(confirm.title)}</h2>
      <p>${renderText(confirm.text)}</p>
      <div class="answers">
        <button class="button" value="deny">${renderText(confirm.deny)}</button>
        <button class="button ${style}" value="confirm">${renderText(confirm.confirm)}</button>
      </div>
    </form>
  </dialog>`;
}

function unknown(what: string): Html {
  return html`<p class="unknown">This page cannot draw: ${what}</p>`;
}
