import { catalogue } from '../../../runbooks/index.ts';
import { runbookTexts } from '../../../src/adapters/runbook-texts.ts';
import { type Capture, readCapture, textAt } from '../../../src/core/capture/capture.ts';
import { assessCapture } from '../../../src/core/diagnosis/assess.ts';
import { lastingPatches } from '../../../src/core/runbook/patches/lasting-patches.ts';
import { renderNodeRunbook } from '../../../src/core/runbook/render-runbook.ts';
import { BUILT } from './built-nodes.ts';
import { recordedCases } from './captures.ts';
import { buildNodePlan, instanceId } from './diagnoses.ts';
import { nodeOutput } from './node-output.ts';

/** One code block of a runbook, or one command in a sentence. */
export interface RunbookCommand {
  /** Failure mode of the runbook and capture that it was rendered for. */
  readonly where: string;
  readonly section: string;
  /** The text in front of a code block, or around a command in a sentence: what the reader is told of it. */
  readonly told: string;
  readonly text: string;
  readonly isBlock: boolean;
  /** Running values of kernel settings that the capture shows, by their full names. */
  readonly read: ReadonlyMap<string, number>;
}

/** A runbook as rendered for one capture. */
export interface RenderedRunbook {
  readonly where: string;
  readonly mode: string;
  readonly markdown: string;
  readonly hasPlan: boolean;
  readonly capture: Capture;
}

/** A node whose owner has set everything already: far above our usual numbers, its timeouts far below. */
const TUNED = nodeOutput({
  buckets: 1_048_576,
  sections: {
    'timeouts -': [
      'tcp_timeout_established=600',
      'tcp_timeout_close_wait=5',
      'tcp_timeout_time_wait=10',
      'tcp_timeout_syn_recv=6',
      'tcp_timeout_syn_sent=7',
      'udp_timeout=8',
      'udp_timeout_stream=60',
      'tcp_be_liberal=1',
      'tcp_loose=1',
      'expect_max=65536',
    ]
      .map((line) => `nf_conntrack_${line}`)
      .concat('netdev_max_backlog=30000')
      .join('\n'),
    'neighbours -': [
      'gc_thresh1=80000',
      'gc_thresh2=160000',
      'gc_thresh3=320000',
      'entries=319999',
      'ipv6_gc_thresh1=80000',
      'ipv6_gc_thresh2=160000',
      'ipv6_gc_thresh3=320000',
      'ipv6_entries=12',
    ].join('\n'),
  },
});

/** A node of which no setting and no interface could be read. */
const BARE = nodeOutput({
  sections: {
    'timeouts -': undefined,
    'neighbours -': undefined,
    'ethtool 0': undefined,
    'ethtool 1': undefined,
  },
});

function captures(): readonly { readonly name: string; readonly capture: Capture }[] {
  const built = [
    ...BUILT.map(({ mode, node }, index) => ({ name: `built ${mode} ${index}`, text: nodeOutput(node) })),
    { name: 'tuned', text: TUNED },
    { name: 'bare', text: BARE },
  ].map(({ name, text }) => {
    const capture = readCapture(text);
    if (capture === undefined) throw new Error(`${name} is no capture`);
    return { name, capture };
  });
  return [
    ...recordedCases().map(({ mode, name, capture }) => ({ name: `${mode}/${name}`, capture })),
    ...built,
  ];
}

/**
 * Every runbook as rendered for every capture: that of its verdict with the plan there is, and those of all other modes
 * without one, since what a node shows must never make another mode's runbook dangerous.
 */
export function renderedRunbooks(): readonly RenderedRunbook[] {
  return captures().flatMap(({ name, capture }) => {
    const node = instanceId(0);
    const { diagnosis, figures, plan } = assessCapture(capture, { instanceId: node, catalogue });
    return catalogue.map(({ id: mode }) => {
      const own = mode === diagnosis.verdict ? plan : undefined;
      const subject = { node, diagnosis: { ...diagnosis, verdict: mode }, figures, plan: own };
      const { markdown } = renderNodeRunbook(subject, catalogue, runbookTexts);
      return { where: `${mode} for ${name}`, mode, markdown, hasPlan: own !== undefined, capture };
    });
  });
}

/** Every command of a runbook in the order in which it stands there. */
export function commandsOfRunbook({ where, markdown, capture }: RenderedRunbook): readonly RunbookCommand[] {
  const read = settingsRead(capture);
  const commands: RunbookCommand[] = [];
  let section = '';
  let told = '';
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const heading = /^## (.+)$/.exec(line)?.[1];
    const fence = /^\s*```(\w*)$/.exec(line)?.[1];
    if (heading !== undefined) [section, told] = [heading, ''];
    else if (fence !== undefined) {
      const end = lines.findIndex((one, index) => index > at && /^\s*```$/.test(one));
      const text = lines.slice(at + 1, end).join('\n');
      const bootScript = /^#!\/bin\/sh\n([^]*?)(?=\n--|$(?![^]))/m.exec(text)?.[1];
      if (fence === 'sh') commands.push({ where, section, told, text, isBlock: true, read });
      else if (bootScript !== undefined)
        commands.push({ where, section, told, text: bootScript, isBlock: true, read });
      at = end;
    } else if (line.trim() !== '') {
      told = line;
      for (const [, text = ''] of line.matchAll(/`([^`]+)`/g))
        if (/^(?:sysctl -w|helm |kubectl )/.test(text))
          commands.push({ where, section, told, text, isBlock: false, read });
    }
  }
  return commands;
}

/** Commands of the patches that make a raise last, on each platform, as the thread shows them once it stands. */
export function commandsOfPatches(): readonly RunbookCommand[] {
  const [max, buckets] = [
    { from: 131_072, to: 458_752 },
    { from: 32_768, to: 458_752 },
  ];
  const raise = buildNodePlan({ max, buckets, kubeProxy: { maxPerCore: 0, min: 458_752, isEks: true } });
  const read = new Map([
    ['net.netfilter.nf_conntrack_max', max.from],
    ['net.netfilter.nf_conntrack_buckets', buckets.from],
  ]);
  const known = { instanceId: instanceId(0), cluster: 'shop', region: 'eu-central-1' };
  const nodes = [
    { ...known, nodeGroup: 'checkout' },
    { ...known, nodePool: 'general' },
    { instanceId: instanceId(0) },
  ];
  return [...nodes, { ...known, platform: 'Bottlerocket' }].flatMap((node) =>
    lastingPatches(raise, node).flatMap(({ title, note, language, text }) =>
      language === 'sh'
        ? [{ where: title, section: 'Make it last', told: note, text, isBlock: true, read }]
        : [],
    ),
  );
}

/** What the capture itself says of settings, read here by other means than the product's. */
function settingsRead(capture: Capture): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  const put = (text: string | undefined, prefix: (name: string) => string) => {
    for (const [, name = '', value] of (text ?? '').matchAll(/^([\w.]+)\s*=\s*(\d+)$/gm))
      values.set(prefix(name), Number(value));
  };
  for (const sample of [0, 1] as const) {
    put(textAt(capture, 'sysctl', sample), (name) => name);
    put(textAt(capture, 'conntrack', sample), (name) => `net.netfilter.${name}`);
  }
  put(textAt(capture, 'timeouts'), (name) =>
    name === 'netdev_max_backlog' ? `net.core.${name}` : `net.netfilter.${name}`,
  );
  put(textAt(capture, 'neighbours'), (name) =>
    name.startsWith('ipv6_') ? `net.ipv6.neigh.default.${name.slice(5)}` : `net.ipv4.neigh.default.${name}`,
  );
  return values;
}
