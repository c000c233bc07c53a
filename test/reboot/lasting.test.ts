import { afterEach, describe, expect, it } from 'vitest';
import { noteSeen } from '../nodes/support/seen.ts';
import { GuestNode } from './support/guest-node.ts';
import { driftOfRaise, lookAt } from './support/later-look.ts';
import { whyNoGuest } from './support/requirements.ts';

const INCIDENT = 'inc-aaaaaaaa';

describe.runIf(whyNoGuest() === undefined)('a raise on a machine that boots', () => {
  let node: GuestNode;
  afterEach(() => node.close());

  it('holds over a reboot, and after its rollback the machine boots as it did before', async () => {
    node = await GuestNode.start();
    const versions = await node.guest.succeed(
      `. /etc/os-release; echo "$PRETTY_NAME, kernel $(uname -r), $(systemctl --version | head -n 1), $(sysctl --version), $(kmod --version | head -n 1)"`,
    );
    noteSeen('The machine', `${versions}; nf_conntrack is a module.`);
    const before = await node.etc();
    expect(await node.raise(INCIDENT)).toMatchObject({ outcome: 'raised', code: '' });
    expect(await node.values()).toEqual(node.target);
    await node.guest.reboot();
    // Nothing but the files of the raise loads the module at boot.
    const held = await node.values();
    expect(held).toEqual(node.target);
    expect(await node.layer('sysctl.d')).toMatchObject({ state: 'covered' });
    noteSeen('Raise and rollback', `Before: ${told(node.original)}. Raised and rebooted: ${told(held)}.`);

    expect(await node.rollBack(INCIDENT)).toMatchObject({ outcome: 'rolled-back', code: '' });
    expect((await node.values()).max).toBe(node.original.max);
    expect(await node.etc()).toBe(before);
    expect(await node.leftovers()).toBe('');
    expect(await node.rollBack(INCIDENT)).toMatchObject({ outcome: 'unchanged' });
    await node.guest.reboot();
    expect(await node.etc()).toBe(before);
    await node.guest.succeed('modprobe nf_conntrack');
    expect(await node.values()).toEqual(node.original);
    expect(await node.rollBack(INCIDENT)).toMatchObject({ outcome: 'unchanged' });
    noteSeen(
      'Raise and rollback',
      `Rolled back after that reboot and rebooted once more: ${told(await node.values())}; everything under /etc has the same mode, owner and bytes as before the raise.`,
    );
  });

  it('is lost at boot without the file that loads the module, whatever sysctl.d says', async () => {
    node = await GuestNode.start();
    await node.raise(INCIDENT);
    await node.guest.succeed(
      'rm /etc/modules-load.d/conntrack-medic.conf /etc/modprobe.d/conntrack-medic.conf',
    );
    await node.guest.reboot();
    await node.guest.succeed('modprobe nf_conntrack');
    expect(await node.values()).toEqual(node.original);
    noteSeen(
      'Raise and rollback',
      `With the sysctl.d file alone: ${told(await node.values())}, the raise to ${node.target.max} is lost.`,
    );
  });

  it("names file and line of others that win at boot, leaves their files alone, and tells the reboot's drift", async () => {
    node = await GuestNode.start();
    const rivals = '/etc/sysctl.conf /etc/sysctl.d/99-zzz-tuning.conf';
    await node.guest.succeed(`echo 'net.netfilter.nf_conntrack_max = 5000' >>/etc/sysctl.conf
printf '# tuned by hand\\nnet.netfilter.nf_conntrack_max = 6000\\n' >/etc/sysctl.d/99-zzz-tuning.conf`);
    const theirs = await node.guest.succeed(`sha256sum ${rivals}`);
    const raised = await node.raise(INCIDENT);
    expect(raised.outcome).toBe('raised');
    expect(raised.notCovered.join('\n')).toMatch(/\/etc\/sysctl\.d\/99-zzz-tuning\.conf:2 sets 6,000/);
    expect(raised.notCovered.join('\n')).toMatch(/\/etc\/sysctl\.conf:\d+ sets 5,000/);
    const verified = await lookAt(node);
    expect(node.layerIn(verified.evidence, 'sysctl.d')).toMatchObject({
      state: 'not-covered',
      how: expect.stringMatching(/99-zzz-tuning\.conf:2 sets 6,000 after ours at each boot/),
    });

    await node.guest.reboot();
    // systemd sorts all files by name: theirs comes after ours, and after the link to /etc/sysctl.conf.
    expect((await node.values()).max).toBe(6000);
    const drift = driftOfRaise(node, verified, await lookAt(node));
    expect(drift).toMatchObject({ state: 'moved', by: 'reboot' });
    expect(drift?.why).toMatch(/the node has rebooted and \/etc\/sysctl\.d\/99-zzz-tuning\.conf:2 sets this/);
    noteSeen('Other files', `Reported before the reboot: ${raised.notCovered.join('; ')}.`);
    noteSeen('Other files', `After it: ${drift?.why}`);

    // Run by hand, procps reads /etc/sysctl.conf last of all.
    await node.guest.run('sysctl --system');
    expect((await node.values()).max).toBe(5000);
    expect(await node.guest.succeed(`sha256sum ${rivals}`)).toBe(theirs);
    noteSeen('Other files', `After \`sysctl --system\` by hand: ${told(await node.values())}.`);
  });
});

function told({ max, buckets }: { max: number; buckets: number }): string {
  return `nf_conntrack_max ${max}, buckets ${buckets}`;
}
