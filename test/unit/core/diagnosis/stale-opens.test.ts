import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { diagnose } from '../../../../src/core/diagnosis/diagnose.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { entries, nodeOutput } from '../../support/node-output.ts';

/** What could not be seen of opens on a node with these interfaces, that timeout and entries of that state. */
function gapsWith(interfaces: string, seconds: number | undefined, state: string): readonly string[] {
  const timeouts = seconds === undefined ? '' : `\nnf_conntrack_tcp_timeout_syn_sent=${seconds}`;
  const sections = {
    'kube-proxy -': `running=no\nkube_ipvs0=no\ninterfaces=${interfaces}`,
    'timeouts -': `nf_conntrack_tcp_timeout_established=432000${timeouts}`,
    'entries -': entries([`state 10 tcp ${state}`, 'state 990 tcp ESTABLISHED assured']),
  };
  const capture = readCapture(nodeOutput({ sections }));
  if (capture === undefined) throw new Error('The built node is no capture.');
  const { gaps } = diagnose(snapshotOf(capture), catalogue, 'i-0abc').diagnosis;
  return gaps.filter((gap) => gap.startsWith('TCP opens'));
}

describe('opens that may follow an entry to a pod’s former address', () => {
  it('are named among what could not be seen, with both times', () => {
    expect(gapsWith('eni', 120, 'SYN_SENT unreplied')).toEqual([
      expect.stringMatching(/for 120 s a repeated SYN may reach another pod, .* after 30 s$/),
    ]);
  });

  it.each([
    ['another plugin gives the addresses', 'cali', 120, 'SYN_SENT unreplied'],
    ['they are forgotten before an address is given away', 'eni', 20, 'SYN_SENT unreplied'],
    ['no open waits for its answer', 'eni', 120, 'TIME_WAIT assured'],
    ['the timeout was not read', 'eni', undefined, 'SYN_SENT unreplied'],
  ])('are not mentioned where %s', (_, interfaces, seconds, state) => {
    expect(gapsWith(interfaces, seconds, state)).toEqual([]);
  });
});
