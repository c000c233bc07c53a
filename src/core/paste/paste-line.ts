import { parseKernelLog } from '../parse/kernel-log.ts';
import { plainForm } from './forms.ts';
import { prefixOf } from './hosts/labels.ts';
import { isHostLike } from './hosts/names.ts';
import { environmentOf, prefixBefore, toldByPrefix, wordsIn } from './hosts/prompt-prefix.ts';
import { isCommonWord } from './hosts/words.ts';
import { asJson } from './json-text.ts';
import { apartFromBeside } from './side-by-side.ts';

/** One line of a paste after its wrapping (prompt, quote mark, colour codes) was taken off. */
export interface PasteLine {
  /** Line number in the text as pasted, from 1. */
  readonly number: number;
  readonly text: string;
  /** The command that was typed on this line, when the line is a prompt with a command. */
  readonly command: string | undefined;
  /** Host name in the prompt or before the line. */
  readonly host: string | undefined;
  /** Time of day in the prompt or before the line, in seconds. */
  readonly timeOfDay: number | undefined;
  /** Date and time that stood before the line, as text. */
  readonly stamp: string | undefined;
  /** Words around the prompt that may tell which of several machines of one name it is; `undefined` where it is no prompt. */
  readonly prefix?: string | undefined;
}

/** Lines longer than this are no tool's output; cutting them bounds the work of every pattern. */
const LINE_MAX_CHARS = 2_000;

const TOOL =
  'conntrack|sysctl|cat|head|tail|dmesg|journalctl|nstat|netstat|ss|ethtool|grep|egrep|zgrep|awk|sed|sleep|date|uptime|uname|watch|while|for|sudo|nsenter|kubectl|crictl|docker|iptables|ip6tables|iptables-save|cilium|hubble|aws|echo|free|lsmod|modprobe|wc|sh|bash|ip|tc|time|timeout|lnstat|curl|slabtop|ls|ssh|oc|minikube|gcloud|vagrant|chroot|ipvsadm|nft|uptime|lsns|tcpdump|tshark|ab|wrk|hey|vegeta|perf|bpftrace|dropwatch|pwru|sar|ovs-appctl|ovs-dpctl|python3?|apiclient|promtool|zabbix_get|zabbix_agentd|nslookup|dig|nc|wget|mpstat|apt|yum|nproc|pdsh|pssh|parallel-ssh|clush|getent|gawk|mawk|sheltie|az|drill|exit|logout|nerdctl|podman|pct|lxc-attach|machinectl|paste|diff|ctr|lxc|incus|(?:ansible|salt|pdsh|clush|pssh|parallel-ssh|dsh|stern|kubetail)(?=\\s.*[-"\'*])';

/** `linux:~# cmd`, `node-a:/etc # cmd`: a host without a user, before a path. */
const NAMED_PROMPT = /^([A-Za-z][\w.-]{0,63}):(?:~|\/)[\w./~-]{0,80}\s?[#$>]\s*(.*)$/;

/** `root@node:~# cmd`, `[ec2-user@ip-10-0-0-1 ~]$ cmd`, with a time before it or not. */
const HOST_PROMPT =
  /^(?:\[?(\d\d):(\d\d):(\d\d)\]?\s+)?\[?([\w.-]{1,64})@([\w.-]{1,64})(\s?\[[^\]]{1,40}\])?((?:[:\s][^#$%>\]]{0,120})?\]?)\s?[#$%>]\s*(.*)$/;

/** `$ cmd`, `# cmd`, `/ # cmd`, `sh-4.2$ cmd`, `+ cmd`: only a known tool makes it a command, since `#` also opens comments. */
const BARE_PROMPT = new RegExp(
  String.raw`^(?:\[?(\d\d):(\d\d):(\d\d)\]?\s+)?(?:(?:sh|bash|ash)-\d\.\d+[#$]|(?:[\w.-]{1,64}:)?[~/][\w./~-]{0,80}\s?[#$]|➜\s+\S{1,80}|PS(?:\s[^>]{1,80})?>|[#$%+❯➜]|>>>?)\s*((?:/(?:usr/)?s?bin/)?(?:${TOOL})\b(?!:).*)$`,
);

/** A command without any prompt: the tool's name and something that only a command line has after it. */
const BARE_COMMAND =
  /^(?!.*\bsrc=)(?:sudo\s+(?:-\S+\s+)*\S.*|(?:\/(?:usr\/)?s?bin\/)?(?:(?:conntrack|ss|ethtool|netstat|nstat|journalctl|iptables|ip6tables|uname|free|watch|nsenter|kubectl|lnstat|head|tail|dmesg|sysctl|zgrep|egrep|grep)\s+-\S.*|(?:cat|head|tail|wc)\s+\/\S.*|sysctl\s+net\.\S.*|(?:dmesg|journalctl|nstat|conntrack)\s*\|.*|(?:dmesg|nstat|uptime|date|ethtool)\s*|sleep\s+[\d.]+s?\s*|for\s+\w+\s+in\s.*|while\s+(?:true|sleep|:).*|(?:docker|podman|crictl|kubectl)\s+exec\s+\S.*|(?:salt|ansible|pdsh|clush|pssh)\s+["'-]\S.*|ssh\s+(?:-\S{1,40}\s+){0,6}[\w.@-]{1,120}\s+["']?(?:sudo\s+)?(?:cat\s+\/|conntrack\s+-|sysctl\s+-?\w|dmesg|nstat).*|(?:z|e)?grep\s+["'].*))$/;

/** `node-a$ cmd`, `node-a # cmd`: a machine's name alone, before a known tool. */
const SHORT_PROMPT = new RegExp(
  String.raw`^([A-Za-z][\w.-]{0,63})\s?[$#%>]\s+((?:/(?:usr/)?s?bin/)?(?:${TOOL})\b(?!:).*)$`,
);

/** Words before a prompt's mark that are a shell or a user: they name no machine. */
const NO_HOST =
  /^(?:(?:ba|z|k|da|a|fi|c|tc)?sh|busybox|root|admin|user|ubuntu|debian|centos|core|rocky|fedora|ec2-user|azureuser|opc|pi|me|you|prompt|shell|terminal|console|localhost|host|client|cmd|command|run|example|step|note)$/i;

const WRAPPING =
  // eslint-disable-next-line no-control-regex -- colour codes begin with the escape character
  /\u001b\[[0-9;]{0,12}[A-Za-z]/g;

/** Takes a paste apart into lines and finds the commands among them. */
export function pasteLines(text: string): readonly PasteLine[] {
  const given = apartFromBeside(
    plainForm(text)
      .split(/\r\n|\n|\r/)
      .flatMap((line, index) => opened(line).map((part) => ({ text: part, number: index + 1 }))),
  );
  const numberAt = (index: number) => given[index]?.number ?? index + 1;
  const bare = withoutMargin(given.map((line) => unwrapped(line.text)));
  const isStamped = isUniform(bare, (line) => STAMP.test(line) || BARE_STAMP.test(line));
  const prefixes = bare.map(prefixOf);
  const arePrefixed = prefixes.filter((prefix) => prefix !== undefined).length >= LEAST_PREFIXED;
  const lines = bare.map((line, index): PasteLine => {
    const prefix = arePrefixed ? prefixes[index] : undefined;
    const read = isStamped ? unstamped : lineOf;
    return prefix === undefined
      ? read(line, numberAt(index))
      : { ...read(prefix.text, numberAt(index)), host: prefix.host };
  });
  return closedUp(withWholeLoops(toldByPrefix(lines)));
}

/** A document on one line that is longer than a line may be, a value a line, so that nothing of it is cut off. */
function opened(line: string): readonly string[] {
  if (line.length <= LINE_MAX_CHARS || !/^\s*[[{]/.test(line)) return [line];
  const value = asJson(line);
  return value === undefined ? [line] : JSON.stringify(value, null, 1).split('\n');
}

/** Lines of a loop that was typed over several, at most. */
const LOOP_MAX_LINES = 12;

/** Puts a loop that was typed over several lines into the command that begins it. */
function withWholeLoops(lines: readonly PasteLine[]): readonly PasteLine[] {
  const whole = [...lines];
  for (const [at, line] of lines.entries()) {
    if (line.command === undefined || !/^(?:for|while)\s/.test(line.command) || /\bdone\b/.test(line.command))
      continue;
    const body = lines.slice(at + 1, at + 1 + LOOP_MAX_LINES);
    const end = body.findIndex(({ text, command }) => /^\s*>?\s*done\b/.test(command ?? text));
    if (end < 0) continue;
    const parts = [
      line.command,
      ...body.slice(0, end + 1).map(({ text, command }) => (command ?? text).replace(/^\s*>?\s*/, '')),
    ];
    whole[at] = { ...line, command: parts.join('; ').replaceAll(/\bdo\s*;/g, 'do ') };
    for (const [offset, part] of body.slice(0, end + 1).entries())
      whole[at + 1 + offset] = { ...part, text: '', command: undefined };
  }
  return whole;
}

/** Lines with a name before them of which one alone may be anything. */
const LEAST_PREFIXED = 2;

/** Share of lines from which a margin or a spacing counts as that of the whole paste. */
const NEARLY_ALL = 0.9;

/** Fewest lines of which that can be said. */
const LEAST_LINES = 4;

/** Whether nearly all lines that hold anything are of one kind. */
function isUniform(lines: readonly string[], test: (line: string) => boolean): boolean {
  const filled = lines.filter((line) => line.trim() !== '');
  return filled.length >= LEAST_LINES && filled.filter(test).length >= filled.length * NEARLY_ALL;
}

/** Takes a border or running line numbers off where all lines have them, so that headings and indented rows come free too. */
function withoutMargin(lines: readonly string[]): readonly string[] {
  const filled = lines.filter((line) => line.trim() !== '');
  if (
    isUniform(lines, (line) => BORDER.test(line)) &&
    !filled.some((line) => /^\s*[|│].*[|│]\s*$/.test(line))
  )
    return lines.map((line) => line.replace(BORDER, ''));
  const numbers = filled.flatMap((line) => NUMBER.exec(line)?.[1] ?? []).map(Number);
  const isRunning = numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0));
  return isUniform(lines, (line) => NUMBER.test(line)) && isRunning
    ? lines.map((line) => line.replace(NUMBER, ''))
    : lines;
}

const BORDER = /^\s{0,4}[│┃║|](?:\s|$)/;
const NUMBER = /^\s{0,6}(\d{1,5})(?:\t|:\s|\s{2}(?=\S)|$)/;

/** Drops the empty lines of a text that has one after every line, as some forms and trackers make them. */
export function closedUp(lines: readonly PasteLine[]): readonly PasteLine[] {
  const isEmpty = (line: PasteLine | undefined) =>
    line !== undefined && line.command === undefined && line.text.trim() === '';
  const filled = lines.flatMap((line, index) => (isEmpty(line) ? [] : [index])).slice(0, -1);
  const spaced = filled.filter((index) => isEmpty(lines[index + 1])).length;
  return filled.length >= LEAST_LINES && spaced >= filled.length * NEARLY_ALL
    ? lines.filter((line) => !isEmpty(line))
    : lines;
}

function unwrapped(raw: string): string {
  return raw
    .slice(0, LINE_MAX_CHARS)
    .replaceAll(WRAPPING, '')
    .replaceAll('\u00a0', ' ')
    .replaceAll('&gt;', '>')
    .replaceAll('&lt;', '<')
    .replace(/^\s{0,8}(?:>\s)+(?!>)/, '')
    .replace(/^\s*(?:```\w*|\{(?:code|noformat|quote)(?::[\w=|]{1,40})?\})\s*$/, '')
    .trimEnd();
}

/** A time before each line, as `ts`, log viewers and terminal recorders put it there. */
const STAMP =
  /^\s{0,4}[[(]?(?:(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)|(?:[A-Z][a-z]{2}\s{1,2}\d{1,2}\s)?(\d\d):(\d\d):(\d\d)(?:[.,]\d{1,9})?)[\])]?(?:\s*[|>:-])?\s+(\S.*)$/;

/** What is left of an empty line that got a time before it. */
const BARE_STAMP =
  /^\s{0,4}[[(]?(?:\d{4}-\d\d-\d\d[T ]|(?:[A-Z][a-z]{2}\s{1,2}\d{1,2}\s)?)\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?[\])]?(?:\s*[|>:-])?$/;

/** A line of a log or a captured packet, which keeps its time: a host or a process stands after it, or a message that is known. */
const LOGGED =
  /^(?:(?:\S{1,64} )?[\w./-]{1,40}(?:\[\d{1,9}\])?: (?=[^\s\d])|(?:[\w.@-]{1,16}\s+(?:In|Out|M|B|P)\s+)?(?:IP6?|ARP)[ ,])/;

/** A line of a paste that has a time before every line: what stands after it may be anything, a prompt too. */
function unstamped(text: string, number: number): PasteLine {
  const [, stamp, hours, minutes, seconds, rest = ''] = STAMP.exec(text) ?? [];
  if (rest === '' || LOGGED.test(rest) || parseKernelLog(text).length > 0) return lineOf(text, number);
  const inner = lineOf(rest, number);
  const timeOfDay =
    hours === undefined ? undefined : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  return { ...inner, timeOfDay: inner.timeOfDay ?? timeOfDay, stamp: inner.stamp ?? stamp };
}

/** Lines that no tool prints with a time of its own before them; a log line keeps its time, which says when it was logged. */
const UNTIMED =
  /^(?:cpu=\d+\s|entries\s+\w+\s+found\s|(?:entries|searched|found|new|invalid|ignore|delete|delete_list|insert|insert_failed|drop|early_drop|(?:icmp_)?error|search_restart|clash_resolve|chaintoolong|expect_\w{3,8})\s+\d{1,20}$|(?:\/proc\/sys\/)?net[./][\w./-]+\s*[:=]\s*\d|(?:nf|ip)_conntrack_\w+\s*[:=]\s*\d|(?:TcpExt|IpExt|Tcp|Ip|Udp)[A-Z]\w+\s+\d+\s|[0-9a-f]{8}(?:\s+[0-9a-f]{8}){5}|node_n[ef]\w+|\w{2,20}_allowance_(?:exceeded|available):|\d{1,20} [A-Za-z][\w' -]{3,80}$|(?:Tcp|TcpExt|Ip|IpExt|Udp|Icmp):$|TCP\w{3,40}: \d{1,20}$|[A-Z]\w+:\s+\d+ kB$|(?:tcp|udp)\s+\d{1,3}\s+\d+\s.*src=)/;

/** What viewers, `cat -n`, terminal multiplexers and tools for many hosts put before a line: a number, a border, a name. */
const MARGIN = /^\s{0,6}(?:\d{1,5}(?:\t|:\s)|[│┃║|]\s?|([\w.-]{1,64}):\s)\s*(\S.*)$/;

/** The heading that `watch` prints over each run: `Every 2.0s: conntrack -S      node-7: Thu Nov 26 10:12:01 2026`. */
const WATCH = /^Every (\d{1,4}(?:\.\d)?)s: (\S.{0,300}?)(?:\s{2,}(?:([\w.-]{1,64}): )?(\S.{10,60}))?$/;

/** Words and brackets in front of a prompt, at most. */
const MOST_PREFIXES = 4;

function lineOf(text: string, number: number, left = MOST_PREFIXES): PasteLine {
  const line = promptOf(text, number);
  if (line.command !== undefined || left === 0) return line;
  const before = prefixBefore(text.trim());
  const inner = before === undefined ? undefined : lineOf(before.prompt, number, left - 1);
  if (before === undefined || inner?.prefix === undefined || (before.isNamed && inner.host === undefined))
    return line;
  return { ...inner, text, prefix: [before.words, inner.prefix].filter((words) => words !== '').join(' ') };
}

function promptOf(text: string, number: number): PasteLine {
  const none = { number, text, command: undefined, host: undefined, timeOfDay: undefined, stamp: undefined };
  const trimmed = text.trim();
  const watched = WATCH.exec(trimmed);
  if (watched !== null) {
    const [, seconds, command, host, stamp] = watched;
    return { ...none, command: `watch -n ${seconds} ${command}`, host, stamp };
  }
  const [, stamp, hours, minutes, seconds, rest = ''] = STAMP.exec(text) ?? [];
  if (UNTIMED.test(rest)) {
    const timeOfDay =
      hours === undefined ? undefined : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
    return { ...none, text: rest, timeOfDay, stamp };
  }
  const [, name, inner = ''] = MARGIN.exec(text) ?? [];
  if (UNTIMED.test(inner))
    return { ...none, text: inner, host: name === undefined || isCommonWord(name) ? undefined : name };
  const hosted = HOST_PROMPT.exec(trimmed);
  if (hosted !== null) {
    const [, , , , user = '', host, bracket = '', place = '', typed = ''] = hosted;
    const set = /^\s?\([^)]{1,40}\)/.exec(place)?.[0] ?? '';
    const prefix = [environmentOf(user), wordsIn(bracket), wordsIn(set)]
      .filter((words) => words !== '')
      .join(' ');
    return { ...none, command: typed, host, timeOfDay: secondsOf(hosted), prefix };
  }
  const [, host, typed] = NAMED_PROMPT.exec(trimmed) ?? [];
  if (host !== undefined && typed !== undefined && !isCommonWord(host))
    return { ...none, command: typed, host, prefix: '' };
  const [, machine, after] = SHORT_PROMPT.exec(trimmed) ?? [];
  if (machine !== undefined && after !== undefined && !/^(?:ba|a|z|k|da)?sh-/.test(machine)) {
    if (isHostLike(machine)) return { ...none, command: after, host: machine, prefix: '' };
    // A word before `$` or `#` is the prompt of some machine, unless it is a shell's, a user's or one of a sentence.
    if (/^[\w.-]{1,64}\s?[$#]\s/.test(trimmed))
      return {
        ...none,
        command: after,
        host: isCommonWord(machine) || NO_HOST.test(machine) ? undefined : machine,
        prefix: '',
      };
  }
  const bare = BARE_PROMPT.exec(trimmed);
  if (bare !== null && !isHostLike(bare[4] ?? ''))
    return { ...none, command: bare[4] ?? '', timeOfDay: secondsOf(bare), prefix: '' };
  const command = /^`?([^`]*)`?$/.exec(trimmed)?.[1] ?? '';
  return BARE_COMMAND.test(command) ? { ...none, command } : none;
}

function secondsOf([, hours, minutes, seconds]: RegExpExecArray): number | undefined {
  return hours === undefined ? undefined : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}
