import { assert as assertProperty, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_CHARACTERS, readProbe } from '../../../../src/core/fleet/probe-output.ts';
import { ProbeReading } from '../../../../src/core/fleet/reading.ts';
import { BOOT, START } from './support.ts';

const NONCE = 'k3v9x0q2m7b1c5d8';
const LINES = [
  `clock=${START / 1000 + 2}`,
  'count=41000 41250',
  'max=131072',
  'buckets=32768',
  'drop=17 19',
  'insert_failed=3',
  'early_drop=0',
  'chaintoolong=0',
  'ena_exceeded=0',
  'ena_available=?missing',
  'neighbours=62',
  'neighbour_limit=1024',
  'cores=4',
  'boot_max=?missing',
  'kube_proxy_per_core=32768',
  'kube_proxy_min=131072',
  'kube_proxy_started=4211',
  'kube_proxy_version=v1.31.2',
  `boot=${BOOT}`,
  'kernel=6.1.141-155.222.amzn2023.x86_64',
  'incident=inc-0123456789ab',
  'drift=sysctl.d,kube-proxy',
];

/** The probe's output, some lines replaced by others of the same name. */
function printed(...others: readonly string[]): string {
  const replaced = LINES.map(
    (line) => others.find((other) => other.split('=')[0] === line.split('=')[0]) ?? line,
  );
  return [`medic-probe/1 ${NONCE}`, ...replaced, `end ${NONCE}`, ''].join('\n');
}

function read(text: string): ProbeReading {
  const found = readProbe(text, { nonce: NONCE, at: START });
  if (!found.isRead) throw new Error(found.why);
  return found.reading;
}

describe('the output of a probe', () => {
  it('becomes a reading, with what was not seen as a gap', () => {
    const reading = read(printed());
    expect(reading).toMatchObject({
      at: START,
      count: 41_250,
      drops: 19,
      bootId: BOOT,
      drift: ['sysctl.d', 'kube-proxy'],
    });
    expect(reading.gaps).toEqual({ enaAvailable: 'missing', bootMax: 'missing', bootedAt: 'not-printed' });
    expect(reading).not.toHaveProperty('enaAvailable');
  });

  it('says of a value why it is not there, and never makes it zero', () => {
    const cases: readonly (readonly [string, object])[] = [
      ['count=', { count: 'unreadable' }],
      ['count=-1', { count: 'unreadable' }],
      ['count=0x10', { count: 'unreadable' }],
      ['count=1 2 3', { count: 'unreadable' }],
      ['count=4294967296', { count: 'impossible' }],
      ['count=?denied', { count: 'denied' }],
      ['count=?nonsense', { count: 'unreadable' }],
      ['buckets=0', { buckets: 'impossible' }],
      ['boot=../../etc', { bootId: 'unreadable' }],
      ['kernel=6.1\u001b[2J', { kernel: 'unreadable' }],
      ['drift=everything', { drift: 'unreadable' }],
    ];
    for (const [line, gaps] of cases)
      expect({ line, gaps: read(printed(line)).gaps }).toMatchObject({ line, gaps });
  });

  it('keeps a limit of 0, which is none at all', () => {
    const reading = read(printed('max=0', 'count=5000000'));
    expect(reading).toMatchObject({ max: 0, count: 5_000_000 });
  });

  it('keeps a count above its limit as the kernel shows it, and refuses one that no table holds', () => {
    expect(read(printed('count=131080'))).toMatchObject({ count: 131_080, max: 131_072 });
    expect(read(printed('count=262144'))).toMatchObject({ count: 262_144 });
    expect(read(printed('count=4000000000')).gaps).toMatchObject({ count: 'impossible', max: 'impossible' });
  });

  it('takes what is said twice for neither', () => {
    expect(read(printed().replace('max=131072', 'max=131072\nmax=262144')).gaps).toMatchObject({
      max: 'impossible',
    });
  });

  it('does not read a number that the end of the output cut', () => {
    const whole = printed();
    const cut = whole.slice(0, whole.indexOf('max=131072') + 'max=1310'.length);
    const reading = read(cut);
    expect(reading).toMatchObject({ count: 41_250 });
    expect(reading.gaps).toMatchObject({ max: 'cut', buckets: 'cut', bootId: 'cut', drift: 'cut' });
  });

  it('reads no more than Systems Manager returns', () => {
    const flood = printed().replace('max=131072', `${'x'.repeat(MOST_CHARACTERS)}\nmax=131072`);
    expect(read(flood).gaps).toMatchObject({ max: 'cut' });
  });

  it('takes nothing of what is not the answer to this command', () => {
    const at = { nonce: NONCE, at: START };
    const forged = printed().replaceAll(NONCE, 'ffffffffffffffff');
    expect(readProbe(forged, at)).toEqual({
      isRead: false,
      kind: 'forged',
      why: 'it is the answer to another command',
    });
    expect(readProbe('', at)).toEqual({
      isRead: false,
      kind: 'silent',
      why: 'the probe printed nothing',
    });
    expect(readProbe('count=1\nmax=2', at)).toEqual({
      isRead: false,
      kind: 'forged',
      why: 'it is not what the probe prints',
    });
    expect(readProbe(printed(), { nonce: NONCE, at: Number.NaN }).isRead).toBe(false);
  });

  it('has the time from the service, whatever the clock of the node', () => {
    const reading = read(printed(`clock=${START / 1000 - 3_600}`));
    expect(reading).toMatchObject({ at: START, clockAheadSeconds: -3_600 });
    expect(read(printed('clock=tomorrow'))).not.toHaveProperty('clockAheadSeconds');
  });

  it('says each value or why it is not there, whatever was printed', () => {
    assertProperty(
      property(string({ unit: 'binary-ascii', maxLength: 300 }), (noise) => {
        const reading = read(`medic-probe/1 ${NONCE}\n${noise}\nend ${NONCE}\n`);
        expect(ProbeReading.safeParse(reading).success).toBe(true);
      }),
    );
  });
});
