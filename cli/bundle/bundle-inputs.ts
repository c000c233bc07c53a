import { basename } from 'node:path';
import { type BundleFile, evidenceOf, type UsedFile } from '../../src/core/bundle/evidence.ts';
import type { LooseNode } from '../../src/core/bundle/nodes.ts';
import { type PastedHost, readPaste, readPasteOfOneHost } from '../../src/core/paste/read-paste.ts';
import { InputError } from '../errors.ts';
import type { Input } from '../input/input.ts';
import { hostsIn } from '../input/pasted-inputs.ts';
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
  const inputs: Input[] = nodes.map(({ name, kind, evidence, missing, notes: own, isCapture }) => ({
    title: titled(title, name),
    capture: evidence.capture,
    paste: isCapture ? undefined : { seen: [], unknown: [] },
    bundle: { kind, node: name, used: evidence.used.map(below), missing, notes: [...own, ...said] },
  }));
  if (inputs.length === 0 && silent.length > 0) {
    inputs.push({
      title,
      capture: evidenceOf([]).capture,
      paste: { seen: [], unknown: [] },
      bundle: { kind: undefined, node: '', used: [], missing: [], notes: said },
    });
  }
  inputs.push(...loose.flatMap((node) => looseInputs(title, node, said)));
  if (inputs.length === 1) return inputs;
  if (inputs.length > 1) return inputs.map(asOneOfSeveral);
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

/** Of several nodes each says whose it is. */
function asOneOfSeveral(input: Input): Input {
  const { bundle, oneOf } = input;
  const node = bundle === undefined || bundle.node === '' ? undefined : bundle.node;
  return { ...input, oneOf: oneOf ?? { node, isMixed: false } };
}

/** Files without a layout are read as if they had been pasted one after the other; where no folder tells the node, they may be of several. */
function looseInputs(title: string, { name, files }: LooseNode, notes: readonly string[]): readonly Input[] {
  const starts: { readonly line: number; readonly file: BundleFile }[] = [];
  const lines: string[] = [];
  for (const file of files) {
    lines.push(`$ cat ${file.path.replaceAll(/[^\w./-]/g, '_')}`);
    starts.push({ line: lines.length + 1, file });
    for (const line of file.text.split(/\r\n|\n|\r/)) lines.push(line);
  }
  const text = lines.join('\n');
  return readAs(text, name).map((input) => {
    const used = new Map<BundleFile, Set<string>>();
    for (const { from, name: piece } of input.used) {
      const file = starts.findLast(({ line }) => line <= from)?.file;
      if (file !== undefined) used.set(file, (used.get(file) ?? new Set()).add(piece));
    }
    const node = name === '' ? (input.oneOf?.node ?? '') : name;
    return {
      title: titled(title, node),
      capture: input.capture,
      paste: { seen: [], unknown: [] },
      ...(input.oneOf === undefined ? {} : { oneOf: input.oneOf }),
      bundle: {
        kind: undefined,
        node,
        used: Array.from(used, ([{ path, isCut }, names]) => below({ path, names: [...names], isCut })),
        missing: [],
        notes,
      },
    };
  });
}

/** What a text holds of each of its hosts: of the one that its folder names, or of those that it names itself. */
function readAs(
  text: string,
  name: string,
): readonly (Pick<PastedHost, 'capture' | 'used'> & Pick<Input, 'oneOf'>)[] {
  if (name !== '') {
    const paste = readPasteOfOneHost(text);
    return paste === undefined || paste.used.length === 0 ? [] : [paste];
  }
  return hostsIn(readPaste(text))
    .filter(({ host }) => host.used.length > 0)
    .map(({ host, oneOf }) => ({ ...host, ...(oneOf === undefined ? {} : { oneOf }) }));
}
