import type { PasteLine } from '../paste-line.ts';
import { type HostLoop, hostLoopOf, podOf, targetOf } from './commands.ts';
import type { Heading } from './heading-forms.ts';
import { hostOfLine } from './labels.ts';
import { HostNames, isSameHost } from './names.ts';

/** A session on another host, opened from a prompt. */
interface Session {
  readonly from: string | undefined;
  readonly host: string;
  hasPrompt: boolean;
}

/** Whose each line is; `undefined` where nothing tells. */
export interface Owners {
  readonly owners: (string | undefined)[];
  /** The command that printed each line; `undefined` where none was seen. */
  readonly typed: readonly (PasteLine | undefined)[];
  /** Lines that headings are left out of: what else such a line says stays. */
  readonly lines: readonly PasteLine[];
  /** Where the output of a loop over hosts stands that names none of them, by the line of its command. */
  readonly loops: readonly { readonly at: number; readonly loop: HostLoop }[];
}

/** Follows headings, prompts, sessions and commands through a paste. */
export function ownersOf(
  lines: readonly PasteLine[],
  headings: ReadonlyMap<number, Heading>,
  names: HostNames,
): Owners {
  const owners: (string | undefined)[] = [];
  const loops: { at: number; loop: HostLoop }[] = [];
  const arePodsHosts = differentPods(lines);
  let heading: string | undefined;
  let isMention = false;
  let isAnothers = false;
  let printedBy: PasteLine | undefined;
  let typed: PasteLine | undefined;
  let prompt: string | undefined;
  let target: string | undefined;
  let session: Session | undefined;
  let hasOutput = false;
  const printers: (PasteLine | undefined)[] = [];
  const here = () => target ?? session?.host ?? prompt;
  for (const [at, line] of lines.entries()) {
    const head = headings.get(at);
    if (head !== undefined) {
      if (heading === undefined && typed !== undefined && !hasOutput) printedBy = typed;
      isAnothers = head.name === '';
      heading = isAnothers ? undefined : names.of(head.name);
      isMention = head.isMention === true;
      // What was typed below another host's heading printed nothing below this one.
      typed = printedBy;
      printers.push(typed);
      owners.push(heading);
      continue;
    }
    printers.push(line.command === undefined ? typed : line);
    if (line.command === undefined) {
      hasOutput ||= line.text.trim() !== '';
      if (
        /^(?:logout|exit|Connection to \S+ closed\.?|Shared connection to \S+ closed\.?)$/.test(
          line.text.trim(),
        )
      )
        session = undefined;
      const own = line.host ?? hostOfLine(line.text);
      const other = own === undefined ? (isAnothers ? undefined : here()) : names.of(own);
      owners.push(heading ?? other);
      continue;
    }
    if (isMention && line.host !== undefined) heading = undefined;
    if (line.host !== undefined) isAnothers = false;
    if (heading !== undefined && printedBy !== undefined && printedBy.host === line.host) {
      heading = undefined;
      printedBy = undefined;
    }
    typed = line;
    hasOutput = false;
    if (heading !== undefined) {
      owners.push(heading);
      continue;
    }
    if (line.host !== undefined) {
      if (session !== undefined && (session.from === undefined || !isSameHost(line.host, session.from))) {
        if (!session.hasPrompt) names.alias(line.host, session.host);
        session.hasPrompt = true;
        if (names.has(line.host) && names.of(line.host) !== session.host) session = undefined;
      } else session = undefined;
      if (session === undefined) prompt = names.of(line.host);
    }
    if (/^(?:exit|logout)\s*$/.test(line.command)) {
      owners.push(here());
      session = undefined;
      target = undefined;
      continue;
    }
    const pod = arePodsHosts ? podOf(line.command) : undefined;
    const found = targetOf(line.command) ?? (pod === undefined ? undefined : { host: pod, isSession: false });
    target = undefined;
    if (found?.isSession === true) {
      const host = names.of(found.host);
      session = { from: line.host ?? prompt, host, hasPrompt: false };
    } else if (found !== undefined) target = names.of(found.host);
    const loop = found === undefined ? hostLoopOf(line.command) : undefined;
    if (loop !== undefined) loops.push({ at, loop });
    owners.push(here());
  }
  const rest = lines.map((line, at) => {
    const head = headings.get(at);
    return head === undefined || head.isKept ? line : { ...line, text: head.rest, command: undefined };
  });
  return { owners, typed: printers, lines: rest, loops };
}

/** Whether commands look into several pods, or into one and elsewhere: each pod has a network of its own, or a node. */
function differentPods(lines: readonly PasteLine[]): boolean {
  const pods = lines.flatMap(({ command }) => (command === undefined ? [] : (podOf(command) ?? '')));
  return new Set(pods.filter((pod) => !pod.includes('$'))).size > 1;
}
