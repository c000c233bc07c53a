import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import { noteSeen } from '../nodes/support/seen.ts';
import { GuestNode } from './support/guest-node.ts';
import { whyNoGuest } from './support/requirements.ts';

const SYSCTL_FILE = '/etc/sysctl.d/99-zz-conntrack-medic.conf';
const MODPROBE_FILE = '/etc/modprobe.d/conntrack-medic.conf';
const JOURNAL = '/var/lib/conntrack-medic/journal';
const HASH = '/proc/sys/net/netfilter/nf_conntrack_buckets';
/** The hash as it was is left in a file before each test. */
const FORMER_HASH = '/run/former-hash';
const HASH_HAS_GROWN = `[ "$(<${HASH})" != "$(<${FORMER_HASH})" ]`;

describe.runIf(whyNoGuest() === undefined)('a power cut', () => {
  let node: GuestNode;
  let before: string;
  beforeAll(async () => {
    node = await GuestNode.start();
  });
  afterAll(() => node.close());

  beforeEach(async () => {
    // A rollback leaves the larger hash; the next raise starts from what the machine had.
    await node.guest.succeed(`echo ${node.original.buckets} >/sys/module/nf_conntrack/parameters/hashsize
cat ${HASH} >${FORMER_HASH}`);
    before = await node.etc();
  });

  /** After the boot: the interrupted run is told, and the module is there again as on a node with pods. */
  async function expectHalfApplied(): Promise<void> {
    await node.guest.succeed('modprobe nf_conntrack');
    expect(await node.leftovers()).toContain(JOURNAL);
    expect(valueOf((await node.collect()).halfApplied)).toBe(true);
  }

  it.each([
    ['when the journal is on the disk and the hash has grown', HASH_HAS_GROWN, 'reverted', 'inc-aaaaaaaa'],
    ['when the first file has its new content', `[ -e ${SYSCTL_FILE} ]`, 'reverted', 'inc-bbbbbbbb'],
    ['when the last file has its new content', `[ -e ${MODPROBE_FILE} ]`, 'finished', 'inc-cccccccc'],
  ])(
    'in a raise, %s: the raise sent again settles it and goes through',
    async (when, condition, how, incident) => {
      await node.guest.cutPowerWhen(node.raiseScript(incident), condition);
      await expectHalfApplied();

      const again = await node.raise(incident);
      expect(again.detail).toMatch(new RegExp(`^An interrupted raise of ${incident} was ${how} first`));
      expect(['raised', 'unchanged']).toContain(again.outcome);
      expect(await node.values()).toEqual(node.target);
      expect(await node.leftovers()).toBe('');
      noteSeen('Power cuts', `In a raise, ${when}: ${again.outcome}. ${again.detail}`);

      expect(await node.rollBack(incident)).toMatchObject({ outcome: 'rolled-back' });
      expect((await node.values()).max).toBe(node.original.max);
      expect(await node.etc()).toBe(before);
    },
  );

  it('in a rollback, when the last file is gone already: the rollback sent again ends with everything as before', async () => {
    const incident = 'inc-dddddddd';
    await node.raise(incident);
    await node.guest.cutPowerWhen(node.rollbackScript(incident), `[ ! -e ${SYSCTL_FILE} ]`);
    await expectHalfApplied();

    const again = await node.rollBack(incident);
    expect(['rolled-back', 'unchanged']).toContain(again.outcome);
    expect((await node.values()).max).toBe(node.original.max);
    expect(await node.leftovers()).toBe('');
    expect(valueOf((await node.collect()).halfApplied)).toBe(false);
    expect(await node.etc()).toBe(before);
    noteSeen(
      'Power cuts',
      `In a rollback, when the last file is gone already: ${again.outcome}. ${again.detail}`,
    );
  });
});
