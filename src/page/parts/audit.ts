import type { AuditPart, AuditTitle } from '../../core/audit/sections.ts';
import type { PageModel } from '../../core/page/model.ts';
import { type Html, html } from '../html.ts';
import { table } from '../pieces.ts';

/** What stands elsewhere on the page in a form of its own. */
const TOLD: ReadonlySet<AuditTitle> = new Set(['What the rules found', 'What was planned']);

/** What was read, decided and sent, word for word, with the hashes that prove it. */
export function audit({ sections, digest }: PageModel['audit'], incident: string): Html {
  return html`<p class="what">SHA-256 of the whole audit as JSON, which <code>medic audit ${incident} --json</code> prints:</p><p class="hash"><code>${digest}</code></p>${sections
    .filter(({ title }) => !TOLD.has(title))
    .map(
      ({ title, parts }) =>
        html`<details class="numbers"><summary>${title}</summary>${parts.map((part) => drawn(part, title))}</details>`,
    )}`;
}

function drawn(part: AuditPart, title: string): Html {
  switch (part.kind) {
    case 'heading':
      return html`<h3>${part.text}</h3>`;
    case 'item':
    case 'sentence':
      return html`<p>${part.text}</p>`;
    case 'table':
      return table(`Audit: ${title}`, part.head, part.rows);
  }
}
