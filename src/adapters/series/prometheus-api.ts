import * as z from 'zod';
import { messageOf } from '../../core/errors.ts';
import { jsonOrNothing } from '../../core/json.ts';
import { SeriesUnreadableError } from '../errors.ts';

/** Bytes of an answer that are read at most: one value of 20,000 nodes with all that names each is a third of it. */
const MOST_BYTES = 16 * 1024 * 1024;
/** For how long an answer is waited for, in ms; Prometheus itself ends a query after two minutes. */
const ANSWER_MS = 30_000;
/** Pauses before a query that failed for now is asked again, in seconds. */
const PAUSES = [1, 4];
/** Characters of what the other side says of an error that go into ours. */
const SAID_MOST = 200;

/** The form of an answer (Prometheus, "HTTP API", instant queries). A sample that is a histogram has no value. */
const Answer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.object({
      resultType: z.literal('vector'),
      result: z
        .array(
          z.object({
            metric: z.record(z.string(), z.string().max(2_048)),
            value: z.tuple([z.number(), z.string().max(64)]).optional(),
          }),
        )
        .max(100_000),
    }),
    warnings: z.array(z.string()).optional(),
  }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
]);

/** One sample of an instant query. */
export interface PrometheusSample {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since 1970 for which the query was evaluated. */
  readonly at: number;
  /** NaN where it is not a number. */
  readonly value: number;
}

/** What shows a Prometheus who asks. */
export interface PrometheusAuth {
  /** Headers of a request that go beside those that it has. */
  headersFor(
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<Record<string, string>>;
  /** Told when they were refused. @returns whether to ask again with others */
  refused(): Promise<boolean>;
}

/** How a Prometheus is asked. */
export interface PrometheusSettings {
  /** Up to what comes before `/api/v1/query`. */
  readonly url: string;
  readonly auth: PrometheusAuth;
  /** Whose series are meant (header `X-Scope-OrgID`), where one Prometheus has those of several. */
  readonly tenant?: string;
  /** Waits some seconds. */
  readonly pause: (seconds: number) => Promise<void>;
  /** Told of warnings that came with an answer: it may not be whole. */
  readonly warn: (text: string) => void;
}

/** The HTTP API of a Prometheus, or of what speaks it as well: Amazon Managed Service for Prometheus, Thanos, Mimir, VictoriaMetrics. */
export class PrometheusApi {
  readonly #url: URL;
  readonly #settings: PrometheusSettings;

  constructor(settings: PrometheusSettings) {
    this.#url = new URL(`${settings.url.replace(/\/+$/, '')}/api/v1/query`);
    this.#settings = settings;
  }

  /**
   * Evaluates a query at one moment.
   *
   * @param at seconds since 1970; the server's own time without it
   * @throws SeriesUnreadableError with one sentence when there is no whole answer
   */
  async query(query: string, at?: number): Promise<readonly PrometheusSample[]> {
    const body = new URLSearchParams({ query, ...(at === undefined ? {} : { time: String(at) }) }).toString();
    for (let tries = 0; ; tries++) {
      const { status, text, cause } = await this.#ask(body).catch((error: unknown) => ({
        status: 0,
        text: reasonOf(error),
        cause: error,
      }));
      if (status === 200) return this.#read(text);
      if (status === 401 && tries === 0 && (await this.#settings.auth.refused())) continue;
      const seconds = isForNow(status) ? PAUSES[tries] : undefined;
      if (seconds === undefined)
        throw status === 0
          ? this.#fault(printable(text), { cause })
          : this.#fault(`${status} ${saidIn(text)}`.trim(), { status });
      await this.#settings.pause(seconds);
    }
  }

  async #ask(
    body: string,
  ): Promise<{ readonly status: number; readonly text: string; readonly cause?: unknown }> {
    const { auth, tenant } = this.#settings;
    const plain = {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...(tenant === undefined ? {} : { 'x-scope-orgid': tenant }),
    };
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { ...plain, ...(await auth.headersFor(this.#url, plain, body)) },
      body,
      // What follows a redirect carries a token to wherever it leads.
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > MOST_BYTES) throw new Error(`the answer has more than ${MOST_BYTES} bytes`);
      chunks.push(chunk);
    }
    return { status: response.status, text: Buffer.concat(chunks).toString('utf8') };
  }

  #read(text: string): readonly PrometheusSample[] {
    const parsed = Answer.safeParse(jsonOrNothing(text));
    if (!parsed.success) throw this.#fault('what came is not the answer to a query');
    if (parsed.data.status === 'error') throw this.#fault(printable(parsed.data.error));
    const { data, warnings = [] } = parsed.data;
    if (warnings.length > 0) this.#settings.warn(printable(warnings.join('; ')));
    return data.result.flatMap(({ metric, value }) =>
      value === undefined ? [] : [{ labels: metric, at: value[0], value: numberOf(value[1]) }],
    );
  }

  #fault(why: string, of?: { readonly status?: number; readonly cause?: unknown }): SeriesUnreadableError {
    return new SeriesUnreadableError(
      `The Prometheus at ${this.#url.host} could not be asked (${why}); look at sweep.source in the configuration.`,
      of,
    );
  }
}

/** Connections that failed, and what a server says that is asked too much or away. */
const isForNow = (status: number): boolean => status === 0 || status === 429 || status >= 500;

/** Why there was no answer: fetch says it of the error behind its own. */
const reasonOf = (error: unknown): string =>
  messageOf(error instanceof Error && error.cause instanceof Error ? error.cause : error);

/** What an answer that is no success says. */
function saidIn(text: string): string {
  const parsed = Answer.safeParse(jsonOrNothing(text));
  return parsed.success && parsed.data.status === 'error' ? printable(parsed.data.error) : '';
}

const printable = (text: string): string => text.slice(0, SAID_MOST).replaceAll(/[^ -~]/g, '?');

/** A number as Prometheus writes it; `NaN`, `+Inf` and what is none are NaN. */
const numberOf = (text: string): number =>
  /^[+-]?\d{1,32}(\.\d{1,32})?(e[+-]?\d{1,3})?$/i.test(text) ? Number(text) : Number.NaN;
