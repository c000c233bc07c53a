import type { PasteLine } from '../../paste-line.ts';

/** Nodes of one group, and lines that their copies of its output take, at most. */
const MOST_NODES = 256;
const MOST_LINES = 50_000;

/** The line that clush and dshbak put above and below the names of the nodes that printed the same. */
const RULE = /^-{8,}\s*$/;

/** `node[1-2,5] (3)`, `node1,node2`: nodes by ClusterShell's own notation. */
const GROUP =
  /^\s{0,4}([\w.-]{0,100}(?:\[[\d,-]{1,200}\][\w.-]{0,100})?(?:,[\w.-]{1,100}(?:\[[\d,-]{1,200}\][\w.-]{0,100})?){0,100})(?:\s\(\d{1,6}\))?\s*$/;

/**
 * Gives what a group of nodes printed to each of them, as if each had been listed by itself: `clush -b` and `dshbak -c` print
 * the same output once, under the names of all that gave it.
 */
export function oneForEachNode(lines: readonly PasteLine[]): readonly PasteLine[] {
  if (!lines.some(({ text }) => RULE.test(text))) return lines;
  const result: PasteLine[] = [];
  let left = MOST_LINES;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    if (line === undefined) break;
    const nodes = nodesAt(lines, at);
    const end = nodes === undefined ? at : endOf(lines, at + 3);
    const cost = (nodes?.length ?? 0) * (end - at);
    // Above the bound a group stays as it is: nothing of it is left out.
    if (nodes === undefined || cost > left) {
      result.push(line);
      continue;
    }
    left -= cost;
    const output = lines.slice(at + 3, end);
    for (const node of nodes) {
      const [rule, name] = [lines[at], lines[at + 1]];
      if (rule !== undefined && name !== undefined)
        result.push(rule, { ...name, text: node }, rule, ...output);
    }
    at = end - 1;
  }
  return result;
}

/** The nodes that a heading of three lines names, `undefined` where none begins here or it is of one node as it stands. */
function nodesAt(lines: readonly PasteLine[], at: number): readonly string[] | undefined {
  const [rule, name, other] = [lines[at], lines[at + 1], lines[at + 2]];
  if (rule === undefined || name === undefined || other === undefined) return undefined;
  if (name.command !== undefined || !RULE.test(rule.text) || !RULE.test(other.text)) return undefined;
  const group = GROUP.exec(name.text)?.[1] ?? '';
  if (!/[[,]/.test(group) && !/\(\d{1,6}\)\s*$/.test(name.text)) return undefined;
  const nodes = partsOf(group).flatMap(expanded);
  return nodes.length === 0 || nodes.length > MOST_NODES ? undefined : nodes;
}

function endOf(lines: readonly PasteLine[], from: number): number {
  let end = from;
  while (end < lines.length && lines[end]?.command === undefined) {
    if (RULE.test(lines[end]?.text ?? '') && RULE.test(lines[end + 2]?.text ?? '')) break;
    end += 1;
  }
  return end;
}

/** Parts between commas that stand outside of brackets. */
function partsOf(group: string): readonly string[] {
  return group.match(/(?:[^,[\]]|\[[^\]]*\])+/g) ?? [];
}

/** `node[01-03,7]` as `node01`, `node02`, `node03`, `node7`. */
function expanded(part: string): readonly string[] {
  const [, before = '', inner, after = ''] = /^([^[\]]*)\[([\d,-]+)\]([^[\]]*)$/.exec(part) ?? [];
  if (inner === undefined) return part.includes('[') ? [] : [part];
  return inner.split(',').flatMap((item) => {
    const [, from = '', to = from] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(item) ?? [];
    const count = from === '' ? 0 : Math.min(MOST_NODES + 1, Math.max(0, Number(to) - Number(from) + 1));
    return Array.from(
      { length: count },
      (_, index) => `${before}${String(Number(from) + index).padStart(from.length, '0')}${after}`,
    );
  });
}
