import { basename } from 'node:path';
import { type BundleFile, evidenceOf, type UsedFile } from '../../src/core/bundle/evidence.ts';
import type { LooseNode } from '../../src/core/bundle/nodes.ts';
import { readPaste } from '../../src/core/paste/read-paste.ts';
import { InputError } from '../errors.ts';
import type { Input } from '../input.ts';
import { type BundleSource, readBundle } from './read-bundle.ts';

/** Most nodes that are named in a sentence. */
const MOST_NAMED = 12;

/**
 * Reads a bundle: one input for each of its nodes.
 *
 * @throws InputError where it can't be read or holds nothing that is known
 */
export async function readBundleInputs(title: string, source: BundleSource): Promise<readonly Input[]> {
  const { nodes, loose, silent, others, notes } = await readBundle(basename(title), source);
  const said = [...notes, ...(others === 0 ? [] : [`not read: other files (${others})`]), ...silence(silent)];
  const inputs: Input[] = nodes.map(({ name, kind, evidence, missing, isCapture }) => ({
    title: titled(title, name),
    capture: evidence.capture,
    paste: isCapture ? undefined : { seen: [], unknown: [] },
    bundle: { kind, node: name, used: evidence.used.map(below), missing, notes: said },
  }));
  if (inputs.length === 0 && silent.length > 0) {
    inputs.push({
      title,
      capture: evidenceOf([]).capture,
      paste: { seen: [], unknown: [] },
      bundle: { kind: undefined, node: '', used: [], missing: [], notes: said },
    });
  }
  inputs.push(...loose.flatMap((node) => looseInput(title, node, said)));
  if (inputs.length > 0) return inputs;
  throw new InputError(
    `${title} holds no samples; expected capture.txt, files such as before.conntrack-S.txt and after.conntrack-S.txt, or what a node's tools printed, such as conntrack -S, dmesg or sysctl.`,
  );
}

function titled(title: string, name: string): string {
  return name === '' || name === basename(title) ? title : `${name}, ${title}`;
}

/** A file by its path below the bundle, which the title names already. */
function below(file: UsedFile): UsedFile {
  const slash = file.path.indexOf('/');
  return slash === -1 ? file : { ...file, path: file.path.slice(slash + 1) };
}

function silence(nodes: readonly string[]): readonly string[] {
  if (nodes.length === 0) return [];
  const rest = nodes.length > MOST_NAMED ? ` and ${nodes.length - MOST_NAMED} more` : '';
  return [`nothing in it tells of ${nodes.slice(0, MOST_NAMED).join(', ')}${rest}`];
}

/** Files of one node without a layout are read as if they had been pasted one after the other. */
function looseInput(title: string, { name, files }: LooseNode, notes: readonly string[]): readonly Input[] {
  const starts: { readonly line: number; readonly file: BundleFile }[] = [];
  const lines: string[] = [];
  for (const file of files) {
    lines.push(`$ cat ${file.path.replaceAll(/[^\w./-]/g, '_')}`);
    starts.push({ line: lines.length + 1, file });
    for (const line of file.text.split(/\r\n|\n|\r/)) lines.push(line);
  }
  const paste = readPaste(lines.join('\n'));
  if (paste === undefined || paste.used.length === 0) return [];
  const used = new Map<BundleFile, Set<string>>();
  for (const { from, name: piece } of paste.used) {
    const file = starts.findLast(({ line }) => line <= from)?.file;
    if (file !== undefined) used.set(file, (used.get(file) ?? new Set()).add(piece));
  }
  return [
    {
      title: titled(title, name),
      capture: paste.capture,
      paste: { seen: [], unknown: [] },
      bundle: {
        kind: undefined,
        node: name,
        used: Array.from(used, ([{ path, isCut }, names]) => below({ path, names: [...names], isCut })),
        missing: [],
        notes,
      },
    },
  ];
}
