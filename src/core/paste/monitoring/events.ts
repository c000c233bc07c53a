import { AGE_MARK } from '../../parse/kernel-log.ts';
import type { Found, Recogniser } from '../found.ts';
import { isRecord } from '../json-text.ts';
import type { PasteLine } from '../paste-line.ts';
import { problemDetectorMessage } from '../pieces/log.ts';
import { observed } from '../symptoms/observed.ts';
import { documentFrom } from './json.ts';

/** The EKS node monitoring agent's reason for the kernel's own line (pkg/reasons/reasons.yaml): it gives no number with it. */
const REASON_TABLE_FULL = 'ConntrackExceededKernel';
const TABLE_FULL = 'kernel: nf_conntrack: nf_conntrack: table full, dropping packet';

/** Its reason for EC2's own limit, which is another one. */
const REASON_ALLOWANCE = 'ConntrackExceeded';

const NAME = 'Kubernetes events';

/** A row of `kubectl get events` or of `kubectl describe node` whose reason alone tells what happened. */
export const kubernetesEvent: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? '';
  const [, reason] = /\b(?:Warning|Normal)\s{1,40}(ConntrackExceeded(?:Kernel)?)\s/.exec(text) ?? [];
  return reason === undefined ? undefined : ofReason(reason, 1);
};

function ofReason(reason: string, lines: number): Found | undefined {
  if (reason === REASON_TABLE_FULL)
    return { source: 'kernel-log', name: NAME, lines, text: TABLE_FULL, keys: [], isExcerpt: true };
  if (reason !== REASON_ALLOWANCE) return undefined;
  return observed(
    NAME,
    lines,
    'loss',
    'The EKS node monitoring agent reports that EC2’s own limit of tracked connections was exceeded (ConntrackExceeded), which is not the kernel’s table.',
  );
}

const SPAN = String.raw`(\d{1,5}[smhd](?:\d{1,2}[smh])?)`;

/** `Warning  ConntrackFull  3m (x12 over 40m)  kernel-monitor  nf_conntrack: table full`, as `kubectl describe` and `get events` print it. */
const ROW = new RegExp(
  String.raw`^\s*(?:[a-z][\w.-]{0,62}\s+)?(?:${SPAN}(?: \(x(\d{1,6}) over ${SPAN}\))?\s+)?(?:Warning|Normal)\s+\S{1,60}\s+(?:${SPAN}(?: \(x(\d{1,6}) over ${SPAN}\))?\s+)?.{0,200}?((?:nf|ip)_conntrack: table full.*)$`,
);

/** The kernel's line in a row of events, which tells how long ago the last one was, and how often it came. */
export const kubernetesEventRow: Recogniser = (lines, at) => {
  const [all, before, timesBefore, , after, timesAfter, , message = ''] =
    ROW.exec(lines[at]?.text ?? '') ?? [];
  if (all === undefined || !/\b(?:Warning|Normal)\b/.test(all)) return undefined;
  const [age, times = '1'] = [before ?? after, timesBefore ?? timesAfter];
  const line = `${age === undefined ? '' : `${AGE_MARK}${secondsIn(age)}s: `}${message}`;
  const repeated = Array.from({ length: Math.min(Number(times), MOST_TIMES) }, () => line);
  return { source: 'kernel-log', name: NAME, lines: 1, text: repeated.join('\n'), keys: [], isExcerpt: true };
};

/** Times that an event is told to have come, at most. Our choice: beyond, nothing changes. */
const MOST_TIMES = 100;

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Seconds in a duration of Kubernetes: `90s`, `3m`, `4h12m`. */
function secondsIn(span: string): number {
  return Array.from(
    span.matchAll(/(\d{1,5})([smhd])/g),
    ([, count, unit = '']) => Number(count) * (UNITS[unit] ?? 0),
  ).reduce((sum, one) => sum + one, 0);
}

/** Events in JSON, as `kubectl get events -o json` and the API server print them. */
export const kubernetesEvents: Recogniser = (lines, at) => {
  const first = lines[at]?.text ?? '';
  if (!/^\s*\{/.test(first)) return undefined;
  const { document, length } = documentFrom(lines, at);
  if (document === undefined) return undefined;
  const found = eventsIn(document).flatMap((event) => foundIn(event, length) ?? []);
  const [last, ...also] = found.toReversed();
  return last === undefined ? undefined : { ...last, also };
};

interface NodeEvent {
  readonly reason: string;
  readonly message: string;
  /** How often it came, at least once. */
  readonly times: number;
  /** When it came last, as RFC 3339; empty where that is not told. */
  readonly at: string;
}

function eventsIn(document: unknown): readonly NodeEvent[] {
  const items: readonly unknown[] =
    isRecord(document) && Array.isArray(document['items']) ? document['items'] : [document];
  return items.flatMap((item): NodeEvent[] => {
    if (!isRecord(item)) return [];
    const about = item['involvedObject'] ?? item['regarding'];
    if (!isRecord(about) || about['kind'] !== 'Node') return [];
    const [reason, message] = [item['reason'], item['message'] ?? item['note']];
    return [
      {
        reason: typeof reason === 'string' ? reason : '',
        message: typeof message === 'string' ? message : '',
        times: timesOf(item['count'] ?? item['deprecatedCount']),
        at: momentOf(item['lastTimestamp'] ?? item['deprecatedLastTimestamp'] ?? item['eventTime']),
      },
    ];
  });
}

function timesOf(count: unknown): number {
  return typeof count === 'number' && count >= 1 ? Math.min(Math.round(count), MOST_TIMES) : 1;
}

function momentOf(time: unknown): string {
  return typeof time === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(time) ? time : '';
}

function foundIn({ reason, message, times, at }: NodeEvent, lines: number): Found | undefined {
  const line: PasteLine = {
    number: 1,
    text: message,
    command: undefined,
    host: undefined,
    timeOfDay: undefined,
    stamp: undefined,
  };
  const counted = problemDetectorMessage([line], 0, {
    command: '',
    isFilter: true,
    isPod: false,
    wait: undefined,
  });
  if (counted !== undefined) return { ...counted, name: NAME, lines };
  const isLine = /(?:nf|ip)_conntrack: table full/.test(message);
  const found = ofReason(isLine ? REASON_TABLE_FULL : reason, lines);
  if (found?.source !== 'kernel-log') return found;
  const dated = `${at === '' ? '' : `${at} `}${found.text}`;
  return { ...found, text: Array.from({ length: times }, () => dated).join('\n') };
}
