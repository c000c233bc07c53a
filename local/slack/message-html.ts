import { show } from '../../src/core/words.ts';
import { type Html, html } from '../../src/page/html.ts';
import { renderAttachment, renderBlocks, renderText } from './block-kit.ts';
import type { View } from './block-schema.ts';
import { APP, type Person } from './people.ts';
import { mrkdwn } from './text/mrkdwn.ts';
import type { Message, SharedFile } from './workspace.ts';

/** A message with its thread as one person sees it. */
export function renderMessage(message: Message, replies: readonly Message[]): Html {
  return html`<article class="message ${message.onlyFor && 'ephemeral'}" id="m${message.ts}" aria-label="Message from ${message.by?.name ?? APP.name}">
    ${message.by === undefined ? avatar() : face(message.by)}
    <div class="content">
      ${message.onlyFor && html`<p class="only-you">Only visible to you</p>`}
      <p class="by"><b>${message.by?.name ?? APP.name}</b> ${message.by === undefined ? html`<span class="badge">App</span> ` : undefined}${timeOf(message)}${message.isEdited ? html` <span class="edited">(edited)</span>` : undefined}</p>
      ${renderBody(message)}
      ${(message.files ?? []).map(renderFile)}
      ${message.by && html`<p class="shortcuts"><button type="button" class="button" data-shortcut>Diagnose this</button></p>`}
      ${replies.length > 0 ? renderThread(replies) : undefined}
    </div>
  </article>`;
}

/** A modal; the close button is its form's. */
export function renderView(viewId: string, view: View): Html {
  return html`<dialog class="modal" id="${viewId}" aria-labelledby="${viewId}-title">
    <form method="dialog">
      <header><h2 id="${viewId}-title">${renderText(view.title)}</h2><button class="close" aria-label="Close">×</button></header>
      <div class="body" tabindex="0">${renderBlocks(view.blocks)}</div>
      <footer><button class="button">${view.close ? renderText(view.close) : 'Close'}</button></footer>
    </form>
  </dialog>`;
}

function renderBody({ text, blocks, attachments }: Message): Html {
  // Slack shows the text itself unless the message has blocks at its top level.
  const said = blocks.length === 0 && text !== '' ? html`<p class="text">${mrkdwn(text)}</p>` : undefined;
  const drawn = blocks.length === 0 ? undefined : html`<div class="blocks">${renderBlocks(blocks)}</div>`;
  return html`${said}${drawn}${attachments.map(renderAttachment)}`;
}

/** How much of a file opens in the page, in characters; Slack shows the beginning of a text file, too. */
const PREVIEW_CHARS = 4000;

/** The first bytes of a PNG image (W3C, PNG, "PNG signature"). */
const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

function renderFile({ name, bytes, title, alternative }: SharedFile): Html {
  if (bytes.subarray(0, PNG.length).equals(PNG))
    return html`<figure class="picture"><figcaption>${title ?? name}</figcaption><img src="data:image/png;base64,${bytes.toString('base64')}" alt="${alternative ?? ''}"></figure>`;
  const text = bytes.subarray(0, 4 * PREVIEW_CHARS).toString('utf8');
  const shown = text.length > PREVIEW_CHARS ? `${text.slice(0, PREVIEW_CHARS)}…` : text;
  const isText = !text.includes('\0');
  return html`<details class="file"><summary>${name} <small>${show(bytes.length)} bytes</small></summary><pre tabindex="0" aria-label="${name}">${isText ? shown : 'Not a text file.'}</pre></details>`;
}

function renderThread(replies: readonly Message[]): Html {
  const count = replies.length === 1 ? '1 reply' : `${replies.length} replies`;
  return html`<details class="thread">
    <summary>${count}<span class="hint"> in the thread</span></summary>
    <div class="replies">${replies.map((reply) => renderMessage(reply, []))}</div>
  </details>`;
}

function timeOf({ ts }: Message): Html {
  const at = new Date(Number(ts) * 1000);
  const shown = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return html`<time datetime="${at.toISOString()}">${shown}</time>`;
}

function face({ username, name }: Person): Html {
  return html`<span class="face avatar ${username}" aria-hidden="true">${name.slice(0, 1)}</span>`;
}

/** The product's mark: a pulse through a table of three rows. */
function avatar(): Html {
  return html`<svg class="avatar" viewBox="0 0 36 36" aria-hidden="true">
    <rect class="tile" width="36" height="36" rx="8"/>
    <path class="rows" d="M8 11h20M8 25h20"/>
    <path class="pulse" d="M7 18h6l2.5-5 4 10 2.500-5H29"/>
  </svg>`;
}
