import * as z from 'zod';
import { consoleAt } from '../aws-console.ts';
import { inLink } from '../in-link.ts';
import { type Alarm, isCloudWatchAlarm } from '../record/alarm.ts';

/** What an address may hold of an alarm, in braces. */
const PLACEHOLDER =
  /\{(alarm|region|account|fromMs|toMs|fromSeconds|toSeconds|fromTime|toTime|dimension\.[A-Za-z0-9_.-]{1,255})\}/g;

/** Slack and a phone take longer ones; nobody reads them. */
const LINK_CHARS = 600;

/** Milliseconds before and after the state change that a trace is looked for in: what made the alarm fire lies before it. */
const WINDOW = { before: 15 * 60_000, after: 5 * 60_000 } as const;

/** Why a template is none, as the end of a sentence about it; nothing where it is sound. */
function templateFault(template: string): string | undefined {
  const [, host = ''] = /^https:\/\/([^/?#]*)/.exec(template) ?? [];
  if (!/^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(host)) return 'must begin with https:// and a host of its own';
  if (/[\s<>|"`\\^]/.test(template) || template.length > LINK_CHARS)
    return `must be one address of at most ${LINK_CHARS} characters`;
  const rest = template.replaceAll(PLACEHOLDER, '');
  if (/[{}]/.test(rest))
    return 'knows {alarm}, {region}, {account}, {fromMs}, {toMs}, {fromSeconds}, {toSeconds}, {fromTime}, {toTime} and {dimension.NAME} only';
  return undefined;
}

/** Address of a tracing system with placeholders for what an alarm says. */
export const TraceTemplate = z.string().superRefine((template, issues) => {
  const message = templateFault(template);
  if (message !== undefined) issues.addIssue({ code: 'custom', message });
});

/**
 * Where a tracing system shows what was slow when the alarm fired, by the template of the configuration; nothing where the alarm lacks a
 * dimension that the address needs, or the address would be too long. What comes from the alarm is encoded, so that it stays one value
 * of the address that the configuration names.
 */
export function traceLink(template: string, alarm: Alarm): string | undefined {
  const at = Date.parse(alarm.changedAt);
  const [from, to] = [at - WINDOW.before, at + WINDOW.after];
  const values: Readonly<Record<string, string>> = {
    alarm: alarm.name,
    region: alarm.region,
    account: alarm.accountId,
    fromMs: `${from}`,
    toMs: `${to}`,
    fromSeconds: `${Math.floor(from / 1000)}`,
    toSeconds: `${Math.ceil(to / 1000)}`,
    fromTime: new Date(from).toISOString(),
    toTime: new Date(to).toISOString(),
  };
  let isWhole = true;
  const link = template.replaceAll(PLACEHOLDER, (_, name: string) => {
    const value = name.startsWith('dimension.')
      ? alarm.dimensions.find((one) => one.name === name.slice('dimension.'.length))?.value
      : values[name];
    if (value === undefined || value === '') isWhole = false;
    return inLink(value ?? '');
  });
  return isWhole && link.length <= LINK_CHARS ? link : undefined;
}

/**
 * The alarm with the address of its traces, where there is one. An alert that carries its own keeps that: who wrote it into the alert
 * knows best. Of an alarm of CloudWatch the configuration knows better than the console's page, which is for whoever traces there.
 */
export function withTraceLink(alarm: Alarm, template: string | undefined): Alarm {
  const own = alarm.traceUrl;
  if (own !== undefined && !isCloudWatchAlarm(alarm)) return alarm;
  const link = (template === undefined ? undefined : traceLink(template, alarm)) ?? own;
  return link === undefined ? alarm : { ...alarm, traceUrl: link };
}

/** Namespaces whose metrics are made of traces that X-Ray keeps (CloudWatch user guide, Application Signals; X-Ray groups). */
const TRACED = new Set(['AWS/ApplicationSignals', 'AWS/X-Ray']);

/** Text as the console's addresses have it: what is no letter, digit, point, dash or underscore as its code after an asterisk. */
const inConsole = (text: string): string =>
  text.replaceAll(/[^\w.-]/g, (one) => `*${one.charCodeAt(0).toString(16).padStart(2, '0')}`);

/** Where X-Ray shows the traces of the time of an alarm, and of its service where it names one; nothing for metrics of other namespaces. */
export function consoleTraces(alarm: Alarm, namespaces: readonly string[]): string | undefined {
  const place = consoleAt(alarm.arn, alarm.region);
  if (place === undefined || !namespaces.some((one) => TRACED.has(one))) return undefined;
  const at = Date.parse(alarm.changedAt);
  const time = (ms: number) => inConsole(new Date(ms).toISOString());
  const service = alarm.dimensions.find(({ name }) => name === 'Service')?.value;
  const query =
    service === undefined || !/^[ !#-[\]-~]{1,100}$/.test(service)
      ? ''
      : `expression~'${inConsole(`service("${service}")`)}`;
  const range = `end~'${time(at + WINDOW.after)}~start~'${time(at - WINDOW.before)}`;
  return `${place.host}/cloudwatch/home?region=${place.region}#xray:traces/query?~(query~(${query})~context~(timeRange~(${range})))`;
}

/** Names of labels, annotations and tags that hold the address of a trace: `trace_url`, `tracesLink`, `tracing`. */
const TRACE_NAME = /^trac(?:e|es|ing)[_-]?(?:url|link)?$/i;

/** The address of traces that an alert of another system names itself, the first that is one; nothing where none does. */
export function ownTraces(named: readonly Readonly<Record<string, string>>[]): Pick<Alarm, 'traceUrl'> {
  const [link] = named
    .flatMap((one) => Object.entries(one))
    .flatMap(([name, value]) => (TRACE_NAME.test(name) && isAddress(value.trim()) ? [value.trim()] : []));
  return link === undefined ? {} : { traceUrl: link };
}

/** An address that names its host and nothing that would log somebody in there. */
function isAddress(text: string): boolean {
  const [, host = ''] = /^https:\/\/([^/?#]*)/.exec(text) ?? [];
  return (
    text.length <= LINK_CHARS &&
    /^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(host) &&
    /^[!-~]+$/.test(text) &&
    !/[<>|"`\\^]/.test(text)
  );
}
