import { auditOf } from '../src/core/audit/audit.ts';
import { auditMarkdown } from '../src/core/audit/audit-markdown.ts';
import { findHistory, type RecordsOptions } from './deployment/find-history.ts';
import { print, printJson } from './output.ts';

interface AuditOptions extends RecordsOptions {
  readonly json?: true;
}

/** `medic audit`: everything that was read, decided and changed for one incident, as Markdown or as `medic.audit/1` JSON. */
export async function runAudit(incident: string, options: AuditOptions): Promise<void> {
  const { history } = await findHistory(incident, options);
  const audit = auditOf(history);
  if (options.json === true) printJson(audit);
  else print(auditMarkdown(audit));
}
