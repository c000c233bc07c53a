import {
  evidence,
  type SingleReadingRule,
  type SingleReadingRules,
} from '../../src/core/diagnosis/signature.ts';
import { matchOfReading } from '../../src/core/diagnosis/single-reading/rules.ts';
import { counted } from '../../src/core/words.ts';

/** kube-proxy could not delete the entries of an endpoint that went away, or an entry to such an endpoint is still there. */
const staleUdpEntry: SingleReadingRule = ({ kubeProxyLog, entries }) => {
  const failed =
    kubeProxyLog.match(
      /(?:failed to delete|error deleting|unable to delete)[^\n]{0,200}(?:conntrack|connections)[^\n]{0,200}/gi,
    ) ?? [];
  const isUdp = failed.some((line) => /udp|dns/i.test(line));
  const removed = Array.from(
    kubeProxyLog.matchAll(/--orig-dst\W{1,4}([\da-f.:]{2,45})\W{1,4}--dst-nat\W{1,4}([\da-f.:]{2,45})/gi),
    ([, service, backend]) => ({ service, backend }),
  );
  const stale = entries.filter(
    ({ protocol, original, reply }) =>
      protocol === 'udp' &&
      removed.some(({ service, backend }) => original.destination === service && reply.source === backend),
  );
  if (stale.length > 0) {
    return matchOfReading(
      `Stale UDP entry: ${counted(stale.length, 'listed entry')} still ${stale.length === 1 ? 'sends' : 'send'} to an endpoint that kube-proxy has removed.`,
      [
        evidence(
          'entries to a removed endpoint',
          stale.length,
          'of the entries pasted',
          0,
          'conntrack -L and kube-proxy’s log',
        ),
      ],
      'The entry points to a place that is gone; the size of the table does not matter.',
      'medium',
    );
  }
  if (!isUdp) return undefined;
  return matchOfReading(
    'Stale UDP entries: kube-proxy failed to delete the entries of an endpoint that went away, so clients go on sending to it.',
    [evidence('failed deletions', failed.length, 'messages', 0, 'kube-proxy’s log')],
    'The entries point to a place that is gone; the size of the table does not matter.',
  );
};

/** What kube-proxy’s log and the entries tell, which no capture has together. */
export const singleReading: SingleReadingRules = { asRead: staleUdpEntry };
