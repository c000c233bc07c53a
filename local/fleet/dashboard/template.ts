import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FILE = `${ROOT}dist/dashboard.json`;

/** A widget of a dashboard (CloudWatch API reference, "Dashboard body structure and syntax"), as far as it is drawn here. */
const Widget = z.object({
  type: z.string(),
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
  properties: z.looseObject({
    title: z.string().default(''),
    metrics: z.array(z.array(z.unknown())).default([]),
  }),
});
export type Widget = z.infer<typeof Widget>;

const Body = z.object({ widgets: z.array(Widget) });

let template: Promise<readonly Widget[]> | undefined;

/** The widgets of the dashboard as the stack deploys it. It is synthesized once, which takes seconds. */
export function dashboardTemplate(): Promise<readonly Widget[]> {
  template ??= synthesized();
  return template;
}

async function synthesized(): Promise<readonly Widget[]> {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), 'build/dashboard.ts'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`The stack's dashboard could not be synthesized: ${said.slice(-500)}`);
  return Body.parse(JSON.parse(await readFile(FILE, 'utf8'))).widgets;
}

/** Namespace, metric and statistic that a search of a widget names; nothing of one that searches nothing. */
export function searchOf({
  properties,
}: Widget): { readonly namespace: string; readonly metric: string } | undefined {
  for (const part of properties.metrics.flat()) {
    const { expression } = Object(part) as { expression?: unknown };
    if (typeof expression !== 'string') continue;
    const [, namespace, metric] = /^SEARCH\('\{([^,}]+)[^}]*\} MetricName="([^"]+)"'/.exec(expression) ?? [];
    if (namespace !== undefined && metric !== undefined) return { namespace, metric };
  }
  return undefined;
}
