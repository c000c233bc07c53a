import type { MedicDocument } from '../../../nodes/documents.ts';
import { readCapture } from '../../../src/core/capture/capture.ts';
import { raiseLayers } from '../../../src/core/plan/raise-layers.ts';
import type { PersistenceLayer } from '../../../src/core/record/plan.ts';
import { parseRemediationResult, type RemediationResult } from '../../../src/core/remediation/result.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { snapshotOf } from '../../../src/core/snapshot/snapshot-of.ts';
import { NONCE, shipped } from '../../nodes/support/scripts.ts';
import { Guest } from './guest.ts';
import { guestImage } from './guest-image.ts';

/** Four times what the kernel gives a machine of this size; buckets with it. */
const RAISE_FACTOR = 4;

/** The guest as a worker node: the shipped scripts run on it as the SSM agent would run them. */
export class GuestNode {
  readonly guest: Guest;
  /** Limit and buckets before anything was changed. */
  readonly original: { readonly max: number; readonly buckets: number };
  /** What a raise on this node goes to. */
  readonly target: { readonly max: number; readonly buckets: number };

  private constructor(guest: Guest, original: { max: number; buckets: number }) {
    this.guest = guest;
    this.original = original;
    this.target = { max: original.max * RAISE_FACTOR, buckets: original.buckets * RAISE_FACTOR };
  }

  /** Boots a fresh node on which connections are tracked. */
  static async start(): Promise<GuestNode> {
    const guest = await Guest.boot(guestImage());
    await guest.succeed('modprobe nf_conntrack');
    const [max = 0, buckets = 0] = await values(guest);
    return new GuestNode(guest, { max, buckets });
  }

  async close(): Promise<void> {
    await this.guest.close();
  }

  /** `nf_conntrack_max` and `nf_conntrack_buckets` as the kernel has them; the module is not loaded by looking. */
  async values(): Promise<{ max: number; buckets: number }> {
    const [max = 0, buckets = 0] = await values(this.guest);
    return { max, buckets };
  }

  /** The text of a raise of this node's limit and buckets to {@link target}. */
  raiseScript(incident: string): string {
    const { original, target } = this;
    return shipped('medic-raise', {
      nonce: NONCE,
      incident,
      mode: 'exact',
      fromMax: String(original.max),
      toMax: String(target.max),
      fromBuckets: String(original.buckets),
      toBuckets: String(target.buckets),
    });
  }

  async raise(incident: string): Promise<RemediationResult> {
    return await this.change(this.raiseScript(incident));
  }

  /** The text of the rollback of that incident's raise. */
  rollbackScript(incident: string): string {
    return shipped('medic-rollback', { nonce: NONCE, incident });
  }

  async rollBack(incident: string): Promise<RemediationResult> {
    return await this.change(this.rollbackScript(incident));
  }

  /** What the collector writes about the node. */
  async evidence(): Promise<string> {
    const text = shipped('medic-collect', { nonce: NONCE, sampleSeconds: '2' });
    return (await this.script('medic-collect', text)).out;
  }

  /** What the collector reports of the node. */
  async collect(): Promise<Snapshot> {
    return snapshotIn(await this.evidence());
  }

  /** One layer of persistence as the plan and the card would tell it from that evidence. */
  layerIn(evidence: string, name: PersistenceLayer['layer']): PersistenceLayer | undefined {
    return raiseLayers(snapshotIn(evidence), this.target).find(({ layer }) => layer === name);
  }

  /** The same from a fresh collection. */
  async layer(name: PersistenceLayer['layer']): Promise<PersistenceLayer | undefined> {
    return this.layerIn(await this.evidence(), name);
  }

  /** Everything under /etc with its mode and owner, then the hash of each file; few commands, as each costs much here. */
  async etc(): Promise<string> {
    return await this.guest.succeed(`cd /etc
set -- -xdev ! -path ./machine-id ! -path ./udev/hwdb.bin
find . "$@" -printf '%p %M %U:%G %l\\n' | sort
find . "$@" -type f -print0 | sort -z | xargs -0 sha256sum`);
  }

  /** Journals and half-written files that a settled node has none of. */
  async leftovers(): Promise<string> {
    return await this.guest.succeed(
      `find /etc /var/lib/conntrack-medic /run/conntrack-medic 2>/dev/null \\( -name '*.medic-new' -o -name '*.new' -o -name journal \\) -print; true`,
    );
  }

  private async change(text: string): Promise<RemediationResult> {
    const { out } = await this.script('change', text);
    const result = parseRemediationResult(out, NONCE);
    if (result.kind === 'unreadable') throw new Error(`${result.why}: ${out.slice(0, 1000)}`);
    return result;
  }

  private async script(name: MedicDocument['name'] | 'change', text: string) {
    const path = `/run/${name}.sh`;
    await this.guest.succeed(
      `base64 -d >${path} <<'END'\n${Buffer.from(text).toString('base64').replaceAll(/.{76}/g, '$&\n')}\nEND`,
    );
    return await this.guest.run(`sh ${path} 2>/dev/null`);
  }
}

function snapshotIn(evidence: string): Snapshot {
  const capture = readCapture(evidence, NONCE);
  if (capture === undefined)
    throw new Error(`The collector wrote nothing readable: ${evidence.slice(0, 500)}`);
  return snapshotOf(capture);
}

async function values(guest: Guest): Promise<number[]> {
  const folder = '/proc/sys/net/netfilter';
  const { out } = await guest.run(
    `cat ${folder}/nf_conntrack_max ${folder}/nf_conntrack_buckets 2>/dev/null`,
  );
  return out
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}
