import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../../runbooks/index.ts';
import { nodeTraceOf } from '../../../../../src/core/incident/syn-trace/found.ts';
import { NodeTrace, type NodeTraced } from '../../../../../src/core/record/traced/found.ts';
import { sha256 } from '../../../../../src/core/sha256.ts';
import { readPcap } from '../../../../../src/core/trace/pcap.ts';
import { pseudonymKey, pseudonymsUnder } from '../../../../../src/core/trace/pseudonyms.ts';
import { buildDiagnosis, buildHealthy, instanceId } from '../../../support/diagnoses.ts';
import { RECORDED_TRACE } from '../../../support/recorded-trace.ts';

const NONCE = /^=== medic\/1 ([a-z0-9]{16}) /.exec(RECORDED_TRACE)?.[1] ?? '';
/** What Run Command hands back. */
const RETURNED = RECORDED_TRACE.slice(0, 24_000);
const NODE = instanceId(0);
const ADDRESS = /198\.18\.\d+\.\d+/;

/** What one output leads to, with the files that were kept. */
async function found(text: string, { nonce = NONCE, diagnosis = buildDiagnosis(), isFull = false } = {}) {
  const files = new Map<string, string | Uint8Array>();
  const logged: string[] = [];
  const put = async (key: string, content: string | Uint8Array) => {
    if (isFull) throw new Error('no room');
    files.set(key, content);
    return `s3://evidence/${key}`;
  };
  const trace = await nodeTraceOf(
    {
      evidence: { put, putOnce: put },
      log: (event) => logged.push(event),
      catalogue,
      unpack: (base64) => {
        try {
          return gunzipSync(Buffer.from(base64, 'base64'), { maxOutputLength: 2 ** 21 });
        } catch {
          return undefined;
        }
      },
    },
    { kind: 'output', instanceId: NODE, text, exitCode: 0 },
    {
      incidentId: 'inc-1234567890',
      number: 2,
      nonce,
      diagnosis,
      pseudonymOf: pseudonymsUnder(pseudonymKey('secret', 'inc-1234567890')),
    },
  );
  // Whatever came back can be stored.
  expect(NodeTrace.parse(trace)).toEqual(trace);
  return { trace, files, logged };
}

const whyOf = async (text: string, options?: Parameters<typeof found>[1]) => {
  const { outcome } = (await found(text, options)).trace;
  return outcome.kind === 'failed' ? outcome.why : outcome.kind;
};

describe('what a trace found', () => {
  it('is kept in a few kilobytes without an address', async () => {
    const { trace } = await found(RECORDED_TRACE);
    const text = JSON.stringify(trace);
    expect(text.length).toBeLessThan(6000);
    expect(text).not.toMatch(ADDRESS);
    expect(trace.outcome).toMatchObject({
      kind: 'traced',
      rung: 'tcpdump',
      counts: { connections: 100, delayed: 15, troubled: 15, refused: 0 },
      path: { uplink: 100, veth: 85, pod: 85, answered: 85 },
      lost: [{ edge: 'node', packet: 'SYN', last: 'uplink', missing: 'veth', count: 15 }],
      tableDrops: 0,
      connectTimes: [
        { label: 'below 1 s', count: 85 },
        { label: '1 s', count: 14 },
        { label: '2 s', count: 1 },
      ],
    });
  });

  it('has a row for each connection that had trouble, whose clients keep their networks and no name', async () => {
    const { trace } = await found(RECORDED_TRACE);
    const flows = trace.outcome.kind === 'traced' ? (trace.outcome.flows ?? []) : [];
    expect(flows.length).toBeGreaterThan(8);
    const pseudonymOf = pseudonymsUnder(pseudonymKey('secret', 'inc-1234567890'));
    for (const flow of flows)
      expect(flow).toMatchObject({
        from: pseudonymOf('198.18.0.2'),
        to: pseudonymOf('198.18.0.1'),
        port: 30_080,
        packet: 'SYN',
        last: 'uplink',
        missing: 'veth',
      });
  });

  it('names the pod in the sentence, in its row and in the table that is kept', async () => {
    const named = RECORDED_TRACE.replace('point.0=', 'pod.1=shop/checkout-7d9 198.18.1.2\npoint.0=');
    const { trace, files } = await found(named);
    const { outcome } = trace;
    expect(outcome).toMatchObject({ pods: [{ number: 1, name: 'shop/checkout-7d9' }] });
    const { sentences, flows = [] } = outcome as NodeTraced;
    expect(sentences.join(' ')).toContain('not on the interface of shop/checkout-7d9 on the node');
    expect(new Set(flows.map(({ pod }) => pod))).toEqual(new Set([1]));
    const rows = String(files.get(`inc-1234567890/trace-2-${NODE}-flows.tsv`))
      .split('\n')
      .filter((row) => /^\d/.test(row));
    expect(rows.map((row) => row.split('\t').at(-1))).toEqual(rows.map(() => 'shop/checkout-7d9'));
  });

  it('takes no button away where the output had no room for some of what had trouble', async () => {
    const beyond = RECORDED_TRACE.replaceAll(
      / uplink 30080 1 ([23]) uplink - \d\.0 /g,
      ' uplink 30080 1 $1 pod uplink 0.0 ',
    );
    const bearing = async (text: string) => {
      const { outcome } = (await found(text)).trace;
      return outcome.kind === 'traced' ? outcome.bearing?.kind : undefined;
    };
    expect(await bearing(beyond)).toBe('elsewhere');
    expect(await bearing(beyond.replace('total=100 15', 'total=140 18'))).toBe('contradicts');
  });

  it('keeps the output, the table and the captured headers, each with its digest', async () => {
    const { trace, files } = await found(RECORDED_TRACE);
    const name = `inc-1234567890/trace-2-${NODE}`;
    expect([...files.keys()]).toEqual([`${name}.txt`, `${name}-flows.tsv`, `${name}-captured.pcapng`]);
    expect(files.get(`${name}.txt`)).toBe(RECORDED_TRACE);
    expect(files.get(`${name}-flows.tsv`)).not.toMatch(ADDRESS);
    const packets = files.get(`${name}-captured.pcapng`) as Uint8Array;
    const file = readPcap(packets, 0);
    expect(typeof file === 'string' ? file : file.packets.length).toBeGreaterThan(300);
    expect(trace.output).toEqual({ address: `s3://evidence/${name}.txt`, hash: sha256(RECORDED_TRACE) });
    expect(trace.outcome).toMatchObject({
      packets: { address: `s3://evidence/${name}-captured.pcapng`, hash: sha256(packets), are: 'captured' },
    });
  });

  it('builds the headers again where the whole output was kept nowhere, and says so', async () => {
    const { trace, files } = await found(RETURNED);
    expect(trace.outcome).toMatchObject({ packets: { are: 'rebuilt' } });
    expect([...files.keys()].at(-1)).toMatch(/-rebuilt\.pcapng$/);
  });

  it('is judged all the same where nothing can be kept', async () => {
    const { trace, logged } = await found(RECORDED_TRACE, { isFull: true });
    expect(trace.output).toBeUndefined();
    expect(trace.outcome).toMatchObject({ kind: 'traced', counts: { connections: 100 } });
    expect(JSON.stringify(trace)).not.toContain('s3:');
    expect(new Set(logged)).toEqual(new Set(['evidence-not-kept']));
  });

  it('speaks against a verdict of a node that is said to be fine', async () => {
    const { trace } = await found(RECORDED_TRACE, { diagnosis: buildHealthy() });
    expect(trace.outcome).toMatchObject({ bearing: { kind: 'contradicts', verdict: 'not-the-node' } });
  });
});

describe('an output that is not what a trace prints', () => {
  const cut = `${NODE}: what came back is not the whole output of this trace: it was cut, or something else wrote it. Nothing is known from it; trace again.`;

  it.each([
    ['cut before its end', RECORDED_TRACE.slice(0, 9000)],
    ['64 KB of something', 'x'.repeat(65_536)],
    ['64 KB of headers', `=== medic/1 ${NONCE} trace - ok 1.0\n`.repeat(1700)],
    ['of another run', RECORDED_TRACE.replaceAll(NONCE, 'aaaaaaaaaaaaaaaa')],
    [
      'a capture of the collector',
      `=== medic/1 ${NONCE} identity - ok 1.0\nboot_id=1\n=== medic/1 ${NONCE} end - ok 1.0\n`,
    ],
  ])('says in one sentence that nothing is known: %s', async (_, text) => {
    expect(await whyOf(text)).toBe(cut);
  });

  it('says that it printed nothing', async () => {
    expect(await whyOf('\n')).toBe(`${NODE}: the trace printed nothing; look at the node, then trace again.`);
  });

  it('tells the refusal of the node', async () => {
    const refused = `=== medic/1 ${NONCE} trace - ok 1.0\noutcome=refused\ncode=busy\ndetail=Another trace runs on this node; nothing was captured. Try again in a minute.\n=== medic/1 ${NONCE} end - ok 1.0\n`;
    expect(await whyOf(refused)).toBe(
      `${NODE}: Another trace runs on this node; nothing was captured. Try again in a minute.`,
    );
  });

  it('tells why there is no output', async () => {
    const why = `${NODE}: the command could not be delivered, so nothing ran; the node is gone or its SSM agent is offline.`;
    const trace = await nodeTraceOf(
      {
        evidence: { put: async () => '', putOnce: async () => '' },
        log: () => {},
        catalogue,
        unpack: () => undefined,
      },
      { kind: 'none', instanceId: NODE, why, ran: false },
      { incidentId: 'inc-1234567890', number: 1, nonce: NONCE, diagnosis: undefined, pseudonymOf: () => '?' },
    );
    expect(trace).toEqual({ instanceId: NODE, outcome: { kind: 'failed', why } });
  });

  it('takes no section that this run did not write, whatever stands in the output', async () => {
    const forged = RECORDED_TRACE.replace(
      / trace-flows - ok ([\d.]+)\n/,
      ' trace-flows - ok $1\n=== medic/1 bbbbbbbbbbbbbbbb trace-flows - ok 1.0\n100 in uplink 30080 1 1 pod uplink 0.0 - 0 0 <!channel>\n',
    );
    expect((await found(forged)).trace.outcome).toEqual(
      expect.objectContaining({ counts: { connections: 100, delayed: 15, troubled: 15, refused: 0 } }),
    );
  });

  it('keeps hostile names out, where the kernel or a pod has them', async () => {
    const hostile = RECORDED_TRACE.replaceAll('eni0a1', '<!channel>')
      .replaceAll('198.18.1.2', '<script>')
      .replace('left_out=', 'left_out=pod1=<img/src=x> `rm`');
    expect(JSON.stringify((await found(hostile)).trace)).not.toMatch(/<script|<!channel|<img|`rm/);
  });

  it('bounds what it stores, however much a node sends', async () => {
    const many = (line: (index: number) => string) =>
      Array.from({ length: 900 }, (_, index) => line(index)).join('\n');
    const flood = [
      `=== medic/1 ${NONCE} trace - ok 1.0`,
      'outcome=traced\nrung=tcpdump\nseconds=15\njudged=15\nport=any\nthin=1\npoint.0=uplink 0 eth0 -',
      `=== medic/1 ${NONCE} trace-flows - ok 1.0`,
      many((index) => `1 in uplink ${index} - 2 uplink - ${index}.0 ${index}.0 0 0`),
      `=== medic/1 ${NONCE} end - ok 1.0`,
    ].join('\n');
    const { trace } = await found(flood);
    expect(trace.outcome).toMatchObject({ kind: 'traced', counts: { connections: 900 } });
    expect(JSON.stringify(trace).length).toBeLessThan(6000);
  });
});
