import { createCipheriv, hkdfSync } from 'node:crypto';

const BLOCK = 16;
const KEY_BYTES = 2 * BLOCK;

/** What the keys of an incident's pseudonyms are derived for, so that they are like no other key of the same secret. */
const PURPOSE = 'conntrack-medic: pseudonyms of addresses in a trace';

/**
 * The key under which addresses of one incident become pseudonyms (HKDF of RFC 5869, SHA-256). Whoever has the tables and not
 * the secret has nothing to undo them with.
 *
 * @param secret of the service, which stands in neither the evidence store nor the record
 */
export const pseudonymKey = (secret: string, incidentId: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, incidentId, PURPOSE, KEY_BYTES));

/**
 * Gives addresses pseudonyms that keep prefixes: two addresses share as many leading bits as their pseudonyms do, so that
 * clients of one network are still seen to be of one (Crypto-PAn: Xu, Fan, Ammar, Moon, "Prefix-Preserving IP Address
 * Anonymization", 2002).
 *
 * @param key 32 bytes: the first half encrypts, the second makes the padding
 * @returns the pseudonym of an address, of the same family; `?` for what is none
 */
export function pseudonymsUnder(key: Uint8Array): (address: string) => string {
  const encrypt = (blocks: Uint8Array): Uint8Array => {
    const cipher = createCipheriv('aes-128-ecb', key.subarray(0, BLOCK), null).setAutoPadding(false);
    return cipher.update(blocks);
  };
  const padding = encrypt(key.subarray(BLOCK, KEY_BYTES));
  const known = new Map<string, string>();
  return (address) => {
    const before = known.get(address);
    if (before !== undefined) return before;
    const bytes = bytesOf(address);
    const pseudonym = bytes === undefined ? '?' : textOf(flipped(bytes, padding, encrypt));
    known.set(address, pseudonym);
    return pseudonym;
  };
}

/** Each bit is flipped or not by what all bits before it are. */
function flipped(
  address: Uint8Array,
  padding: Uint8Array,
  encrypt: (blocks: Uint8Array) => Uint8Array,
): Uint8Array {
  const bits = address.length * 8;
  const blocks = new Uint8Array(bits * BLOCK);
  for (let bit = 0; bit < bits; bit++) {
    const block = blocks.subarray(bit * BLOCK, (bit + 1) * BLOCK);
    block.set(padding);
    const whole = bit >> 3;
    block.set(address.subarray(0, whole));
    const kept = (0xff00 >> (bit & 7)) & 0xff;
    block[whole] = ((address[whole] ?? 0) & kept) | ((padding[whole] ?? 0) & ~kept & 0xff);
  }
  const encrypted = encrypt(blocks);
  const result = Uint8Array.from(address);
  for (let bit = 0; bit < bits; bit++)
    if (((encrypted[bit * BLOCK] ?? 0) & 0x80) !== 0)
      result[bit >> 3] = (result[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
  return result;
}

/** The bytes of an address, 4 or 16; nothing of what is none. */
export function bytesOf(address: string): Uint8Array | undefined {
  if (!address.includes(':')) {
    const parts = address.split('.');
    const isFour = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
    return isFour ? Uint8Array.from(parts.map(Number)) : undefined;
  }
  // Its last 32 bits may be written as an IPv4 address.
  const at = address.lastIndexOf(':') + 1;
  const end = address.includes('.') ? bytesOf(address.slice(at)) : undefined;
  if (address.includes('.') && end?.length !== 4) return undefined;
  const text = end === undefined ? address : `${address.slice(0, at)}${hexOf(end)}`;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  );
}

const hexOf = (four: Uint8Array): string =>
  [0, 2].map((at) => (((four[at] ?? 0) << 8) | (four[at + 1] ?? 0)).toString(16)).join(':');

function textOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, group) =>
    (((bytes[2 * group] ?? 0) << 8) | (bytes[2 * group + 1] ?? 0)).toString(16),
  );
  return groups.join(':');
}
