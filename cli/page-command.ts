import { catalogue } from '../runbooks/index.ts';
import { readClientLatency } from '../src/adapters/client-latency.ts';
import { runbookTexts } from '../src/adapters/runbook-texts.ts';
import { renderPage } from '../src/page/page.ts';
import { findHistory, type RecordsOptions } from './deployment/find-history.ts';
import { writePage } from './page-file.ts';

interface PageOptions extends RecordsOptions {
  readonly output?: string;
  readonly open?: true;
}

/** `medic page`: writes the page of an incident into a file, and opens it in the browser if that is wanted. */
export async function runPage(incident: string, options: PageOptions): Promise<void> {
  const { history, demo } = await findHistory(incident, options);
  const latency = demo === undefined ? undefined : await readClientLatency(demo.evidence);
  const page = renderPage({ history, catalogue, texts: runbookTexts, latency });
  await writePage(page, { ...options, file: options.output ?? `${incident}.html`, of: incident });
}
