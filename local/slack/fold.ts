import { type Html, html } from '../../src/page/html.ts';

/**
 * From which length on Slack folds: a message attachment "if it contains 700+ characters or 5+ linebreaks" (Slack, message
 * attachments, `text`), with whatever else stands in it, buttons among it. A section without `expand` is folded by its height,
 * of which Slack gives no number (docs.slack.dev, section block); the same bound stands for it here.
 */
const FOLDED_CHARS = 700;
const FOLDED_LINE_BREAKS = 5;

/** Puts what Slack would fold behind "Show more", which the page's script opens; nothing is left out. */
export function folded(drawn: Html, text: string): Html {
  const isLong = text.length >= FOLDED_CHARS || text.split('\n').length > FOLDED_LINE_BREAKS;
  if (!isLong) return drawn;
  return html`<div class="fold"><div class="folded">${drawn}</div><button type="button" class="unfold" data-unfold aria-expanded="false">Show more</button></div>`;
}
