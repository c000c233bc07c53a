import { readdirSync, readFileSync } from 'node:fs';
import {
  assert as assertProperty,
  bigInt,
  double,
  integer,
  maxSafeInteger,
  oneof,
  property,
  string,
} from 'fast-check';
import { expect, it } from 'vitest';
import { isExercised, PROOFS } from '../../../build/proofs.ts';
import { counted, groupNumbers, keepUnits, percent, show, unitOf } from '../../../src/core/words.ts';

it.each([
  ['at least 98 %, tcp 30080: at least 10 %', 'at least 98\u202F%, tcp 30080: at least 10\u202F%'],
  ['100 % ± 2 % in 10 s', '100\u202F% ± 2\u202F% in 10\u202Fs'],
  ['54 MiB, 423 B, 120 ms, 15 min, 3 days', '54\u202FMiB, 423\u202FB, 120\u202Fms, 15\u202Fmin, 3\u202Fdays'],
  ['0 packets/10 s.', '0 packets/10\u202Fs.'],
  ['2 nodes, 3 servers, 4 stops', '2 nodes, 3 servers, 4 stops'],
])('keeps a number and its unit on one line: %s', (plain, kept) => {
  expect(keepUnits(plain)).toBe(kept);
});

it.each([
  [1, '100 %'],
  [0.9999, '99 %'],
  [0.07, '7 %'],
  [0.0099, '0.9 %'],
  [0.007, '0.7 %'],
  [0.0004, '< 0.1 %'],
  [0, '0 %'],
])('tells a little as a little and never as nothing: %d is %s', (ratio, told) => {
  expect(percent(ratio)).toBe(told);
});

it.each([
  [
    '60872 entries are in use and the limit before the raise was 49152: above 80 % of it (39321) new flows',
    '60,872 entries are in use and the limit before the raise was 49,152: above 80 % of it (39,321) new flows',
  ],
  ['The limit went from 8192 to 16384.', 'The limit went from 8,192 to 16,384.'],
  ['/etc/sysctl.conf:1234 sets 131072', '/etc/sysctl.conf:1234 sets 131,072'],
])('writes the numbers of a sentence as they are written elsewhere: %s', (plain, grouped) => {
  expect(groupNumbers(plain)).toBe(grouped);
});

it.each([
  '3 entries of 10.96.0.10 port 30053 that led to 10.0.12.7 were deleted.',
  'The change of inc-7f3a0123456789abcdef is in /etc/sysctl.d/99999-x.conf',
  'gc_thresh3=16384 (before: 800)',
  'i-01234567890123456: kernel 5.10.12345-1 at 2026-11-23, 131,072 entries, 1234.5 MiB',
])('leaves alone what is no amount: %s', (sentence) => {
  expect(groupNumbers(sentence)).toBe(sentence);
});

it('does both once and for all: a second time changes nothing', () => {
  assertProperty(
    property(string(), (text) => {
      expect(groupNumbers(groupNumbers(text))).toBe(groupNumbers(text));
      expect(keepUnits(keepUnits(text))).toBe(keepUnits(text));
    }),
  );
});

it.each([
  [1, 'entry', '1 entry'],
  [0, 'packet', '0 packets'],
  [4096n, 'entry', '4,096 entries'],
  ['1', 'finished handshake', '1 finished handshake'],
  ['9 to 50', 'clash', '9 to 50 clashes'],
  [1.04, 'day', '1 day'],
  [2, 'address', '2 addresses'],
])('counts %s of "%s"', (amount, noun, words) => {
  expect(counted(amount, noun)).toBe(words);
});

it.each([
  ['1', 'packets/10 s', 'packet/10 s'],
  ['1', 'kernel messages in the window', 'kernel message in the window'],
  ['1', 'entries', 'entry'],
  ['1', 'port tries/10 s', 'port try/10 s'],
  ['1', 'times/7 s', 'time/7 s'],
  ['2', 'packets/10 s', 'packets/10 s'],
  ['1', 'of nf_conntrack_max', 'of nf_conntrack_max'],
  ['1', 'ms', 'ms'],
])('writes the unit of %s %s as %s', (value, unit, words) => {
  expect(unitOf(value, unit)).toBe(words);
});

it('has no other place where a plural follows a number', () => {
  const nouns =
    /\$\{[^{}]*(?:\{[^}]*\}[^{}]*)?\} (?:[a-z-]+ ){0,2}?(?:packets|entries|nodes|connections|handshakes|allocations|neighbours|buckets|times|services|flows|namespaces|processes|cores|lines|messages|alarms|pods|ports|clashes|addresses|pairs|backends|incidents|minutes|hours)\b/;
  // Of a share, a bound that is never 1, or the end of another placeholder.
  const isFine = (line: string) =>
    /percent|counted\(|nodeCount\(|[A-Z]_[A-Z]|withinSeconds|demandLine|\$\{(?:verb|listPhrase)|impact\}/.test(
      line,
    );
  // What a long proof hangs on is changed together with that proof only.
  const isProven = (path: string) => PROOFS.some((proof) => isExercised(proof, path));
  // It answers with the words of the scripts on the nodes, whose shell counts nothing of which there is one.
  const isScript = (path: string) => path === 'local/recorded/script-model.ts';
  const found = ['src', 'runbooks', 'lambdas', 'cli', 'local'].flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !isProven(`${room}/${file}`) && !isScript(`${room}/${file}`))
      .flatMap((file) =>
        readFileSync(`${room}/${file}`, 'utf8')
          .split('\n')
          .filter((line) => !line.trim().startsWith('*') && nouns.test(line) && !isFine(line))
          .map((line) => `${room}/${file}: ${line.trim()}`),
      ),
  );
  expect(found).toEqual([]);
});

it('shows every number as the formatter of the language does', () => {
  const formatter = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
  const numbers = oneof(integer(), maxSafeInteger(), double(), bigInt());
  assertProperty(
    property(numbers, (value) => {
      expect(show(value)).toBe(formatter.format(value));
    }),
    { examples: [[0], [-0], [999], [1000], [-1000], [-999], [1e21], [Number.NaN], [-123_456n]] },
  );
});
