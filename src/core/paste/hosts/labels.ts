import { canBeHost, isHostLike, plainName } from './names.ts';
import { hostOfStream } from './streams.ts';
import { isSoftware } from './words.ts';

/** Labels that name the machine of a sample, the surest first (Prometheus's own `instance`, the relabelling of common charts). */
export const HOST_LABELS = [
  'nodename',
  'node',
  'kubernetes_node',
  'hostname',
  'host',
  'exported_instance',
  'instance',
];

/** Name of a metric with its labels, as an exposition and PromQL's answers print it, or a log's stream with its time. */
const SAMPLE = /^\s*(?:[A-Za-z_:][\w:]{2,80}|\d{4}-\d\d-\d\dT\S{1,30}\s)?\{([^}]{1,1000})\}/;

/** The labels of one series in an answer of Prometheus's API. */
const SERIES = /"metric"\s*:\s*\{([^}]{1,1000})\}/;

/** The tags of a line as telegraf writes it for InfluxDB: `conntrack,host=node-a,cpu=all drop=3i 1716200000`. */
const TAGGED =
  /^\s*[A-Za-z_][\w.-]{0,60}(?:,[\w.-]{1,40}=[^,\s=]{1,100}){0,20}?,(?:host|node|hostname|instance)=([^,\s=]{1,253})(?=[,\s])[^=]{0,200}=/;

/** A line of syslog, of the journal or of a log in JSON; the host stands before the process. */
const LOGGED =
  /^(?:<\d{1,3}>(?:\d )?)?(?:[A-Z][a-z]{2}\s+\d{1,2} \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,20}|\[\s*\d{1,10}\.\d{1,9}\])\s+([A-Za-z][\w.-]{0,100}|\d{1,3}(?:\.\d{1,3}){3})\s+(?:kernel|[A-Za-z][\w./-]{0,40}(?:\[\d{1,9}\])?)(?::| - )/;

/** The host that a line itself names: a label, the host of a log line; `undefined` where it names none. */
export function hostOfLine(text: string): string | undefined {
  const labels = SAMPLE.exec(text)?.[1] ?? SERIES.exec(text)?.[1];
  if (labels !== undefined) return labelOf(labels);
  const inObject = /^\s*\{.{0,1900}conntrack/i.test(text) ? labelOf(text) : undefined;
  if (inObject !== undefined) return inObject;
  const event = /^\s*\S.{0,60}\s(?:Warning|Normal)\s+\S{1,80}\s+node\/([\w.-]{1,253})\s/.exec(text)?.[1];
  if (event !== undefined && canBeHost(event)) return event;
  const tagged = plainName(TAGGED.exec(text)?.[1] ?? '');
  if (tagged !== '' && canBeHost(tagged) && tagged !== 'localhost') return tagged;
  const logged = LOGGED.exec(text)?.[1] ?? /"_HOSTNAME"\s*:\s*"([\w.-]{1,100})"/.exec(text)?.[1];
  return logged === undefined ||
    isSoftware(logged) ||
    /^(?:localhost|kernel|host|hostname|\w+:)$/i.test(logged)
    ? undefined
    : logged;
}

function labelOf(labels: string): string | undefined {
  for (const label of HOST_LABELS) {
    const value = new RegExp(`(?:^|[,{\\s"])"?${label}"?\\s*[=:]\\s*"([^"]{1,253})"`).exec(labels)?.[1];
    const name = value === undefined ? '' : plainName(value);
    if (name !== '' && canBeHost(name) && name !== 'localhost') return name;
  }
  return undefined;
}

/** What stands before each line where many machines' or pods' lines are printed together, and the line without it. */
export interface Prefixed {
  readonly host: string;
  readonly text: string;
}

/** What Kubernetes puts behind the name of a pod: no vowels, no 0, 1 or 3 (apimachinery, util/rand). */
const RANDOM = '[bcdfghjklmnpqrstvwxz2456789]{5}';

/** `kubectl logs --prefix`, kail, kubetail and stern name the pod and its container; a name in brackets is Fabric's, a machine's. */
const OF_PODS: readonly RegExp[] = [
  /^\[pod\/([a-z0-9][\w.-]{1,252})\/[\w.-]{1,253}\] ?(.*)$/,
  /^[a-z0-9][\w-]{0,62}\/([a-z0-9][\w.-]{1,252})\[[a-z0-9][\w-]{0,62}\]: ?(.*)$/,
  new RegExp(`^\\[([a-z0-9][a-z0-9-]{1,200}-${RANDOM})(?: [a-z0-9][a-z0-9-]{0,62})?\\]:? (.*)$`),
  new RegExp(
    `^(?:[a-z0-9][a-z0-9-]{0,62} )?([a-z0-9][a-z0-9-]{1,200}-${RANDOM}) [a-z0-9][a-z0-9-]{0,62} (.*)$`,
  ),
  /^(?:[a-z0-9][a-z0-9-]{0,62} )?((?<name>[a-z0-9][a-z0-9-]{2,62})-[a-z0-9][\w.-]{0,150}) \k<name> (?<rest>.*)$/,
];

/** What Terraform ran on a machine, by its resource: `null_resource.read["w1"] (remote-exec): …`. */
const OF_RESOURCE =
  /^[\w.]{1,100}[.]([\w-]{1,100})(?:\[["']?([\w.-]{1,120})["']?\])?\s\((?:remote|local)-exec\):\s?(.*)$/;

/** A time and a stream, as `aws logs tail` and `--output text` print them. */
const OF_STREAMS: readonly RegExp[] = [
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)\s([\w.@/-]{3,250})\s(.+)$/,
  /^EVENTS\t\d{5,60}\t\d{13}\t([^\t]{1,250})\t(.*?)(?:\t\d{13})?$/,
];

/** Prefixes that are believed where the name is a machine's and stands before several lines. */
const NAMED: readonly RegExp[] = [
  /^([A-Za-z0-9][\w.-]{0,120}):(?:\s(.*))?$/,
  /^([A-Za-z0-9][\w.-]{0,120})\.(?:txt|log|out):(.*)$/,
  /^([A-Za-z0-9][\w.-]{0,120})\t((?:net\.|nf_|cpu=|\[|\w{2,40}\s?[=:]).*)$/,
  /^([A-Za-z0-9][\w.@-]{0,120})\s*\| (?!(?:CHANGED|SUCCESS|FAILED|UNREACHABLE)\b)(.*)$/,
  /^([A-Za-z0-9][\w.-]{0,120}):?\s+(\{\s*".*)$/,
  /^(?:host|hostname|node)="?([A-Za-z0-9][\w.-]{0,120})"?\s(.*)$/,
];

/** A file below a folder, as grep puts it before what it found there. */
const IN_FILE = /^((?:[\w.@+-]{0,100}\/){1,12}[\w.@+-]{1,100}):(.*)$/;

/** A line's prefix, `undefined` where it has none of the known forms. */
export function prefixOf(text: string): Prefixed | undefined {
  for (const pattern of OF_PODS) {
    const match = pattern.exec(text);
    if (match !== null) return { host: match[1] ?? '', text: match.groups?.['rest'] ?? match[2] ?? '' };
  }
  const [, resource, key, printed] = OF_RESOURCE.exec(text) ?? [];
  if (resource !== undefined && printed !== undefined)
    return {
      host: key === undefined || /^\d+$/.test(key) ? [resource, key].join('-').replace(/-$/, '') : key,
      text: printed,
    };
  for (const pattern of OF_STREAMS) {
    const [, stream = '', rest = ''] = pattern.exec(text) ?? [];
    const host = hostOfStream(stream);
    if (isHostLike(host) && !/^(?:kernel|\w{1,30}\[\d{1,9}\]):/.test(rest)) return { host, text: rest };
  }
  const bracketed = /^\[([A-Za-z0-9][\w.@-]{1,120})\](?: (?:out|err):)? (.*)$/.exec(text);
  if (bracketed !== null && isMachine(bracketed[1] ?? ''))
    return { host: plainName(bracketed[1] ?? ''), text: bracketed[2] ?? '' };
  for (const pattern of NAMED) {
    const [, name = '', rest = ''] = pattern.exec(text) ?? [];
    if (isMachine(name) && rest.trim() !== '') return { host: plainName(name), text: rest };
  }
  const [, path = '', rest = ''] = IN_FILE.exec(text) ?? [];
  const folder = /^\/(?:proc|sys|dev|usr|lib|bin|sbin)\//.test(path)
    ? undefined
    : path.split('/').find(isFolderOfHost);
  return folder === undefined || rest.trim() === '' ? undefined : { host: folder, text: rest };
}

function isMachine(name: string): boolean {
  return name !== '' && isHostLike(plainName(name));
}

function isFolderOfHost(part: string): boolean {
  return isHostLike(part) && !/\.(?:txt|log|out|gz|\d{1,3})$/.test(part);
}
