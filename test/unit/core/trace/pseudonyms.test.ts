import { describe, expect, it } from 'vitest';
import { bytesOf, pseudonymKey, pseudonymsUnder } from '../../../../src/core/trace/pseudonyms.ts';

/** Key and addresses of the example that comes with the authors' own implementation of Crypto-PAn. */
const EXAMPLE_KEY = Uint8Array.from([
  21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16, 216, 152, 143, 131, 121, 121, 101, 39,
  98, 87, 76, 45, 42, 132, 34, 2,
]);

const sharedBits = (a: string, b: string): number => {
  const bits = (address: string) =>
    [...(bytesOf(address) ?? [])].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const [one, other] = [bits(a), bits(b)];
  const at = one.split('').findIndex((bit, index) => bit !== other[index]);
  return at < 0 ? one.length : at;
};

describe('pseudonyms of addresses', () => {
  // The first six and 10.185.25.118 are of the sanitized trace that comes with it; the others, and those of IPv6, are what
  // the independent yacryptopan 1.0.2 of Python makes of them.
  it.each([
    ['128.11.68.132', '135.242.180.132'],
    ['129.118.74.4', '134.136.186.123'],
    ['130.132.252.244', '133.68.164.234'],
    ['141.223.7.43', '141.167.8.160'],
    ['24.0.250.221', '100.15.198.226'],
    ['4.3.88.225', '124.60.155.63'],
    ['0.0.0.0', '120.255.240.1'],
    ['255.255.255.255', '206.120.97.255'],
    ['10.185.25.118', '117.161.29.118'],
    ['::1', '78ff:f001:9fc0:20df:8380:b1f1:704:ed'],
    ['2001:db8::1', '4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e'],
    ['fd00:10:96::a', 'cd0f:fc10:7f69:d8fc:1f0:e00:f6fd:221c'],
    ['fe80::ff:fe00:1', 'cf7f:c0e:1fc3:da1c:70:b13c:7efa:fc02'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ce78:61ff:387e:8078:38c4:407:c3bf:f781'],
  ])('are those of Crypto-PAn: %s', (address, pseudonym) => {
    expect(pseudonymsUnder(EXAMPLE_KEY)(address)).toBe(pseudonym);
  });

  it.each([
    ['198.51.100.7', '198.51.100.9'],
    ['198.51.100.7', '198.51.200.7'],
    ['198.51.100.7', '10.0.0.1'],
    ['2001:db8::1', '2001:db8::2'],
    ['2001:db8:1::1', '2001:db8:2::1'],
    ['2001:db8::1', 'fe80::1'],
  ])('share as many leading bits as the addresses do: %s and %s', (a, b) => {
    const of = pseudonymsUnder(pseudonymKey('a secret', 'inc-20261130'));
    expect(sharedBits(of(a), of(b))).toBe(sharedBits(a, b));
    expect(of(a)).not.toBe(a);
  });

  it('are others in another incident and under another secret, and the same once more', () => {
    const of = (secret: string, incident: string) =>
      pseudonymsUnder(pseudonymKey(secret, incident))('198.51.100.7');
    expect(of('a', 'inc-one-1')).toBe(of('a', 'inc-one-1'));
    expect(new Set([of('a', 'inc-one-1'), of('a', 'inc-two-2'), of('b', 'inc-one-1')]).size).toBe(3);
  });

  it.each(['', '1.2.3', '1.2.3.256', '::1::', '1:2:3', 'dead', '...', '1.2.3.4:5', ':'.repeat(45)])(
    'stand for nothing that is no address: %j',
    (text) => {
      expect(pseudonymsUnder(EXAMPLE_KEY)(text)).toBe('?');
    },
  );

  it('reads every spelling of an address of IPv6', () => {
    const of = pseudonymsUnder(EXAMPLE_KEY);
    expect(of('2001:db8::1')).toBe(of('2001:0db8:0000:0000:0000:0000:0000:0001'));
    expect(of('::ffff:10.0.0.1')).toBe(of('::ffff:a00:1'));
    expect(of('::')).toMatch(/^[0-9a-f:]{15,39}$/);
  });
});
