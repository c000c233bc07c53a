import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { diagnose } from '../../../../src/core/diagnosis/diagnose.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { recordedCases } from '../../support/captures.ts';
import { diagnosedPaste } from '../../support/pastes.ts';

/** What can't be ruled out without a source, and the facts that come from it alone. */
const RESTS_ON: Readonly<
  Record<string, { readonly modes: readonly string[]; readonly facts: readonly string[] }>
> = {
  snmp: { modes: ['half-open-flood'], facts: ['resets sent', 'connections reset'] },
  netstat: {
    modes: ['listen-overflow'],
    facts: ['listen overflows on the node', 'sockets aborted for memory'],
  },
  pods: { modes: ['listen-overflow'], facts: ['listen overflows in pods'] },
  meminfo: { modes: ['memory-pressure'], facts: ['memory available'] },
  conntrack: {
    modes: ['table-full', 'memory-pressure'],
    facts: ['table use', 'entries refused below the limit'],
  },
  'stat-nf_conntrack': {
    modes: ['table-full', 'memory-pressure', 'invalid-reset'],
    facts: ['full-table drops', 'entries refused below the limit', 'invalid packets'],
  },
  softnet_stat: { modes: ['softnet-drops'], facts: ['backlog drops'] },
  arp_cache: { modes: ['neighbour-overflow'], facts: ['table overflows'] },
  'kernel-log': {
    modes: ['memory-pressure', 'netns-table-full', 'expectation-table-full'],
    facts: ['allocation failures', '"table full" lines', '"expectation table full" lines'],
  },
};

const captures = recordedCases().filter(({ capture }) => capture.origin === 'node');
const told = captures.flatMap(({ mode, name, capture }) =>
  [...new Set(capture.sections.map(({ source }) => source))].map((source) => ({
    at: `${mode}/${name} without ${source}`,
    source,
    capture: { ...capture, sections: capture.sections.filter((section) => section.source !== source) },
    modes: RESTS_ON[source]?.modes ?? [],
    facts: RESTS_ON[source]?.facts ?? [],
  })),
);

describe('a section that was not read', () => {
  it('is taken from captures of every kind', () => {
    const removed = new Set<string>(told.map(({ source }) => source));
    expect(Object.keys(RESTS_ON).filter((source) => !removed.has(source))).toEqual([]);
  });

  it.each(told)('rules nothing out and shows no number of its own: $at', ({ capture, modes, facts }) => {
    const { findings } = diagnose(snapshotOf(capture), catalogue, 'i-1').diagnosis;
    expect({
      ruledOut: findings.filter(({ mode, state }) => modes.includes(mode) && state === 'absent'),
      numbers: findings.flatMap(({ because }) => because.filter(({ fact }) => facts.includes(fact))),
    }).toEqual({ ruledOut: [], numbers: [] });
  });
});

describe('one pasted line of a full table', () => {
  it('rules out nothing that the rest of the log, or the namespace, would tell', () => {
    const { findings } = diagnosedPaste('[ 12.3] nf_conntrack: nf_conntrack: table full, dropping packet');
    const state = (id: string) => findings.find(({ mode }) => mode === id)?.state;
    expect(['netns-table-full', 'memory-pressure', 'expectation-table-full'].map(state)).toEqual([
      'unknown',
      'unknown',
      'unknown',
    ]);
  });
});
