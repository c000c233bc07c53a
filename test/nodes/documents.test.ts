import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { buildDocuments } from '../../nodes/documents.ts';
import { documents, parsedDocument, RAISE_A, scripts } from './support/scripts.ts';
import { has, run, SHELLS } from './support/shells.ts';

const NAMES = [
  'medic-collect',
  'medic-probe',
  'medic-raise',
  'medic-settings',
  'medic-delete-udp-entry',
  'medic-rollback',
  'medic-trace',
] as const;

describe('the SSM documents', () => {
  it.each(NAMES)('%s is a Command document within the size that SSM takes', (name) => {
    const document = documents.find((candidate) => candidate.name === name);
    expect(parsedDocument(name)).toMatchObject({
      schemaVersion: '2.2',
      mainSteps: [
        { action: 'aws:runShellScript', inputs: { timeoutSeconds: expect.stringMatching(/^\d{2,3}$/) } },
      ],
    });
    expect(Buffer.byteLength(document?.content ?? '')).toBeLessThan(64 * 1024);
  });

  it.each(NAMES)('%s carries the hash of its exact text', (name) => {
    const document = documents.find((candidate) => candidate.name === name);
    expect(document?.sha256).toBe(
      createHash('sha256')
        .update(document?.content ?? '')
        .digest('hex'),
    );
  });

  it.each(NAMES)('%s takes its parameters in quoted assignments and nowhere else', (name) => {
    const { parameters, mainSteps } = parsedDocument(name);
    const lines = mainSteps[0]?.inputs.runCommand ?? [];
    const substituted = lines.filter((line) => line.includes('{{'));
    expect(substituted).toHaveLength(Object.keys(parameters).length);
    for (const line of substituted) expect(line).toMatch(/^MEDIC_[A-Z_]+=\$\{SSM_(\w+)-'\{\{ \1 \}\}'\}$/);
    expect(lines[0]).toBe('#!/bin/sh');
    for (const { interpolationType } of Object.values(parameters)) expect(interpolationType).toBe('ENV_VAR');
  });

  describe.each(SHELLS)('in $name', ({ binary, command }) => {
    const assignments = (name: (typeof NAMES)[number]) => {
      const lines = parsedDocument(name).mainSteps[0]?.inputs.runCommand ?? [];
      return lines.slice(1, 1 + Object.keys(parsedDocument(name).parameters).length);
    };
    const HOSTILE = `a b'"$(touch /tmp/x)\`id\`;}} {{ nonce }}*`;

    it.runIf(has(binary)).each(NAMES)(
      'an agent that knows ENV_VAR hands %s its parameters as data, whatever it makes of the text',
      async (name) => {
        const names = Object.keys(parsedDocument(name).parameters);
        const variables = Object.fromEntries(names.map((one) => [`SSM_${one}`, HOSTILE]));
        const asItIs = assignments(name).join('\n');
        const texts = [
          asItIs,
          asItIs.replaceAll(/\{\{ (\w+) \}\}/g, '$SSM_$1'),
          asItIs.replaceAll(/\{\{ \w+ \}\}/g, 'abc'),
        ];
        for (const text of texts) {
          const printed = [...asItIs.matchAll(/^(\w+)=/gm)].map(([, one]) => `printf '%s\\n' "$${one}"`);
          const { stdout, stderr } = await run([...command, '-c', [text, ...printed].join('\n')], variables);
          expect(stderr).toBe('');
          expect(stdout).toBe(`${HOSTILE}\n`.repeat(names.length));
        }
      },
    );

    it.runIf(has(binary))('an older agent, which knows text only, puts the parameters in', async () => {
      const text = assignments('medic-raise')
        .join('\n')
        .replaceAll(/\{\{ (\w+) \}\}/g, (_, one: keyof typeof RAISE_A) => RAISE_A[one]);
      const { stdout, stderr } = await run([...command, '-c', `${text}\necho "$MEDIC_MODE $MEDIC_TO_MAX"`]);
      expect([stdout, stderr]).toEqual(['exact 458752\n', '']);
    });
  });

  it.each([
    [
      'medic-raise',
      'toMax',
      ['1024', '458752', '4194304'],
      ['0', '00265536', '512', '12345678', '4e5', '-1', '458752; reboot', '458752\n'],
    ],
    ['medic-raise', 'mode', ['exact', 'ensure'], ['Exact', 'exact ', '', "exact'"]],
    [
      'medic-raise',
      'incident',
      ['inc-0123456789abcdef0123'],
      ['short', 'inc_0123456789', "inc-01234567'; id", 'INC-012345678', 'a'.repeat(65)],
    ],
    [
      'medic-collect',
      'nonce',
      ['k3v9x0q2m7b1c5d8'],
      ['k3v9x0q2m7b1c5d', 'K3V9X0Q2M7B1C5D8', "k3v9x0q2m7b1c5'8", 'k3v9x0q2m7b1c5d8a'],
    ],
    [
      'medic-settings',
      'changes',
      [
        'net.netfilter.nf_conntrack_buckets=262144:524288',
        'net.ipv4.neigh.default.gc_thresh1=0:128,net.ipv6.neigh.default.gc_thresh3=1024:32768',
        Array.from({ length: 6 }, () => 'net.netfilter.nf_conntrack_tcp_timeout_close_wait=3600:60').join(
          ',',
        ),
      ],
      [
        '',
        'net.netfilter.nf_conntrack_max=1:2',
        'net.netfilter.nf_conntrack_buckets=262144:0',
        'net.netfilter.nf_conntrack_buckets=0262144:524288',
        'net.netfilter.nf_conntrack_buckets=262144:52428800',
        'net.netfilter.nf_conntrack_buckets=262144',
        'net.netfilter.nf_conntrack_buckets=262144:524288,',
        "net.netfilter.nf_conntrack_buckets=262144:524288'; id",
        'net/netfilter/nf_conntrack_buckets=262144:524288',
        'kernel.core_pattern=1:2',
        'netxnetfilter.nf_conntrack_buckets=262144:524288',
        Array.from({ length: 7 }, () => 'net.netfilter.nf_conntrack_tcp_timeout_close_wait=3600:60').join(
          ',',
        ),
      ],
    ],
    [
      'medic-delete-udp-entry',
      'destination',
      ['10.96.0.10', '255.255.255.255', 'fd00::53', '::1', '2001:db8:0:1:2:3:4:5'],
      [
        '010.96.0.10',
        '256.1.1.1',
        '10.96.0',
        '10.96.0.10/8',
        'fd00::53%eth0',
        '::ffff:10.0.0.1',
        'fd00',
        "fd00::1'",
        '10.96.0.10 -F',
        '-F',
        '',
      ],
    ],
    ['medic-trace', 'seconds', ['5', '15', '60'], ['4', '61', '05', '', '15; id', '15\n', '1e1']],
    [
      'medic-trace',
      'port',
      ['any', '1', '30080', '65535'],
      ['0', '65536', '080', 'all', 'any;', '80,81', ''],
    ],
    [
      'medic-trace',
      'points',
      [
        'auto',
        'uplink=eth0',
        'pod=10.0.3.7',
        'uplink=ens5,uplink=eth1,pod=10.0.3.7,pod=2001:db8::7,uplink=bond0.12',
      ],
      [
        '',
        'auto,pod=10.0.3.7',
        'eth0',
        'uplink=-i',
        'uplink=../x',
        'uplink=eth0 -w /etc/passwd',
        'uplink=abcdefghijklmnop',
        'pod=$(id)',
        'pod=10.0.3.7,',
        'pod=a/b',
        "pod=::1'",
        'pod=::1\n',
        Array.from({ length: 6 }, () => 'pod=10.0.3.7').join(','),
      ],
    ],
    [
      'medic-delete-udp-entry',
      'port',
      ['1', '53', '9999', '65535'],
      ['0', '053', '65536', '70000', '100000', '-1', '53 54', ''],
    ],
    ['medic-collect', 'sampleSeconds', ['2', '10', '60'], ['0', '1', '61', '010', '2.5', '']],
  ] as const)('%s lets only sound values of %s through', (name, parameter, sound, unsound) => {
    const pattern = new RegExp(parsedDocument(name).parameters[parameter]?.allowedPattern ?? 'x^');
    for (const value of sound) expect(value).toMatch(pattern);
    for (const value of unsound) expect(value).not.toMatch(pattern);
  });

  it('are not built around a script that SSM would substitute into', () => {
    expect(() => buildDocuments({ ...scripts, raise: 'echo {{ toMax }}\n' })).toThrow(/medic-raise.*\{\{/);
  });

  it('are not built beyond the size that SSM takes', () => {
    expect(() => buildDocuments({ ...scripts, collect: 'true\n'.repeat(20_000) })).toThrow(
      /medic-collect.*65536/,
    );
  });
});
