/** Protocol counters of network namespaces other than the collector's. */
export interface PodCounters {
  /** Namespaces that were found, and of these read. */
  readonly found: number;
  readonly read: number;
  /** Processes that did not tell their namespace. */
  readonly hidden: number;
  readonly names: readonly string[];
  /** Counters by inode number of the namespace. */
  readonly counters: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
}

/**
 * Reads the `pods` section: `namespaces=<n> read=<m> hidden=<h>`, then `names <counter> …`, then `netns <inode> <value> …` a line.
 *
 * @returns `undefined` without the first two lines
 */
export function parsePodCounters(text: string): PodCounters | undefined {
  const [, found, read, hidden] = /^namespaces=(\d{1,7}) read=(\d{1,7}) hidden=(\d{1,7})$/m.exec(text) ?? [];
  const names = /^names ([A-Za-z0-9 ]{1,400})$/m.exec(text)?.[1]?.split(' ');
  if (found === undefined || read === undefined || names === undefined) return undefined;
  const counters = new Map(
    Array.from(text.matchAll(/^netns (\d{1,20}) ([\d ]{1,400})$/gm), ([, netns = '', cells = '']) => {
      const values = cells.trim().split(/ +/);
      return [
        netns,
        new Map(
          names.flatMap((name, index) => {
            const digits = values[index];
            return digits !== undefined && /^\d{1,20}$/.test(digits) ? [[name, BigInt(digits)] as const] : [];
          }),
        ),
      ] as const;
    }),
  );
  return { found: Number(found), read: Number(read), hidden: Number(hidden), names, counters };
}
