/** Protocol counters of network namespaces other than the collector's, at one sample. */
export interface PodCounters {
  /** Namespaces that were found, and of these read. */
  readonly found: number;
  readonly read: number;
  /** Processes that did not tell their namespace. */
  readonly hidden: number;
  readonly names: readonly string[];
  /** Counters by inode number of the namespace. */
  readonly counters: ReadonlyMap<string, NamespaceCounters>;
  /** Namespaces of which the collector knows that they began after its first sample. */
  readonly began: ReadonlySet<string>;
  /** The sum of all that were read at both samples and are not listed; `undefined` where nobody added them up. */
  readonly others: { readonly namespaces: number; readonly counters: NamespaceCounters } | undefined;
}

/** Counters of one namespace, or of several added up, by `<Protocol><Name>`. */
export type NamespaceCounters = ReadonlyMap<string, bigint>;

/**
 * Reads the `pods` section: `namespaces=<n> read=<m> hidden=<h>`, then `names <counter> …`, then a line a namespace:
 * `netns <inode> <value> …`, `began <inode> <value> …` for one that began between the samples, and `others <n> <value> …`
 * for the sum of n that are not listed.
 *
 * @returns `undefined` without the first two lines
 */
export function parsePodCounters(text: string): PodCounters | undefined {
  const [, found, read, hidden] = /^namespaces=(\d{1,7}) read=(\d{1,7}) hidden=(\d{1,7})$/m.exec(text) ?? [];
  const names = /^names ([A-Za-z0-9 ]{1,400})$/m.exec(text)?.[1]?.split(' ');
  if (found === undefined || read === undefined || names === undefined) return undefined;
  const counters = new Map<string, NamespaceCounters>();
  const began = new Set<string>();
  let others: PodCounters['others'];
  for (const [, kind, which = '', cells = ''] of text.matchAll(
    /^(netns|began|others) (\d{1,20}) ([\d ]{1,400})$/gm,
  )) {
    const values = countersIn(names, cells);
    if (kind === 'others') {
      others = { namespaces: Number(which), counters: values };
      continue;
    }
    counters.set(which, values);
    if (kind === 'began') began.add(which);
  }
  return { found: Number(found), read: Number(read), hidden: Number(hidden), names, counters, began, others };
}

function countersIn(names: readonly string[], cells: string): NamespaceCounters {
  const values = cells.trim().split(/ +/);
  return new Map(
    names.flatMap((name, index) => {
      const digits = values[index];
      return digits !== undefined && /^\d{1,20}$/.test(digits) ? [[name, BigInt(digits)] as const] : [];
    }),
  );
}
