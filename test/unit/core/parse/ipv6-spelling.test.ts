import { describe, expect, it } from 'vitest';
import { canonicalAddress } from '../../../../src/core/parse/address.ts';
import { diagnosedPaste } from '../../support/pastes.ts';

describe('canonicalAddress', () => {
  it.each([
    ['fd00:0000:0000:0000:0000:0000:0000:0053', 'fd00::53'],
    ['0000:0000:0000:0000:0000:0000:0000:0000', '::'],
    ['2001:0db8:0000:0001:0000:0000:0000:0001', '2001:db8:0:1::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['fd00:1:0:2:3:4:5:6', 'fd00:1:0:2:3:4:5:6'],
    ['fd00::53', 'fd00::53'],
    ['10.96.0.10', '10.96.0.10'],
    ['::ffff:10.96.0.10', '::ffff:10.96.0.10'],
    ['fd00:::1', 'fd00:::1'],
    ['1:2]/@x', '1:2]/@x'],
  ])('of %s is %s', (text, address) => {
    expect(canonicalAddress(text)).toBe(address);
  });
});

describe('a UDP flow over IPv6 as the kernel prints it, held against rules as ip6tables prints them', () => {
  const long = (end: string) => `fd00:0000:0000:0000:0000:0000:0000:${end.padStart(4, '0')}`;
  const pasted = (backend: string) =>
    [
      '$ cat /proc/net/nf_conntrack',
      ...[1, 2, 3].map(
        (port) =>
          `ipv6     10 udp      17 119 src=${long('9')} dst=${long('53')} sport=4000${port} dport=53 src=${long(backend)} dst=${long('9')} sport=53 dport=4000${port} [ASSURED] mark=0 zone=0 use=2`,
      ),
      '$ ip6tables-save -t nat',
      '*nat',
      ':PREROUTING ACCEPT [0:0]',
      '-A KUBE-SEP-YAO4LQ4CMMCPGEJS -p udp -m comment --comment "kube-system/kube-dns:dns" -m udp -j DNAT --to-destination [fd00::5]:53',
      'COMMIT',
    ].join('\n');

  it('is not called stale where a rule names its backend', () => {
    expect(diagnosedPaste(pasted('5')).verdict).not.toBe('stale-udp-entry');
  });

  it('is called stale where none does', () => {
    expect(diagnosedPaste(pasted('6')).verdict).toBe('stale-udp-entry');
  });
});
