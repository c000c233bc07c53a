import { nameFor, type Patch, type PatchFacts } from './patch.ts';

/** Sorts after the usual link to /etc/sysctl.conf and before the file of our own raise, which may set more. */
const SYSCTL_FILE = '/etc/sysctl.d/99-zy-conntrack.conf';

/**
 * What a new node runs once at its first boot: module first, since systemd-sysctl sets no key of a module that is not
 * loaded (man 5 sysctl.d), buckets before the limit. A larger node type may start with more than the plan's numbers (the
 * kernel sizes by memory, kube-proxy by cores), so nothing is written where the limit is not lower.
 */
function bootScript({ max, buckets }: PatchFacts): readonly string[] {
  return [
    '#!/bin/sh',
    'set -eu',
    'modprobe nf_conntrack || true',
    'now=$(sysctl -n net.netfilter.nf_conntrack_max 2>/dev/null || true)',
    `if test -n "$now" && { test "$now" -eq 0 || test "$now" -gt ${max}; }; then exit 0; fi`,
    'echo nf_conntrack >/etc/modules-load.d/99-conntrack.conf',
    `echo 'options nf_conntrack hashsize=${buckets}' >/etc/modprobe.d/99-conntrack.conf`,
    `printf '%s\\n' 'net.netfilter.nf_conntrack_buckets = ${buckets}' 'net.netfilter.nf_conntrack_max = ${max}' >${SYSCTL_FILE}`,
    `sysctl -p ${SYSCTL_FILE}`,
  ];
}

const BOUNDARY = '==CONNTRACK==';

/** User data of a launch template: EKS joins its own parts to a multi-part text, nodeadm's NodeConfig among them. */
function userData(facts: PatchFacts): string {
  if (facts.isBottlerocket) return bottlerocketSettings(facts);
  return [
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${BOUNDARY}"`,
    '',
    `--${BOUNDARY}`,
    'Content-Type: text/x-shellscript; charset="us-ascii"',
    '',
    ...bootScript(facts),
    '',
    `--${BOUNDARY}--`,
  ].join('\n');
}

/** Values are strings; buckets and limit are keys of the same kind there, and there is no setting for hashsize. */
function bottlerocketSettings({ max, buckets }: PatchFacts): string {
  return [
    '[settings.kernel.sysctl]',
    `"net.netfilter.nf_conntrack_buckets" = "${buckets}"`,
    `"net.netfilter.nf_conntrack_max" = "${max}"`,
  ].join('\n');
}

/** What a node gets that boots from a launch template. */
export function launchTemplatePatch(facts: PatchFacts): Patch | undefined {
  if (facts.isBottlerocket || facts.nodePool !== undefined) return undefined;
  const where =
    facts.nodeGroup === undefined
      ? 'the launch template'
      : `the launch template of node group ${nameFor(facts.nodeGroup, 'node-group')}`;
  return {
    title: 'User data for new nodes',
    note: `Goes into ${where}, beside the parts that are there; NodeConfig of nodeadm has no field for it. A new version of the template replaces nodes.`,
    language: 'text',
    text: userData(facts),
  };
}

/** Settings of Bottlerocket, for its user data and for a node that runs. */
export function bottlerocketPatches(facts: PatchFacts): readonly Patch[] {
  if (!facts.isBottlerocket) return [];
  const sysctl = {
    'net.netfilter.nf_conntrack_buckets': String(facts.buckets),
    'net.netfilter.nf_conntrack_max': String(facts.max),
  };
  return [
    {
      title: 'Bottlerocket user data for new nodes',
      note: `Add these lines to the TOML of the launch template or the EC2NodeClass.${
        facts.kubeProxy === undefined
          ? ''
          : ' kube-proxy undoes them when it starts, or may, until its own configuration is changed too.'
      }`,
      language: 'toml',
      text: bottlerocketSettings(facts),
    },
    {
      title: 'Bottlerocket, on a node that runs',
      note: 'In the control container. It lasts over reboots and updates, not over a replacement.',
      language: 'sh',
      text: `apiclient set --json '${JSON.stringify({ kernel: { sysctl } })}'`,
    },
  ];
}

/** What nodes get that Karpenter makes. */
export function karpenterPatch(facts: PatchFacts): Patch | undefined {
  if (facts.nodePool === undefined) return undefined;
  const pool = nameFor(facts.nodePool, 'node-pool');
  return {
    title: 'Karpenter EC2NodeClass',
    note: `Save it as user-data.yaml; kubectl get nodepool ${pool} -o jsonpath='{.spec.template.spec.nodeClassRef.name}' tells the NAME, and kubectl get ec2nodeclass NAME -o jsonpath='{.spec.userData}' what is there: put both into one, for kubectl patch ec2nodeclass NAME --type merge --patch-file user-data.yaml replaces it. The change drifts and replaces the pool's nodes.`,
    language: 'yaml',
    text: ['spec:', '  userData: |', ...indented(userData(facts), 4)].join('\n'),
  };
}

/** The same as Terraform writes it. */
export function terraformPatch(facts: PatchFacts): Patch | undefined {
  if (facts.nodePool !== undefined) return undefined;
  const addOn =
    facts.kubeProxy === undefined || !facts.isEks
      ? []
      : [
          '',
          'resource "aws_eks_addon" "kube_proxy" {',
          `  cluster_name                = "${nameFor(facts.cluster, 'cluster')}"`,
          '  addon_name                  = "kube-proxy"',
          '  resolve_conflicts_on_update = "PRESERVE"',
          '}',
        ];
  return {
    title: 'Terraform',
    note: 'The two arguments that matter; keep what else your resources have.',
    language: 'hcl',
    text: [
      'resource "aws_launch_template" "nodes" {',
      '  user_data = base64encode(<<-EOT',
      ...indented(userData(facts), 4),
      '    EOT',
      '  )',
      '}',
      ...addOn,
    ].join('\n'),
  };
}

/** The same as the CDK writes it. */
export function cdkPatch(facts: PatchFacts): Patch | undefined {
  if (facts.nodePool !== undefined) return undefined;
  return {
    title: 'AWS CDK',
    note: 'Give the template to launchTemplateSpec of the node group.',
    language: 'typescript',
    text: [
      "import { CfnLaunchTemplate } from 'aws-cdk-lib/aws-ec2';",
      "import { Fn } from 'aws-cdk-lib';",
      '',
      `const userData = ${JSON.stringify(userData(facts).split('\n'), null, 2)}.join('\\n');`,
      "new CfnLaunchTemplate(this, 'Nodes', {",
      '  launchTemplateData: { userData: Fn.base64(userData) },',
      '});',
    ].join('\n'),
  };
}

function indented(text: string, spaces: number): string[] {
  return text.split('\n').map((line) => (line === '' ? '' : `${' '.repeat(spaces)}${line}`));
}
