import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openDesk, PAGES, typedLines } from '../../support/typed-lines.ts';
import { eksLogCollector, under } from '../support/bundles.ts';
import { pcapsOf, RECORDED_TRACE } from '../support/recorded-trace.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;

const desk = openDesk();
afterAll(() => desk.leave());

/**
 * What the pages have somebody type that needs neither a node nor AWS. The transcripts of the other blocks are made by the
 * commands that they show, what reads a node is typed in test/nodes/typed-lines.test.ts, and the page on a new failure mode
 * is followed in test/e2e/adding-a-runbook.test.ts.
 */
const lines = new Set(
  PAGES.filter((page) => page !== 'docs/adding-a-runbook.md')
    .flatMap((page) => typedLines(page, ['sh']))
    .filter((line) => /^npx medic (diagnose|plan|runbook|slack-manifest|--version)\b/.test(line)),
);

/** The archive that the pages name, of a node whose table is full. */
async function packArchive(name: string): Promise<void> {
  for (const [path, content] of Object.entries(under('eks', eksLogCollector()))) {
    mkdirSync(dirname(join(desk.folder, path)), { recursive: true });
    writeFileSync(join(desk.folder, path), content);
  }
  await desk.type(`tar -czf ${name} eks`);
}

/** What the answer to a line has in it. */
function told(line: string): RegExp {
  if (line.includes('.pcap')) return /the first SYN was seen on/;
  if (line.includes('slack-manifest')) return /request_url/;
  if (line.includes('.tar.gz')) return /\S/;
  return /32,768|"table-full"/;
}

describe('what the pages have somebody type, typed', () => {
  copyFileSync(
    join(FIXTURES, 'captures/table-full/held-open-32768/capture.txt'),
    join(desk.folder, 'capture.txt'),
  );
  const pcaps = pcapsOf(RECORDED_TRACE);
  for (const [point, name] of ['eth0', 'veth', 'pod'].entries())
    writeFileSync(join(desk.folder, `${name}.pcap`), pcaps.get(point) ?? '');

  it('is found', () => expect(lines.size).toBeGreaterThan(6));

  it.concurrent.each([...lines])('%s', async (line) => {
    const [archive] = /\S+\.tar\.gz/.exec(line) ?? [];
    if (archive !== undefined) await packArchive(archive);
    const { status, out, error } = await desk.type(line.replace('SLACK_URL', 'https://slack.example.com/'));
    expect(error).toBe('');
    expect(status).toBe(0);
    expect(out).toMatch(told(line));
  });
});
