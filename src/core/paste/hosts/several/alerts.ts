import { isRecord } from '../../json-text.ts';
import { overAlertLine } from '../../monitoring/over-alert.ts';
import type { PasteLine } from '../../paste-line.ts';
import { HOST_LABELS } from '../labels.ts';
import { canBeHost, plainName } from '../names.ts';
import { withDocuments } from './documents.ts';
import { linesOfStrings } from './strings.ts';

/** Levels and alerts of a document that are looked at, at most. */
const MOST_DEPTH = 6;
const MOST_ALERTS = 2_000;

/** Characters of what one alert says. */
const MOST_CHARS = 1_500;

/** Annotations in which the sentence of an alert stands, the most telling first. */
const SENTENCES = ['description', 'message', 'summary'];

interface Alert {
  readonly host: string | undefined;
  readonly sentences: readonly string[];
  readonly isOver: boolean;
}

/**
 * Makes alerts in JSON, as Alertmanager and Grafana send them and as their APIs and Prometheus's list them, into their
 * sentences, each of the machine that its labels name. What an alert said that is over is past.
 */
export function alertSentences(lines: readonly PasteLine[]): readonly PasteLine[] {
  return withDocuments(lines, (value, own) => {
    const alerts: Alert[] = [];
    collect(value, false, 0, alerts);
    if (alerts.length === 0) return undefined;
    const places = linesOfStrings(own);
    return alerts.flatMap(({ host, sentences, isOver }) => {
      const [first] = sentences;
      const line = first === undefined ? undefined : (places(first) ?? own[0]);
      const text = sentences.join(' ').replaceAll(/\s+/g, ' ').slice(0, MOST_CHARS);
      return line === undefined ? [] : [{ ...line, host, text: isOver ? overAlertLine(text) : text }];
    });
  });
}

function collect(value: unknown, isOver: boolean, depth: number, alerts: Alert[]): void {
  if (depth > MOST_DEPTH || alerts.length >= MOST_ALERTS) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, isOver, depth + 1, alerts);
    return;
  }
  if (!isRecord(value)) return;
  const { labels, annotations } = value;
  const over = isOverNow(value) ?? isOver;
  if (isRecord(labels) && isRecord(annotations)) {
    alerts.push({ host: hostOf(labels), sentences: sentencesOf(annotations), isOver: over });
    return;
  }
  for (const item of Object.values(value)) collect(item, over, depth + 1, alerts);
}

/** Whether an alert or a group says that it is over; `undefined` where it says nothing. */
function isOverNow({ status, state }: Record<string, unknown>): boolean | undefined {
  const said = isRecord(status) ? status['state'] : (status ?? state);
  if (typeof said !== 'string') return undefined;
  if (/^(?:resolved|ok|normal|inactive|expired)$/i.test(said)) return true;
  return /^(?:firing|active|alerting|pending|suppressed)$/i.test(said) ? false : undefined;
}

function hostOf(labels: Record<string, unknown>): string | undefined {
  for (const label of HOST_LABELS) {
    const value = labels[label];
    const name = typeof value === 'string' ? plainName(value) : '';
    if (name !== '' && canBeHost(name) && name !== 'localhost') return name;
  }
  return undefined;
}

/** What an alert says, each sentence once. */
function sentencesOf(annotations: Record<string, unknown>): readonly string[] {
  const said = SENTENCES.flatMap((key) => {
    const value = annotations[key];
    return typeof value === 'string' && value.trim() !== '' ? [value] : [];
  });
  return [...new Set(said)];
}
