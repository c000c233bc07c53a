import { writeFileSync } from 'node:fs';
import { command } from './command.ts';
import { LAB_ADDRESSES, type LabInterfaces, translationRules, untrackedRules } from './lab-rules.ts';

/** Names of everything that the lab adds to the machine's network; the id keeps them apart from anybody else's. */
export function labNames(id: string): { client: string; pod: string; interfaces: LabInterfaces } {
  return {
    client: `medic-cli-${id}`,
    pod: `medic-pod-${id}`,
    interfaces: { client: `mdc${id}`, pod: `mdp${id}` },
  };
}

/**
 * Builds client namespace ↔ this machine ↔ pod namespace. NOTRACK comes first, in a transaction of its own, so
 * that not one packet of the machine's own traffic is ever tracked on the lab's account.
 */
export async function buildLabNetwork(id: string): Promise<void> {
  const { client, pod, interfaces } = labNames(id);
  await command('nft', ['-f', '-'], untrackedRules(interfaces));
  await command('nft', ['-f', '-'], translationRules(interfaces));
  await addNamespace(client, interfaces.client, LAB_ADDRESSES.node, LAB_ADDRESSES.clients);
  await addNamespace(pod, interfaces.pod, LAB_ADDRESSES.podGateway, LAB_ADDRESSES.pods);
  await inNamespace(client, [
    'sysctl',
    '-qw',
    'net.ipv4.ip_local_port_range=1024 65535',
    'net.ipv4.tcp_tw_reuse=1',
  ]);
  await inNamespace(pod, ['sysctl', '-qw', 'net.core.somaxconn=4096']);
}

/** Runs one short command in a namespace. */
export function inNamespace(namespace: string, args: readonly string[]): Promise<string> {
  return command('ip', ['netns', 'exec', namespace, ...args]);
}

async function addNamespace(
  namespace: string,
  link: string,
  nodeAddress: string,
  addresses: readonly string[],
): Promise<void> {
  await command('ip', ['netns', 'add', namespace]);
  await command('ip', ['link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace]);
  await command('ip', ['address', 'add', `${nodeAddress}/24`, 'dev', link]);
  await command('ip', ['link', 'set', link, 'up']);
  await command('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
  for (const address of addresses)
    await command('ip', ['-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0']);
  await command('ip', ['-n', namespace, 'link', 'set', 'eth0', 'up']);
  await command('ip', ['-n', namespace, 'route', 'add', 'default', 'via', nodeAddress]);
  // Forwarding belongs to the lab's two interfaces alone and goes with them; the machine's ip_forward is not touched.
  writeFileSync(`/proc/sys/net/ipv4/conf/${link}/forwarding`, '1');
}
