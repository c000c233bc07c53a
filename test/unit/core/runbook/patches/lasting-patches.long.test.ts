import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import fc from 'fast-check';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { IncidentNode } from '../../../../../src/core/record/incident.ts';
import type { RaisePlan } from '../../../../../src/core/record/plan.ts';
import { lastingPatches } from '../../../../../src/core/runbook/patches/lasting-patches.ts';
import type { Patch } from '../../../../../src/core/runbook/patches/patch.ts';
import { anyText } from '../../../support/any-text.ts';
import { buildNodePlan } from '../../../support/diagnoses.ts';

const MANAGED: IncidentNode = {
  instanceId: 'i-1',
  cluster: 'shop',
  region: 'eu-central-1',
  nodeGroup: 'checkout',
};
const KARPENTER: IncidentNode = { instanceId: 'i-1', cluster: 'shop', nodePool: 'general' };
const kubeProxy = { min: 458_752, isEks: true };
const plan = (changes: Partial<RaisePlan> = {}) =>
  buildNodePlan({
    max: { from: 131_072, to: 458_752 },
    buckets: { from: 32_768, to: 458_752 },
    kubeProxy,
    ...changes,
  });

function patch(patches: readonly Patch[], title: string): Patch {
  const found = patches.find((one) => one.title === title);
  if (found === undefined)
    throw new Error(`no patch "${title}" among ${patches.map((one) => one.title).join()}`);
  return found;
}

const titles = (patches: readonly Patch[]) => patches.map(({ title }) => title);

describe('which patches there are', () => {
  it('puts those first that fit the platform, and leaves out those that do not', () => {
    expect(titles(lastingPatches(plan(), MANAGED))).toEqual([
      "kube-proxy's configuration",
      'User data for new nodes',
      'EKS add-on kube-proxy',
      'eksctl',
      'Terraform',
      'AWS CDK',
    ]);
    expect(titles(lastingPatches(plan(), KARPENTER)).slice(0, 2)).toEqual([
      "kube-proxy's configuration",
      'Karpenter EC2NodeClass',
    ]);
    expect(titles(lastingPatches(plan(), { ...MANAGED, platform: 'Bottlerocket' })).slice(1, 3)).toEqual([
      'Bottlerocket user data for new nodes',
      'Bottlerocket, on a node that runs',
    ]);
    const { kubeProxy: _none, ...without } = plan();
    expect(titles(lastingPatches(without, { instanceId: 'i-1' }))).toEqual([
      'User data for new nodes',
      'Terraform',
      'AWS CDK',
    ]);
  });
});

const CONFIG = `apiVersion: v1
kind: ConfigMap
metadata:
  name: kube-proxy-config
data:
  config: |-
    apiVersion: kubeproxy.config.k8s.io/v1alpha1
    conntrack:
      maxPerCore: 32768
      min: 131072
      tcpCloseWaitTimeout: 1h0m0s
    iptables:
      minSyncPeriod: 0s
    kind: KubeProxyConfiguration
`;

/** Runs the commands with a kubectl that knows one ConfigMap, and returns what was applied. */
function applied(commands: string, config: string): { config: unknown; out: string } {
  const kubectl = `kubectl() {
    case "$*" in
      *apply*) cat >"$STATE/new" && mv "$STATE/new" "$STATE/config" ;;
      *get*) cat "$STATE/config" ;;
      *) echo "$*" ;;
    esac
  }`;
  const state = mkdtempSync(join(tmpdir(), 'medic-patch-'));
  try {
    const result = spawnSync(
      'sh',
      ['-eu', '-c', `printf '%s' "$CONFIG" >"$STATE/config"\n${kubectl}\n${commands}`],
      {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], STATE: state, CONFIG: config },
      },
    );
    expect(result.stderr).toBe('');
    const map = parseYaml(readFileSync(join(state, 'config'), 'utf8')) as { data: { config: string } };
    return { config: parseYaml(map.data.config), out: result.stdout };
  } finally {
    rmSync(state, { recursive: true });
  }
}

describe("the patch of kube-proxy's configuration", () => {
  it('changes min in the file inside of the ConfigMap and nothing else', () => {
    const { text } = patch(lastingPatches(plan(), MANAGED), "kube-proxy's configuration");
    const { config, out } = applied(text, CONFIG);
    expect(config).toEqual({
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      conntrack: { maxPerCore: 32_768, min: 458_752, tcpCloseWaitTimeout: '1h0m0s' },
      iptables: { minSyncPeriod: '0s' },
      kind: 'KubeProxyConfiguration',
    });
    expect(out).toContain('rollout restart daemonset kube-proxy');
  });

  it('takes maxPerCore out of the way where its cap would hide min', () => {
    const large = plan({ kubeProxy: { maxPerCore: 1, min: 3_538_944, isEks: true } });
    const { text } = patch(lastingPatches(large, MANAGED), "kube-proxy's configuration");
    expect(applied(text, CONFIG).config).toMatchObject({ conntrack: { maxPerCore: 1, min: 3_538_944 } });
  });
});

describe('the other patches', () => {
  it('are good shell, and the add-on gets its values as JSON', () => {
    const all = [
      ...lastingPatches(plan(), MANAGED),
      ...lastingPatches(plan({ isBottlerocket: true }), MANAGED),
    ];
    for (const { text } of all.filter(
      ({ language, title }) => language === 'sh' && title !== 'User data for new nodes',
    ))
      expect(spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' })).toMatchObject({
        status: 0,
        stderr: '',
      });
    const { text } = patch(all, 'EKS add-on kube-proxy');
    const values: unknown = JSON.parse(/jq -c '\. \* (\{.*\})'/.exec(text)?.[1] ?? '');
    expect(values).toEqual({ conntrack: { min: 458_752 } });
  });

  it('gives eksctl a cluster that parses', () => {
    const cluster: unknown = parseYaml(patch(lastingPatches(plan(), MANAGED), 'eksctl').text);
    expect(cluster).toMatchObject({
      metadata: { name: 'shop', region: 'eu-central-1' },
      addons: [
        {
          name: 'kube-proxy',
          resolveConflicts: 'preserve',
          configurationValues: '{"conntrack":{"min":458752}}',
        },
      ],
    });
  });

  it('speaks of kube-proxy beside the user data of Bottlerocket only where it may undo the raise', () => {
    const noteOf = (changes: Partial<RaisePlan>) =>
      patch(
        lastingPatches(plan({ isBottlerocket: true, ...changes }), MANAGED),
        'Bottlerocket user data for new nodes',
      ).note;
    expect(noteOf({})).toContain('kube-proxy undoes them when it starts, or may');
    expect(noteOf({ kubeProxy: undefined })).not.toContain('kube-proxy');
  });

  it('gives Bottlerocket its settings as strings, in TOML and in JSON', () => {
    const settings = {
      settings: {
        kernel: {
          sysctl: {
            'net.netfilter.nf_conntrack_buckets': '458752',
            'net.netfilter.nf_conntrack_max': '458752',
          },
        },
      },
    };
    const patches = lastingPatches(plan({ isBottlerocket: true }), MANAGED);
    expect(parseToml(patch(patches, 'Bottlerocket user data for new nodes').text)).toEqual(settings);
    const { text } = patch(patches, 'Bottlerocket, on a node that runs');
    // The command takes what stands below `settings` (Bottlerocket, apiclient, JSON input).
    expect(JSON.parse(/'(.*)'/.exec(text)?.[1] ?? '')).toEqual(settings.settings);
    const ofKarpenter = patch(
      lastingPatches(plan({ isBottlerocket: true }), KARPENTER),
      'Karpenter EC2NodeClass',
    );
    const { spec } = parseYaml(ofKarpenter.text) as { spec: { userData: string } };
    expect(parseToml(spec.userData)).toEqual(settings);
  });

  it('gives Karpenter, Terraform and the CDK the same user data', () => {
    const managed = lastingPatches(plan(), MANAGED);
    const { text: userData } = patch(managed, 'User data for new nodes');
    const { spec } = parseYaml(patch(lastingPatches(plan(), KARPENTER), 'Karpenter EC2NodeClass').text) as {
      spec: { userData: string };
    };
    expect(spec.userData.trim()).toBe(userData);
    const heredoc = /<<-EOT\n([\s\S]*?)\n {4}EOT\n/.exec(patch(managed, 'Terraform').text)?.[1] ?? '';
    expect(heredoc.replaceAll(/^ {4}/gm, '')).toBe(userData);
    const cdk = patch(managed, 'AWS CDK').text;
    expect(() => transformSync(cdk, { loader: 'ts' })).not.toThrow();
    const lines: unknown = JSON.parse(/const userData = (\[[\s\S]*?\n\])\.join/.exec(cdk)?.[1] ?? '');
    expect(lines).toEqual(userData.split('\n'));
  });

  it.each([
    ['higher', '1048576'],
    ['no limit', '0'],
  ])('writes nothing on a new node whose limit is %s', (_, now) => {
    expect(bootedWith(now)).toEqual({ stdout: '', status: 0, files: [undefined, undefined, undefined] });
  });

  it.each([
    ['lower', '262144'],
    ['not read', ''],
  ])(
    'writes on a new node whose limit is %s the module, the buckets and the limit, in files that sort before ours',
    (_, now) => {
      expect(bootedWith(now)).toEqual({
        stdout: '-p /etc/sysctl.d/99-zy-conntrack.conf\n',
        status: 0,
        files: [
          'nf_conntrack\n',
          'options nf_conntrack hashsize=458752\n',
          'net.netfilter.nf_conntrack_buckets = 458752\nnet.netfilter.nf_conntrack_max = 458752\n',
        ],
      });
    },
  );

  /** Runs the user data in a folder of its own, on a node that has this limit; empty where it can't be read. */
  function bootedWith(now: string) {
    const { text } = patch(lastingPatches(plan(), MANAGED), 'User data for new nodes');
    const [, boundary = ''] = /boundary="(.*)"/.exec(text) ?? [];
    const part = text.split(`--${boundary}`)[1] ?? '';
    expect(part).toContain('Content-Type: text/x-shellscript');
    const script = part.slice(part.indexOf('#!/bin/sh'));
    const root = mkdtempSync(join(tmpdir(), 'medic-boot-'));
    try {
      for (const folder of ['modules-load.d', 'modprobe.d', 'sysctl.d'])
        mkdirSync(join(root, 'etc', folder), { recursive: true });
      const stubs = `modprobe() { return 1; }\nsysctl() { if [ "$1" = -n ]; then echo '${now}'; else echo "$@"; fi; }\n`;
      const { stdout, status } = spawnSync('sh', ['-c', stubs + script.replaceAll('/etc/', `${root}/etc/`)], {
        encoding: 'utf8',
      });
      const files = [
        'modules-load.d/99-conntrack.conf',
        'modprobe.d/99-conntrack.conf',
        'sysctl.d/99-zy-conntrack.conf',
      ].map((path) => {
        const file = join(root, 'etc', path);
        return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
      });
      return { stdout: stdout.replaceAll(root, ''), status, files };
    } finally {
      rmSync(root, { recursive: true });
    }
  }

  it('never put a foreign name into code that is more than a name', () => {
    const textWith = (name: string) =>
      lastingPatches(plan(), { instanceId: 'i-1', cluster: name, region: name, nodeGroup: name })
        .map(({ text, note }) => `${text}${note}`)
        .join('\n');
    // What the patches say of themselves may hold a short name too.
    const own = textWith('');
    fc.assert(
      fc.property(anyText(60), (name) => {
        const isName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name);
        expect(isName || own.includes(name) || !textWith(name).includes(name)).toBe(true);
      }),
      { examples: [['_pr'], [' '], ['']] },
    );
    const evil = { instanceId: 'i-1', cluster: "x'; reboot; '", nodePool: '"$(reboot)"' };
    for (const { text, note } of lastingPatches(plan(), evil))
      expect(`${text}${note}`).not.toContain('reboot');
  });
});
