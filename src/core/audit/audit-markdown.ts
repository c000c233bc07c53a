import { escapeMarkdown, tableOf } from '../markdown.ts';
import type { Audit } from './audit.ts';
import { type AuditPart, auditSections } from './sections.ts';

/** An audit as a CommonMark document with GFM tables, for a ticket or a review. All foreign text in it is escaped. */
export function auditMarkdown(audit: Audit): string {
  const { incident, state, revision, digest } = audit;
  const chapters = auditSections(audit).map(({ title, parts }) =>
    [`## ${title}`, ...parts.map(partMarkdown)].join('\n\n'),
  );
  const what = `State ${state}, revision ${revision} of the record. SHA-256 of everything below as JSON: \`${digest}\``;
  return `${[`# Audit of ${incident}`, what, ...chapters].join('\n\n')}\n`;
}

function partMarkdown(part: AuditPart): string {
  switch (part.kind) {
    case 'heading':
      return `### ${escapeMarkdown(part.text)}`;
    case 'sentence':
      return escapeMarkdown(part.text);
    case 'item':
      return `- ${escapeMarkdown(part.text)}`;
    case 'table':
      return tableOf(part.head, part.rows);
  }
}
