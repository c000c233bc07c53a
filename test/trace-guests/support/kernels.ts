import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Kernels of one series, and the suite of Debian that has the newest of them. */
export interface Series {
  readonly series: string;
  readonly suite: string;
}

/**
 * Those of the images of Amazon Linux 2023 for EKS (6.1 up to Kubernetes 1.32, 6.12 up to 1.35, 6.18 from 1.36), and the newest that
 * Debian has for its stable release: what nodes will run next.
 */
export const SERIES: readonly Series[] = [
  { series: '6.1', suite: 'bookworm' },
  { series: '6.12', suite: 'bookworm-backports' },
  { series: '6.18', suite: 'trixie-backports' },
  { series: 'newest', suite: 'trixie-backports' },
];

/** Packages of the cloud kernel in suites that this machine's apt need not be configured with. */
export class KernelPackages {
  /** The mirror of Debian that apt is configured with here. */
  readonly mirror: string;
  readonly #folder: string;

  /**
   * Reads the suites' lists of packages into this folder; what apt has of its own stays as it is.
   * @throws Error where a suite can not be had
   */
  constructor(folder: string) {
    this.#folder = folder;
    const suites = new Set(SERIES.map(({ suite }) => suite));
    this.mirror = mirrorOf(run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Origin: Debian']));
    for (const name of ['lists/partial', 'cache/archives/partial'])
      mkdirSync(join(folder, name), { recursive: true });
    const signed = 'signed-by=/usr/share/keyrings/debian-archive-keyring.gpg';
    writeFileSync(
      join(folder, 'sources.list'),
      [...suites].map((suite) => `deb [target=Packages ${signed}] ${this.mirror} ${suite} main\n`).join(''),
    );
    writeFileSync(
      join(folder, 'apt.conf'),
      `Dir::State::lists "${folder}/lists";
Dir::Cache "${folder}/cache";
Dir::Etc::sourcelist "${folder}/sources.list";
Dir::Etc::sourceparts "-";
APT::Sandbox::User "root";
Acquire::Languages "none";
`,
    );
    this.#apt('apt-get', 'update', '-q', '--error-on=any');
  }

  /**
   * The newest kernel of a series, as its packages call it: `6.1.0-57-cloud-amd64`.
   * @throws Error where there is none
   */
  newest({ series, suite }: Series): string {
    const begin = series === 'newest' ? '' : `${series}.`;
    const names = this.#named(`^linux-image-${begin.replaceAll('.', '[.]')}[0-9].*-cloud-amd64$`);
    const [newest] = names.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
    if (newest === undefined) throw new Error(`Debian's ${suite} has no cloud kernel ${series}.`);
    return newest.replace('linux-image-', '');
  }

  /** Downloads a kernel and its modules into a folder: one package, or since 7.2 several. */
  download(version: string, folder: string): void {
    const plain = version.replaceAll(/[.+]/g, '[$&]');
    const names = this.#named(`^linux-(image|base|binary|modules)-${plain}$`);
    this.#apt('env', '-C', folder, 'apt-get', '-q', 'download', ...names);
  }

  #named(pattern: string): readonly string[] {
    const found = this.#apt('apt-cache', 'search', '--names-only', pattern);
    return found.split('\n').flatMap((line) => /^(\S+) - /.exec(line)?.[1] ?? []);
  }

  #apt(command: string, ...parameters: readonly string[]): string {
    return run(command, parameters, { APT_CONFIG: join(this.#folder, 'apt.conf') });
  }
}

function mirrorOf(targets: string): string {
  const mirror = targets.split('\n').find((uri) => /\/debian\/?$/.test(uri));
  if (mirror === undefined)
    throw new Error('apt on this machine knows no Debian mirror; run apt-get update.');
  return mirror;
}

function run(
  command: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): string {
  return execFileSync(command, parameters, {
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, ...environment },
  });
}
