import { asJson, isRecord } from '../../json-text.ts';
import type { PasteLine } from '../../paste-line.ts';
import { hostOfLine } from '../labels.ts';
import { canBeHost, HostNames, plainName } from '../names.ts';
import { hostOfStream } from '../streams.ts';
import { withDocuments } from './documents.ts';
import { linesOfStrings } from './strings.ts';

/** Records of one document, and levels that are looked at, at most. */
const MOST_RECORDS = 20_000;
const MOST_DEPTH = 8;

/** Where services and agents put what was logged. */
const MESSAGE = /^(?:@?message|MESSAGE|msg|log|line|textPayload|body|SyslogMessage|RenderedDescription)$/;

/** Where they put who logged it, the surest first, by the end of the path in the record. */
const HOST_KEYS: readonly RegExp[] = [
  /(?:^|\.)(?:nodeName|node_name|k8s\.node\.name|kubernetes\.node(?:\.name)?|kubernetes\.host)$/,
  /(?:^|\.)(?:node|host|host\.name|hostname|host_name|_HOSTNAME|HostName|Computer|computer)$/,
  /(?:^|\.)(?:instance|instance_id|instanceId|InstanceId|ec2_instance_id)$/,
  /^(?:logStreamName|@logStream|logStream)$/,
  /(?:^|\.)(?:podName|pod_name|pod|k8s\.pod\.name|kubernetes\.pod\.name)$/,
];

/** Keys of what was measured: a document that holds such is more than a log. */
const MEASURED =
  /"(?:[\w.]{0,40}nf_conntrack_(?:count|max|entries)\w{0,10}|metric|Datapoints|pointlist|dimensions|involvedObject|regarding)"\s{0,4}:/;

interface LogRecord {
  readonly message: string;
  readonly host: string | undefined;
}

/**
 * Makes records of a log in JSON into the lines that were logged, each of the machine or the stream that the record names:
 * what CloudWatch Logs and its queries, Loki, Elasticsearch, Google Cloud, stern and the journal answer.
 */
export function loggedLines(lines: readonly PasteLine[]): readonly PasteLine[] {
  return withDocuments(lines, (value, own) => {
    const records: LogRecord[] = [];
    collect(value, 0, records);
    const named = byHost(records);
    if (named === undefined || own.some(({ text }) => MEASURED.test(text))) return undefined;
    const places = linesOfStrings(own);
    return named.flatMap(({ message, host }) => {
      const line = places(message) ?? own[0];
      return line === undefined ? [] : message.split(/\r?\n/).map((text) => ({ ...line, text, host }));
    });
  });
}

/** Records with the host that tells them apart: by their keys or, where these name one at most, by what was logged. */
function byHost(records: readonly LogRecord[]): readonly LogRecord[] | undefined {
  if (records.length === 0) return undefined;
  if (count(records) > 1) return records;
  const read = records.map(({ message, host }) => ({ message, host: hostOfLine(message) ?? host }));
  if (count(read) > 1) return read;
  return count(records) === 1 ? records : undefined;
}

function count(records: readonly LogRecord[]): number {
  const names = new HostNames();
  for (const { host } of records) if (host !== undefined) names.of(host);
  return names.count;
}

function collect(value: unknown, depth: number, records: LogRecord[]): void {
  if (depth > MOST_DEPTH || records.length >= MOST_RECORDS) return;
  if (Array.isArray(value)) {
    const row = fieldsOf(value);
    if (row === undefined) for (const item of value) collect(item, depth + 1, records);
    else collect(row, depth + 1, records);
    return;
  }
  if (!isRecord(value)) return;
  const streamed = streamOf(value);
  if (streamed !== undefined) {
    records.push(...streamed);
    return;
  }
  const found = recordOf(value);
  if (found !== undefined) records.push(found);
  else for (const item of Object.values(value)) collect(item, depth + 1, records);
}

/** A row of CloudWatch Logs Insights: a list of fields with their values. */
function fieldsOf(items: readonly unknown[]): Record<string, unknown> | undefined {
  const pairs = items.flatMap((item) =>
    isRecord(item) && typeof item['field'] === 'string' ? [[item['field'], item['value']] as const] : [],
  );
  return pairs.length === 0 || pairs.length < items.length ? undefined : Object.fromEntries(pairs);
}

/** A stream of Loki with its lines. */
function streamOf({ stream, values }: Record<string, unknown>): readonly LogRecord[] | undefined {
  if (!isRecord(stream) || !Array.isArray(values)) return undefined;
  const host = hostOf(stream);
  return values.flatMap((value: unknown) => {
    const line: unknown = Array.isArray(value) ? value[1] : undefined;
    return typeof line === 'string' ? [{ message: line, host }] : [];
  });
}

/** A record that holds what was logged, itself or in a part of it that says no more than that. */
function recordOf(value: Record<string, unknown>): LogRecord | undefined {
  const message = messageIn(value) ?? messageIn(value['jsonPayload']) ?? messageIn(value['_source']);
  if (message === undefined) return undefined;
  const inner = /^\s*\{/.test(message) ? asJson(message) : undefined;
  const logged = isRecord(inner) ? recordOf(inner) : undefined;
  return { message: logged?.message ?? message, host: logged?.host ?? hostOf(value) };
}

function messageIn(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined;
  for (const [key, item] of Object.entries(value))
    if (MESSAGE.test(key) && typeof item === 'string') return item;
  return undefined;
}

/** The host that a record names under the surest of its keys. */
function hostOf(record: Record<string, unknown>): string | undefined {
  const named = new Map<string, string>();
  const walk = (value: Record<string, unknown>, path: string, depth: number): void => {
    for (const [key, item] of Object.entries(value)) {
      if (typeof item === 'string') named.set(`${path}${key}`, item);
      else if (isRecord(item) && depth < 4) walk(item, `${path}${key}.`, depth + 1);
    }
  };
  walk(record, '', 0);
  for (const pattern of HOST_KEYS)
    for (const [path, value] of named) {
      if (!pattern.test(path)) continue;
      const host = /stream/i.test(path) ? hostOfStream(value) : plainName(value);
      if (host !== '' && (canBeHost(host) || /stream/i.test(path)) && host !== 'localhost') return host;
    }
  return undefined;
}
