import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../runbooks/index.ts';
import { readCapture } from '../../src/core/capture/capture.ts';
import { diagnose } from '../../src/core/diagnosis/diagnose.ts';
import { snapshotOf } from '../../src/core/snapshot/snapshot-of.ts';
import { collectorFile } from './support/collected.ts';
import { isReadableInNamespace, NETWORK_NAMESPACE } from './support/network-namespace.ts';
import { has, hasNamespaces, run } from './support/shells.ts';
import { temporaryDirectory } from './support/temporary.ts';

/** The collector asks for legacy rules only where this file names their table. */
const showsLegacyTables = () =>
  isReadableInNamespace('/proc/net/ip_tables_names', 'iptables-legacy -t nat -S');

/** So many chains beside that rule that its own tool prints them, for kube-proxy and a table of nft's own. */
const CHAINS = `{ echo '*nat'; seq -f ':KUBE-SEP-%.0f -' 1200; echo COMMIT; } | iptables-nft-restore -n
nft 'table ip own { chain out { type nat hook output priority -90; udp dport 5399 dnat to 10.9.0.4:5301; }; }'`;

const TOOLS = [
  ['iptables-nft', '', 'iptables-nft -t nat', ':'],
  ['iptables-nft', ' among many chains', 'iptables-nft -t nat', CHAINS],
  ['iptables-legacy', '', 'iptables-legacy -t nat', ':'],
  ['nft', '', undefined, ':'],
] as const;

/** Whether rules of this tool can be made and read here. */
const isUsable = (tool: string) =>
  hasNamespaces() && has(tool) && (tool !== 'iptables-legacy' || showsLegacyTables());

describe.each(TOOLS)(
  'a UDP flow whose backend %s moved%s, in a namespace of its own',
  { concurrent: true },
  (tool, _, iptables, prepare) => {
    const clear = iptables === undefined ? 'nft flush ruleset' : `${iptables} -F OUTPUT`;
    const rule = (backend: string) =>
      iptables === undefined
        ? `nft 'table ip services { chain out { type nat hook output priority -100; ip daddr 10.9.0.3 udp dport 5300 dnat to ${backend}:5301; }; }'`
        : `${iptables} -A OUTPUT -d 10.9.0.3 -p udp -m udp --dport 5300 -j DNAT --to-destination ${backend}:5301`;
    const traffic = `const { createSocket } = require('node:dgram');
for (const address of ['10.9.0.1', '10.9.0.2']) {
  const server = createSocket('udp4');
  server.on('message', (message, from) => server.send(message, from.port, from.address));
  server.bind(5301, address);
}
const client = createSocket('udp4');
client.bind(4444, () => setInterval(() => client.send('x', 5300, '10.9.0.3'), 200));
client.once('message', () => process.stdout.write('answered\\n'));
setTimeout(() => process.exit(), 20000);`;

    it.runIf(isUsable(tool)).each([
      ['is found stuck to the old one', true],
      ['is fine before that', false],
    ])('%s', async (__, moves) => {
      const folder = await temporaryDirectory();
      await writeFile(join(folder, 'traffic.cjs'), traffic);
      const script = [
        'set -e; ip link set lo up; for i in 1 2 3; do ip addr add 10.9.0.$i/32 dev lo; done',
        prepare,
        rule('10.9.0.1'),
        `mkfifo ${folder}/ready; ${process.execPath} ${folder}/traffic.cjs >${folder}/ready & load=$!`,
        `read -r _ <${folder}/ready`,
        ...(moves ? [clear, rule('10.9.0.2')] : []),
        `sleep 2; sh ${await collectorFile()}; kill $load`,
      ].join('\n');
      await writeFile(join(folder, 'run.sh'), script);
      const { stdout, stderr } = await run([...NETWORK_NAMESPACE, 'sh', join(folder, 'run.sh')], {
        XTABLES_LOCKFILE: join(folder, 'lock'),
      });
      const capture = readCapture(stdout);
      if (capture === undefined) throw new Error(`no capture: ${stderr}`);
      const { findings } = diagnose(snapshotOf(capture), catalogue, 'i-1').diagnosis;
      const states = new Map(findings.map(({ mode, state }) => [mode, state]));
      expect(states.get('stale-udp-entry')).toBe(moves ? 'present' : 'absent');
    });
  },
);
