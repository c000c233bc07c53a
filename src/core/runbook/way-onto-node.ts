import type { IncidentHead, IncidentNode } from '../record/incident.ts';
import { nameFor } from './patches/patch.ts';

/** The id of an EC2 instance, or of a machine registered with Systems Manager, that may stand in a command. */
export function ec2InstanceId(node: string | undefined): string | undefined {
  return node !== undefined && /^m?i-[0-9a-f]{1,32}$/.test(node) ? node : undefined;
}

/** A node with the place that it is in: the alarm's own, where the record names no other. */
export function placed(node: IncidentNode, { alarm }: Pick<IncidentHead, 'alarm'>): IncidentNode {
  return { ...node, account: node.account ?? alarm.accountId, region: node.region ?? alarm.region };
}

/**
 * How to get a shell on the node: what every step of a runbook begins with. Where the node is not known, as of a capture that
 * somebody sent, its id is the reader's to put in.
 *
 * @returns Markdown
 */
export function wayOntoNode(node: string | undefined, identity: IncidentNode | undefined): string {
  const instance = ec2InstanceId(node);
  const { account, region, platform } = identity ?? {};
  const where = region === undefined ? '' : ` --region ${nameFor(region, 'region')}`;
  const whose =
    account !== undefined && /^\d{12}$/.test(account) ? `, with credentials of account ${account}` : '';
  const which = instance === undefined ? ', with its EC2 instance id for `INSTANCE`' : '';
  const asRoot =
    platform === 'Bottlerocket'
      ? 'From its control container `enter-admin-container`, then `sudo sheltie`, leads to a root shell of the host, where few tools are installed; /proc and /sys are there.'
      : 'Then `sudo -i`. What begins with `kubectl` runs where you have it, not on the node.';
  return `The way onto the node${whose}${which}:\n\n\`\`\`sh\naws ssm start-session --target ${instance ?? 'INSTANCE'}${where}\n\`\`\`\n\n${asRoot}`;
}
