import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { type LocalServer, listenLocally, readBody } from '../../local/http-server.ts';

const Recorded = z.object({
  /** Seconds since 1970. */
  recordedAt: z.number(),
  answers: z.record(
    z.string(),
    z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  ),
});

/** One request as it came. */
export interface AskedQuery {
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly query: string;
}

/** A Prometheus that gives recorded answers to the queries that were recorded, as if it were now. */
export interface RecordedPrometheus extends LocalServer {
  readonly asked: AskedQuery[];
  /** Seconds since its newest scrape of everything; it scrapes all the time unless told. */
  age: number;
  /** Seconds by which its clock is ahead. */
  ahead: number;
  /** Puts another value in the place of what a metric was for one target; the target is told by a part of one of its labels. */
  set(metric: string, target: string, value: string): void;
  /** What it does in place of answering, given the number of the request; nothing where it answers. */
  misbehave: ((index: number) => { readonly status: number; readonly body: string } | undefined) | undefined;
}

/** @param path before `/api/v1/query` */
export async function startRecordedPrometheus(path = ''): Promise<RecordedPrometheus> {
  const file = new URL('../fixtures/prometheus/shop.json', import.meta.url);
  const { recordedAt, answers } = Recorded.parse(JSON.parse(readFileSync(file, 'utf8')));
  const asked: AskedQuery[] = [];
  const server = await listenLocally(async (request, response) => {
    const body = await readBody(request);
    const form = new URLSearchParams(body.toString('utf8'));
    const query = form.get('query') ?? '';
    asked.push({ request, body, query });
    const say = (status: number, text: string) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    const other = prometheus.misbehave?.(asked.length - 1);
    if (other !== undefined) return void say(other.status, other.body);
    const result = answers[query];
    if (request.url !== `${path}/api/v1/query` || result === undefined) {
      const error = { status: 'error', errorType: 'bad_data', error: `nothing was recorded of ${query}` };
      return void say(400, JSON.stringify(error));
    }
    const now = Number(form.get('time') ?? Date.now() / 1_000 + prometheus.ahead);
    const shift = now - recordedAt - prometheus.age;
    const moved = result.map(({ metric, value: [, value] }) => ({
      metric,
      value: [now, query.includes('timestamp(') ? String(Number(value) + shift) : value],
    }));
    say(200, JSON.stringify({ status: 'success', data: { resultType: 'vector', result: moved } }));
  });
  const prometheus: RecordedPrometheus = {
    ...server,
    asked,
    age: 0,
    ahead: 0,
    set: (metric, target, value) => {
      for (const [query, result] of Object.entries(answers))
        if (query.includes(`(${metric}{`) && !query.includes('timestamp('))
          for (const sample of result)
            if (Object.values(sample.metric).some((label) => label.includes(target))) sample.value[1] = value;
    },
    misbehave: undefined,
  };
  return prometheus;
}
