import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const MAX = 'proc-sys-net/netfilter/nf_conntrack_max';
const BUCKETS = 'proc-sys-net/netfilter/nf_conntrack_buckets';
const COUNT = 'proc-sys-net/netfilter/nf_conntrack_count';

/** The file that the product's raise keeps its limit in. */
export const PERSISTENCE_FILE = 'etc/sysctl.d/99-zz-conntrack-medic.conf';

/** The values and files of a replayed node's scratch root: what its scripts really changed. */
export class ScratchValues {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  get max(): number {
    return this.#read(MAX);
  }

  get buckets(): number {
    return this.#read(BUCKETS);
  }

  get count(): number {
    return this.#read(COUNT);
  }

  set(values: { max?: number; buckets?: number; count?: number }): void {
    for (const [file, value] of [
      [MAX, values.max],
      [BUCKETS, values.buckets],
      [COUNT, values.count],
    ] as const)
      if (value !== undefined) writeFileSync(join(this.#root, file), `${value}\n`);
  }

  /** Incident on top of the persistence file, or empty. */
  get incident(): string {
    return /^# medic-incident ([a-z0-9-]+)/.exec(this.#persistence())?.[1] ?? '';
  }

  /** Limit that the persistence file sets at boot, or undefined. */
  get keptMax(): number | undefined {
    const kept = /^net\.netfilter\.nf_conntrack_max\s*=\s*(\d+)/m.exec(this.#persistence())?.[1];
    return kept === undefined ? undefined : Number(kept);
  }

  /** Writes the persistence file, or removes it where there is nothing to keep. */
  keep(text: string | undefined): void {
    const file = join(this.#root, PERSISTENCE_FILE);
    if (text === undefined) rmSync(file, { force: true });
    else writeFileSync(file, text);
  }

  /** Every file below /etc with its bytes, to be compared as one text. */
  filesOfEtc(): string {
    const etc = join(this.#root, 'etc');
    return readdirSync(etc, { recursive: true, encoding: 'utf8' })
      .map((name) => join(etc, name))
      .filter((file) => !relative(etc, file).startsWith('alternatives') && statSync(file).isFile())
      .sort()
      .map((file) => `${relative(etc, file)}:${readFileSync(file, 'base64')}`)
      .join('\n');
  }

  #persistence(): string {
    try {
      return readFileSync(join(this.#root, PERSISTENCE_FILE), 'utf8');
    } catch {
      return '';
    }
  }

  #read(file: string): number {
    return Number(readFileSync(join(this.#root, file), 'utf8').trim());
  }
}
