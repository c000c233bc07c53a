import { readFile } from 'node:fs/promises';
import { renderMessage } from '../../local/slack/message-html.ts';
import type { Message } from '../../local/slack/workspace.ts';
import { catalogue } from '../../runbooks/index.ts';
import { cardOf } from '../../src/core/card/card.ts';
import { type Html, html } from '../../src/page/html.ts';
import { cardMessage } from '../../src/slack/card/blocks.ts';
import type { GalleryCase } from '../../test/unit/support/gallery-cases.ts';
import { NOW } from '../../test/unit/support/incidents.ts';

/** Where a card of the page stands: `table-full-awaiting-approval-3`. */
export const placeOf = ({ verdict, state, moment, nodes }: GalleryCase): string =>
  [verdict, state, ...(moment?.toLowerCase().split(' ') ?? []), nodes].join('-');

const STYLE = `
body { display: block; height: auto; max-width: 1180px; margin: 0 auto; padding: 16px; }
.cases { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 480px), 1fr)); gap: 16px; align-items: start; }
.case { border: 1px solid var(--line); border-radius: 8px; }
.case > h3 { padding: 8px 22px 0; color: var(--muted); font-size: 12.5px; font-weight: 600; }
nav { display: flex; flex-wrap: wrap; gap: 4px 14px; margin: 12px 0 24px; }
h2.verdict { margin: 28px 0 10px; }
`;

/** Every card on one page that needs nothing else: its style is in it, and it follows the reader's light or dark theme. */
export async function galleryPage(cases: readonly GalleryCase[]): Promise<string> {
  const styles = await Promise.all(
    ['page.css', 'blocks.css'].map((name) =>
      readFile(new URL(`../../local/slack/${name}`, import.meta.url), 'utf8'),
    ),
  );
  const verdicts = [...new Set(cases.map(({ verdict }) => verdict))];
  const sections = verdicts.map(
    (verdict) => html`<section id="${verdict}"><h2 class="verdict">${verdict}</h2><div class="cases">
      ${cases.filter((one) => one.verdict === verdict).map(drawn)}</div></section>`,
  );
  const links = verdicts.map((verdict) => html`<a href="#${verdict}">${verdict}</a>`);
  const body = html`<h1>Cards, by verdict, state and number of nodes</h1>
    <p>Drawn from recorded captures by the code that Slack gets them from. No button does anything here.</p>
    <nav aria-label="Verdicts">${links}</nav>${sections}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Cards of conntrack-medic</title>
<style>${styles.join('\n')}${STYLE}</style>
</head>
<body>
${body.text}
</body>
</html>
`;
}

function drawn(one: GalleryCase): Html {
  const { text, blocks } = cardMessage(cardOf(one.incident, catalogue, NOW));
  const message: Message = {
    ts: String(NOW / 1000),
    text,
    blocks: blocks.map((block, index) => ({ block_id: `b${index}`, ...block })),
    attachments: [],
    threadTs: undefined,
    onlyFor: undefined,
    isEdited: false,
  };
  const nodes = one.nodes === 1 ? '1 node' : `${one.nodes} nodes`;
  const state = one.moment === undefined ? one.state : `${one.state}, ${one.moment}`;
  return html`<div class="case" id="${placeOf(one)}"><h3>${state} · ${nodes}</h3>${renderMessage(message, [])}</div>`;
}
