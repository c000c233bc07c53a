import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDocument, resolveParameters } from '../../../../local/ssm/documents.ts';
import { assembleScripts, buildDocuments } from '../../../../nodes/documents.ts';
import { catalogue } from '../../../../runbooks/index.ts';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { diagnose } from '../../../../src/core/diagnosis/diagnose.ts';
import { refuseUnsendable } from '../../../../src/core/plan/command-bounds.ts';
import { commandOf, settingsOf } from '../../../../src/core/plan/kinds.ts';
import { NodePlan, SettingKey } from '../../../../src/core/record/plan.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { recordedCases } from '../../support/captures.ts';
import { buildNodePlan } from '../../support/diagnoses.ts';
import { type BuiltNode, entries, nodeOutput } from '../../support/node-output.ts';

const documents = new Map(
  buildDocuments(
    assembleScripts((path) => readFileSync(new URL(`../../../../nodes/${path}`, import.meta.url), 'utf8')),
  ).map(({ name, content }) => [name, parseDocument(name, content)]),
);

/** Which parameters of the command that carries out this plan Systems Manager would refuse. */
function refusedParameters(plan: NodePlan): string[] {
  const { document: which, parameters } = commandOf(plan);
  const names = {
    raise: 'medic-raise',
    settings: 'medic-settings',
    deleteUdpEntry: 'medic-delete-udp-entry',
  };
  const document = documents.get(names[which] as 'medic-raise');
  if (document === undefined) throw new Error(`no document for ${which}`);
  const common = { nonce: 'a1b2c3d4e5f6a7b8', incident: 'inc-0123456789' };
  const given = Object.entries({ ...common, ...parameters }).map(([name, value]) => [name, [value]]);
  try {
    resolveParameters(document, Object.fromEntries(given));
    return [];
  } catch (error) {
    return [String(error)];
  }
}

const COMMON = { instanceId: 'i-0', arithmetic: [], layers: [], warnings: [] };

/** Numbers as a node may print them: usual ones, and those just beyond what anything takes. */
const anyNumber = fc.oneof(
  fc.nat({ max: 5_000_000 }),
  fc.constantFrom(0, 1, 999, 1_000, 4_194_304, 4_194_305, 9_999_999, 10_000_000, 2 ** 32, 2 ** 49, 2 ** 53),
);
const anyAddress = fc.oneof(
  fc.constantFrom('10.96.0.10', '10.1.1.5', 'fd00::53', 'fd00::1'),
  fc.constantFrom('10.96.0', '256.1.1.1', '010.1.1.1', '::ffff:10.0.0.1', '-F', '', '10.1.1.5 -F', "'; id"),
);

const anyPlan: fc.Arbitrary<NodePlan> = fc.oneof(
  fc
    .tuple(anyNumber, anyNumber, anyNumber, anyNumber)
    .map(([a, b, c, d]) => buildNodePlan({ max: { from: a, to: b }, buckets: { from: c, to: d } })),
  fc.tuple(fc.constantFrom(...SettingKey.options), anyNumber, anyNumber).map(([key, from, to]) => ({
    ...COMMON,
    kind: 'shorten-timeouts' as const,
    changes: [{ key, from, to }],
  })),
  fc.tuple(anyAddress, anyAddress, anyNumber).map(([destination, target, port]) => ({
    ...COMMON,
    kind: 'delete-udp-entries' as const,
    destination,
    target,
    port,
  })),
);

describe('a plan made of what a node says', () => {
  test('is refused unless the document takes every one of its parameters', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        if (refuseUnsendable(plan) !== undefined) return;
        expect(refusedParameters(plan)).toEqual([]);
        for (const { key, to } of settingsOf(plan))
          if (/_(buckets|max)$/.test(key)) expect(to).toBeLessThanOrEqual(4_194_304);
      }),
      { numRuns: 3_000 },
    );
    expect(refuseUnsendable(buildNodePlan())).toBeUndefined();
  });

  test.each<[string, BuiltNode, RegExp]>([
    [
      'buckets that no command takes',
      { count: 131_072, buckets: 4_294_967_296, counters: { drop: 500 } },
      /nf_conntrack_buckets was read as 4,294,967,296, which is beyond/,
    ],
    [
      'more buckets than a click ever sets',
      { count: 131_072, buckets: 4_194_816, counters: { drop: 500 } },
      /nf_conntrack_buckets would go to 4,194,816, which is beyond/,
    ],
  ])('offers no change on a node that prints %s, and says why', (_what, node, why) => {
    const capture = readCapture(nodeOutput(node));
    if (capture === undefined) throw new Error('the built node can not be read');
    const { diagnosis, plan } = diagnose(snapshotOf(capture), catalogue, 'i-1');
    expect(diagnosis.verdict).toBe('table-full');
    expect(plan).toBeUndefined();
    expect(diagnosis.offer).toMatchObject({
      raise: false,
      why: expect.stringMatching(why),
      remediations: [],
    });
  });

  /** Nodes that lead to each kind of plan that recorded ones do not. */
  const BUILT: readonly BuiltNode[] = [
    {
      count: 110_000,
      sections: {
        'timeouts -': 'nf_conntrack_tcp_timeout_established=432000\nnf_conntrack_tcp_timeout_close_wait=3600',
        'entries -': entries(['state 900 tcp CLOSE_WAIT assured', 'established 100 100']),
      },
    },
    { count: 60_000, buckets: 60_000, counters: { chainlength: 20, insert_failed: 20 } },
  ];
  const anyCapture = fc.constantFrom(
    ...recordedCases().map(({ capture }) => capture),
    ...BUILT.flatMap((node) => readCapture(nodeOutput(node)) ?? []),
  );

  /** One number, or every number of one section, replaced by one that no healthy node prints. */
  const hostile = fc
    .tuple(
      anyCapture,
      fc.array(
        fc.tuple(
          fc.nat({ max: 80 }),
          fc.option(fc.nat({ max: 40 })),
          fc.constantFrom(
            '0',
            '00262144',
            '9999999',
            '10000000',
            '4294967296',
            '99999999999999',
            '-1',
            '1e9',
          ),
        ),
        { minLength: 1, maxLength: 6 },
      ),
    )
    .map(([capture, changes]) => {
      const sections = capture.sections.map((section) => ({ ...section }));
      for (const [index, position, value] of changes) {
        const section = sections[index % Math.max(1, sections.length)];
        if (section === undefined) continue;
        let seen = -1;
        section.text = section.text.replaceAll(/\b\d{2,9}\b/g, (digits) => {
          seen += 1;
          return position === null || seen === position ? value : digits;
        });
      }
      return { ...capture, sections };
    });

  test('can be sent whatever numbers the node prints, stays within the bounds, and can be stored', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(hostile, (capture) => {
        const { plan } = diagnose(snapshotOf(capture), catalogue, 'i-1');
        if (plan === undefined) return;
        seen.add(plan.kind);
        expect(NodePlan.parse(plan)).toEqual(plan);
        expect(refusedParameters(plan)).toEqual([]);
        if (plan.kind === 'raise-max') {
          expect(plan.max.to).toBeLessThanOrEqual(Math.min(4 * plan.max.from, 4_194_304));
          expect(plan.memoryBytes).toBeLessThanOrEqual(0.05 * plan.memoryTotalBytes);
        }
      }),
      { numRuns: 300 },
    );
    expect(seen.size).toBeGreaterThanOrEqual(3);
  }, 120_000);
});
