/** One line of a paste after its wrapping (prompt, quote mark, colour codes) was taken off. */
export interface PasteLine {
  /** Line number in the text as pasted, from 1. */
  readonly number: number;
  readonly text: string;
  /** The command that was typed on this line, when the line is a prompt with a command. */
  readonly command: string | undefined;
  /** Host name in the prompt. */
  readonly host: string | undefined;
  /** Time of day in the prompt, in seconds. */
  readonly timeOfDay: number | undefined;
}

/** Lines longer than this are no tool's output; cutting them bounds the work of every pattern. */
const LINE_MAX_CHARS = 2_000;

const TOOL =
  'conntrack|sysctl|cat|head|tail|dmesg|journalctl|nstat|netstat|ss|ethtool|grep|egrep|zgrep|awk|sed|sleep|date|uptime|uname|watch|while|for|sudo|nsenter|kubectl|crictl|docker|iptables|ip6tables|iptables-save|cilium|hubble|aws|echo|free|lsmod|modprobe|wc|sh|bash|ip|tc|time|timeout|lnstat|curl|slabtop|ls';

/** `root@node:~# cmd`, `[ec2-user@ip-10-0-0-1 ~]$ cmd`, with a time before it or not. */
const HOST_PROMPT =
  /^(?:\[?(\d\d):(\d\d):(\d\d)\]?\s+)?\[?[\w.-]{1,64}@([\w.-]{1,64})(?:[:\s][^#$%>\]]{0,120})?\]?\s?[#$%>]\s*(.*)$/;

/** `$ cmd`, `# cmd`, `/ # cmd`, `sh-4.2$ cmd`, `+ cmd`: only a known tool makes it a command, since `#` also opens comments. */
const BARE_PROMPT = new RegExp(
  String.raw`^(?:\[?(\d\d):(\d\d):(\d\d)\]?\s+)?(?:(?:sh|bash|ash)-\d\.\d+[#$]|(?:[\w.-]{1,64}:)?[~/][\w./~-]{0,80}\s?[#$]|➜\s+\S{1,80}|[#$%+❯➜]|>>>?)\s*((?:/(?:usr/)?s?bin/)?(?:${TOOL})\b(?!:).*)$`,
);

/** A command without any prompt: the tool's name and something that only a command line has after it. */
const BARE_COMMAND =
  /^(?!.*\bsrc=)(?:sudo\s+(?:-\S+\s+)*\S.*|(?:\/(?:usr\/)?s?bin\/)?(?:(?:conntrack|ss|ethtool|netstat|nstat|journalctl|iptables|ip6tables|uname|free|watch|nsenter|kubectl|head|tail|dmesg|sysctl|zgrep|egrep|grep)\s+-\S.*|(?:cat|head|tail|wc)\s+\/\S.*|sysctl\s+net\.\S.*|(?:dmesg|journalctl|nstat|conntrack)\s*\|.*|(?:dmesg|nstat|uptime|date|ethtool)\s*|sleep\s+[\d.]+s?\s*|for\s+\w+\s+in\s.*|while\s+(?:true|sleep|:).*|(?:z|e)?grep\s+["'].*))$/;

const WRAPPING =
  // eslint-disable-next-line no-control-regex -- colour codes begin with the escape character
  /\u001b\[[0-9;]{0,12}[A-Za-z]/g;

/** Takes a paste apart into lines and finds the commands among them. */
export function pasteLines(text: string): readonly PasteLine[] {
  return text.split(/\r\n|\n|\r/).map((raw, index) => lineOf(unwrapped(raw), index + 1));
}

function unwrapped(raw: string): string {
  return raw
    .slice(0, LINE_MAX_CHARS)
    .replaceAll(WRAPPING, '')
    .replaceAll('\u00a0', ' ')
    .replace(/^(?:>\s)+(?!>)/, '')
    .replace(/^\s*```\w*\s*$/, '')
    .trimEnd();
}

function lineOf(text: string, number: number): PasteLine {
  const none = { number, text, command: undefined, host: undefined, timeOfDay: undefined };
  const trimmed = text.trim();
  const hosted = HOST_PROMPT.exec(trimmed);
  if (hosted !== null) {
    return { ...none, command: hosted[5] ?? '', host: hosted[4], timeOfDay: secondsOf(hosted) };
  }
  const bare = BARE_PROMPT.exec(trimmed);
  if (bare !== null) return { ...none, command: bare[4] ?? '', timeOfDay: secondsOf(bare) };
  const command = /^`?([^`]*)`?$/.exec(trimmed)?.[1] ?? '';
  return BARE_COMMAND.test(command) ? { ...none, command } : none;
}

function secondsOf([, hours, minutes, seconds]: RegExpExecArray): number | undefined {
  return hours === undefined ? undefined : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}
