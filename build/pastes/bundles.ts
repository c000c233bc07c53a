import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readBundleInputs } from '../../cli/bundle/bundle-inputs.ts';
import type { BundleSource } from '../../cli/bundle/read-bundle.ts';
import { judged } from '../../cli/judge.ts';
import { tarOf, xzOf } from '../../test/unit/support/archives.ts';
import {
  clusterDump,
  eksLogCollector,
  type Files,
  logdog,
  mustGather,
  sosreport,
} from '../../test/unit/support/bundles.ts';
import type { Answer } from './answers.ts';

/** What a bundle gives: which files were used of each node, and the answer. */
export interface BundleAnswer {
  readonly what: string;
  /** As it is given to `medic diagnose`. */
  readonly name: string;
  readonly nodes: readonly Answer[];
}

const SICK = { count: 262_144, full: 12 };

const tar = (files: Files): Buffer => tarOf(Object.entries(files).map(([path, body]) => ({ path, body })));

/** Files that a person saved, a folder a node. */
const FOLDERS: Files = {
  'node-a/conntrack-S.txt':
    'cpu=0 found=1 invalid=0 insert=0 insert_failed=0 drop=90000 early_drop=0 error=0 search_restart=0\n',
  'node-a/sysctl.txt': 'net.netfilter.nf_conntrack_count = 65530\nnet.netfilter.nf_conntrack_max = 65536\n',
  'node-b/conntrack-S.txt':
    'cpu=0 found=1 invalid=0 insert=0 insert_failed=0 drop=0 early_drop=0 error=0 search_restart=0\n',
  'node-b/sysctl.txt': 'net.netfilter.nf_conntrack_count = 410\nnet.netfilter.nf_conntrack_max = 65536\n',
};

const BUNDLES: readonly (readonly [what: string, name: string, content: Buffer | Files])[] = [
  [
    'The EKS log collector',
    'eks_i-0c1d2e3f4a5b6c7d8_2026-11-26_1015-UTC_0.7.9.tar.gz',
    gzipSync(tar(eksLogCollector(SICK))),
  ],
  [
    'sosreport, as it packs by default',
    'sosreport-worker-3-2026-11-26-abcdefg.tar.xz',
    xzOf(tar(sosreport({ full: 12 }))),
  ],
  ['Bottlerocket’s logdog', 'bottlerocket-logs.tar.gz', gzipSync(tar(logdog(SICK)))],
  ['`kubectl cluster-info dump`', 'cluster-state.tar.gz', gzipSync(tar(clusterDump()))],
  ['must-gather', 'must-gather.local.4711', mustGather()],
  ['A folder with a sub-folder a node', 'case-4711', FOLDERS],
];

/** Reads a bundle of each kind, made from the layout of the real tool, as `medic diagnose` does. */
export async function bundleAnswers(): Promise<readonly BundleAnswer[]> {
  const folder = mkdtempSync(join(tmpdir(), 'medic-page-'));
  try {
    const answers: BundleAnswer[] = [];
    for (const [what, name, content] of BUNDLES) {
      const source: BundleSource = Buffer.isBuffer(content)
        ? { bytes: content }
        : { folder: saved(join(folder, name), content) };
      const inputs = await readBundleInputs(name, source);
      const nodes = judged(inputs, ({ bundle }) => bundle?.node ?? '');
      answers.push({
        what,
        name,
        nodes: nodes.map(({ diagnosis, input: { bundle } }) => ({
          host: bundle === undefined || bundle.node === '' ? undefined : bundle.node,
          diagnosis,
          seen: [
            ...(bundle?.used ?? []).map(({ path, names }) => `${path}: ${names.join('; ')}`),
            ...(bundle?.notes ?? []),
          ],
        })),
      });
    }
    return answers;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function saved(root: string, files: Files): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
