import { type Capture, readCapture } from '../capture/capture.ts';
import { isSampleFile, readFolder } from '../capture/read-folder.ts';
import { filesOfDump, nodesOfCluster } from './cluster.ts';
import { type BundleFile, type Evidence, evidenceOf } from './evidence.ts';
import { type BundleLayout, LAYOUTS, NAMESPACE, NODE_FILES, NODE_NAME } from './layouts.ts';
import { namespaceNotes } from './namespaces.ts';
import { placeOf } from './place.ts';

/** One node of a bundle. */
export interface BundleNode {
  /** As the node calls itself, or the folder it lies in; empty where neither tells. */
  readonly name: string;
  /** What kind of bundle it is, with its article. */
  readonly kind: string;
  readonly evidence: Evidence;
  /** Files that such a bundle usually has and this one has not. */
  readonly missing: readonly string[];
  /** What else it holds of the node, a line each. */
  readonly notes: readonly string[];
  /** Whether the capture is the collector's own, or a folder of two samples, and is judged as such. */
  readonly isCapture: boolean;
}

/** What lies about without a layout: the files of one node, to be read like texts that were pasted together. */
export interface LooseNode {
  readonly name: string;
  readonly files: readonly BundleFile[];
}

/** A bundle taken apart. */
export interface Bundle {
  readonly nodes: readonly BundleNode[];
  /** Only where no layout is known and no capture was found. */
  readonly loose: readonly LooseNode[];
  /** Nodes of a cluster of which nothing is there that says anything. */
  readonly silent: readonly string[];
}

/** Names of folders that hold a part of a node and not a node. */
const PART_OF_A_NODE =
  /^(?:conntrack|net(?:work(?:ing)?)?|proc|sys(?:tem|ctls?)?|kernel|var(?:_log)?|logs?|etc|dmesg|ethtool|iptables|commands?|cmds?|output|files?|stat|tmp|host|os|run|opt|usr|mem(?:ory)?|cpu|storage|kubelet|containerd|docker|cni)$/i;

/** By path: a folder and an archive of it list the same files, each in an order of its own. */
function byPath(a: BundleFile, b: BundleFile): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** Groups the files of a bundle by node; which files count as one node's is never guessed from what they say. */
export function nodesOf(given: readonly BundleFile[]): Bundle {
  const files = given.flatMap(unfolded).toSorted(byPath);
  const captured = capturesIn(files);
  const nodes: BundleNode[] = [...captured.nodes];
  const silent: string[] = [];
  const placed = files.filter((file) => file.place !== undefined && !captured.taken.has(file));
  const roots = byRoot(placed);
  const free = files.filter(({ place, path }) => place === undefined && !isOfConfiguration(path));
  for (const [root, own] of roots) {
    const layout = layoutOf(own);
    const beside = layout === NODE_FILES ? free.filter(({ path }) => isBelow(path, root, roots)) : [];
    if (layout.of === 'node') nodes.push(nodeOf(root, layout, [...own, ...beside]));
    else {
      const cluster = nodesOfCluster(own);
      for (const [name, theirs] of cluster.files) {
        const evidence = evidenceOf(inOrder(theirs));
        if (evidence.capture.sections.length === 0) continue;
        nodes.push({
          name,
          kind: layout.name,
          evidence,
          missing: missingOf(layout, own),
          notes: [],
          isCapture: false,
        });
      }
      const told = new Set(nodes.map(({ name }) => name));
      silent.push(...[...cluster.names].filter((name) => !told.has(name)));
      if (nodes.length === 0 && silent.length === 0) nodes.push(nodeOf(root, layout, own));
    }
  }
  if (nodes.length === 0 && silent.length === 0)
    return { nodes, loose: looseNodes(files.filter(({ place }) => place === undefined)), silent };
  return { nodes, loose: foldersBeside(free, [...roots.keys()], captured.taken), silent };
}

/** A file that is read into force, perhaps, and says nothing of what is in force. */
function isOfConfiguration(path: string): boolean {
  return /(?:^|\/)etc\//.test(path);
}

/** Whether a file lies below a root, and below none that lies deeper. */
function isBelow(path: string, root: string, roots: ReadonlyMap<string, unknown>): boolean {
  const holds = (one: string) => one === '' || path.startsWith(`${one}/`);
  return holds(root) && ![...roots.keys()].some((other) => other.length > root.length && holds(other));
}

/** Folders without a layout that stand beside those of nodes: each may be a node that somebody saved by hand. */
function foldersBeside(
  files: readonly BundleFile[],
  roots: readonly string[],
  taken: ReadonlySet<BundleFile>,
): readonly LooseNode[] {
  const parents = new Set(roots.filter((root) => root.includes('/')).map((root) => split(root)[0]));
  const folderOf = ({ path }: BundleFile) => {
    const parent = [...parents].find((one) => path.startsWith(`${one}/`));
    const [folder, ...rest] = parent === undefined ? [] : path.slice(parent.length + 1).split('/');
    return folder === undefined || rest.length === 0 ? undefined : `${parent}/${folder}`;
  };
  const isKnown = (folder: string) => roots.some((root) => root === folder || root.startsWith(`${folder}/`));
  const nodes = new Map<string, BundleFile[]>();
  for (const file of files) {
    const folder = folderOf(file);
    if (folder === undefined || isKnown(folder) || taken.has(file)) continue;
    nodes.set(folder, [...(nodes.get(folder) ?? []), file]);
  }
  return [...nodes].map(([folder, own]) => ({ name: lastOf(folder), files: own }));
}

/** A dump that was printed into one file stands for the files that it would have been. */
function unfolded(file: BundleFile): readonly BundleFile[] {
  const parts = file.place === undefined ? filesOfDump(file.text) : undefined;
  if (parts === undefined) return [file];
  return [...parts].map(([name, text]) => {
    const path = `${file.path}/${name}`;
    return { path, place: placeOf(path), text, isCut: file.isCut };
  });
}

/** Captures of the collector, and folders of two samples: each is a node, and nothing else in its folder is looked at. */
function capturesIn(files: readonly BundleFile[]): {
  readonly nodes: readonly BundleNode[];
  readonly taken: ReadonlySet<BundleFile>;
} {
  const nodes: BundleNode[] = [];
  const taken = new Set<BundleFile>();
  const folders = new Map<string, BundleFile[]>();
  for (const file of files) {
    const [folder, name] = split(file.path);
    if (isSampleFile(name)) folders.set(folder, [...(folders.get(folder) ?? []), file]);
    const capture = file.place === undefined ? readCapture(file.text) : undefined;
    if (capture === undefined) continue;
    taken.add(file);
    nodes.push(captureNode(name === 'capture.txt' ? lastOf(folder) : file.path, capture, [file]));
  }
  for (const [folder, samples] of folders) {
    const capture = readFolder(new Map(samples.map(({ path, text }) => [split(path)[1], text])));
    if (capture === undefined) continue;
    for (const file of files) if (split(file.path)[0] === folder) taken.add(file);
    nodes.push(captureNode(lastOf(folder), capture, samples));
  }
  return { nodes, taken };
}

function captureNode(name: string, capture: Capture, files: readonly BundleFile[]): BundleNode {
  const used = files.map(({ path, isCut }) => ({ path, names: ['capture'], isCut }));
  return {
    name,
    kind: 'a capture',
    evidence: { capture, used, idle: [] },
    missing: [],
    notes: [],
    isCapture: true,
  };
}

function byRoot(files: readonly BundleFile[]): ReadonlyMap<string, readonly BundleFile[]> {
  const roots = new Map<string, BundleFile[]>();
  for (const file of files) {
    const root = file.place?.root ?? '';
    const own = roots.get(root);
    if (own === undefined) roots.set(root, [file]);
    else own.push(file);
  }
  return roots;
}

/** The most particular layout that names one of the files. */
function layoutOf(files: readonly BundleFile[]): BundleLayout {
  const seen = new Set(files.map(({ place }) => place?.layout));
  return LAYOUTS.find((layout) => seen.has(layout)) ?? (LAYOUTS[0] as BundleLayout);
}

function nodeOf(root: string, layout: BundleLayout, files: readonly BundleFile[]): BundleNode {
  const namespaces = new Map<string, BundleFile[]>();
  for (const file of files)
    if (file.place?.row.label === NAMESPACE)
      namespaces.set(file.place.arg, [...(namespaces.get(file.place.arg) ?? []), file]);
  const isOfNode = ({ place }: BundleFile) =>
    place?.row.label !== NODE_NAME && place?.row.label !== NAMESPACE;
  return {
    name: nameIn(files) ?? lastOf(root),
    kind: layout.name,
    evidence: evidenceOf(inOrder(files.filter(isOfNode))),
    missing: missingOf(layout, files),
    notes: namespaceNotes(namespaces),
    isCapture: false,
  };
}

function inOrder(files: readonly BundleFile[]): readonly BundleFile[] {
  const rows = LAYOUTS.flatMap(({ rows: own }) => own);
  const place = new Map(rows.map((row, index) => [row, index]));
  const of = ({ place: its }: BundleFile) =>
    its === undefined ? rows.length : (place.get(its.row) ?? rows.length);
  // Of several days of one log the newest has no number behind its name, or stands last.
  return files.toSorted(
    (a, b) => of(a) - of(b) || a.path.length - b.path.length || a.path.localeCompare(b.path),
  );
}

function missingOf(layout: BundleLayout, files: readonly BundleFile[]): readonly string[] {
  const there = new Set(files.map(({ place }) => place?.row.label));
  return [
    ...new Set(
      layout.rows
        .filter(({ isUsual, label }) => isUsual === true && !there.has(label))
        .map(({ label }) => label),
    ),
  ];
}

/** The name that the node has for itself. */
function nameIn(files: readonly BundleFile[]): string | undefined {
  const named = files.find(({ place }) => place?.row.label === NODE_NAME)?.text.trim();
  if (named !== undefined && /^[\w.-]{1,253}$/.test(named)) return named;
  const uname = files.find(({ place }) => place?.command === 'uname -a')?.text ?? '';
  return /^Linux ([\w.-]{1,253}) \d/.exec(uname)?.[1];
}

/**
 * Files without a layout. Folders side by side are a node each, unless they are called as the parts of one node are; what
 * stands above them is of none of them.
 */
function looseNodes(files: readonly BundleFile[]): readonly LooseNode[] {
  const common = commonFolder(files.map(({ path }) => path));
  const below = (path: string) => (common === '' ? path : path.slice(common.length + 1));
  const nodes = new Map<string, BundleFile[]>();
  for (const file of files) {
    const rest = below(file.path);
    const slash = rest.indexOf('/');
    const first = slash === -1 ? '' : rest.slice(0, slash);
    const name = PART_OF_A_NODE.test(first) ? '' : first;
    nodes.set(name, [...(nodes.get(name) ?? []), file]);
  }
  return [...nodes].map(([name, own]) => ({
    name,
    files: own.toSorted((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true })),
  }));
}

/** The folder that all paths share. */
function commonFolder(paths: readonly string[]): string {
  let common = split(paths[0] ?? '')[0];
  while (common !== '' && !paths.every((path) => path.startsWith(`${common}/`))) common = split(common)[0];
  return common;
}

function split(path: string): readonly [folder: string, name: string] {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)];
}

function lastOf(path: string): string {
  return split(path)[1];
}
