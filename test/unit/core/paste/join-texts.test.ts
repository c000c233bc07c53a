import { describe, expect, it } from 'vitest';
import { joinTexts } from '../../../../src/core/paste/join-texts.ts';
import { CALM, drops, FULL } from '../../support/host-lines.ts';
import { diagnosedHosts } from '../../support/pastes.ts';

const hostsOf = (...texts: Parameters<typeof joinTexts>[0]) =>
  diagnosedHosts(joinTexts(texts)).map(({ host, diagnosis }) => [host.host, diagnosis.verdict]);

describe('texts that are given together', () => {
  it.each([
    ['names of files', 'node-a.txt', 'node-b.txt'],
    ['names of folders', '/home/me/case/node-a/out.txt', '/home/me/case/node-b/out.txt'],
  ])('are of the hosts that name them: %s', (_, first, second) => {
    expect(
      hostsOf(
        { name: first, text: FULL },
        { name: second, text: CALM },
        { name: undefined, text: 'what is this?' },
      ),
    ).toEqual([
      ['node-a', 'table-full'],
      ['node-b', 'insufficient-evidence'],
    ]);
  });

  it('are of one host where the names are of moments', () => {
    const text = joinTexts([
      { name: 'before.txt', text: `2026-11-23T12:00:00Z\n${drops(10)}` },
      { name: 'after.txt', text: `2026-11-23T12:00:10Z\n${drops(910)}` },
    ]);
    const [only, ...others] = diagnosedHosts(text);
    expect(others).toEqual([]);
    expect(only?.host.capture.clock.windowSeconds).toBe(10);
  });

  it('keep to the hosts that they name themselves', () => {
    const both = `root@node-a:~# x\n${FULL}\nroot@node-b:~# x\n${CALM}`;
    expect(hostsOf({ name: 'case-1.txt', text: both }, { name: 'case-2.txt', text: both })).toHaveLength(2);
  });
});
