import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO_GROUP } from '../demo-nodes.ts';
import type { LocalInstance } from '../ec2.ts';
import { RecordedNode, type RecordedNodeOptions } from '../recorded/recorded-node.ts';
import { replayCapture } from '../recorded/replay-capture.ts';
import type { DocumentName, LocalNode, NodeRun } from '../ssm/local-node.ts';
import { DROPPED_EACH_SECOND, demandOf, type FleetMember } from './day.ts';
import { probeText } from './probe.ts';

/** How long a collection takes, in milliseconds: it only has to be seen. */
const COLLECT_MS = 300;

/** The clock of the fleet's day. */
export interface DayClock {
  /** Minutes until the alarm; below zero after it. */
  readonly before: () => number;
}

/**
 * A node of the fleet: its probe prints what its load of that minute makes of its table, a collection replays a recorded capture in
 * that state, and the scripts that change something run as on any recorded node.
 */
export class FleetNode implements LocalNode {
  readonly instanceId: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly platform = { name: 'Amazon Linux', version: '2023', agentVersion: '3.3.3572.0' };
  readonly member: FleetMember;
  readonly recorded: RecordedNode;
  readonly #texts: RecordedNodeOptions['texts'];
  readonly #clock: DayClock;
  #fullSince: number | undefined;
  #drops = 0;

  private constructor(
    member: FleetMember,
    recorded: RecordedNode,
    texts: RecordedNodeOptions['texts'],
    clock: DayClock,
  ) {
    this.instanceId = member.instanceId;
    this.tags = { 'eks:cluster-name': DEMO_GROUP.cluster, 'eks:nodegroup-name': member.nodeGroup };
    this.member = member;
    this.recorded = recorded;
    this.#texts = texts;
    this.#clock = clock;
  }

  /** Makes the node's folder and the values in it. */
  static async open(
    member: FleetMember,
    clock: DayClock,
    given: Pick<RecordedNodeOptions, 'root' | 'texts' | 'traces' | 'runner'>,
  ): Promise<FleetNode> {
    const texts = ofLimit(given.texts, member.max);
    const recorded = await RecordedNode.open({ ...given, texts, instanceId: member.instanceId });
    return new FleetNode(member, recorded, texts, clock);
  }

  /** The node as EC2 tells of it. */
  get instance(): LocalInstance {
    const { instanceId, instanceType, zone } = this.member;
    const number = Number.parseInt(instanceId.slice(-4), 10);
    const privateDnsName = `ip-10-0-${Math.floor(number / 200)}-${10 + (number % 200)}.eu-central-1.compute.internal`;
    return { instanceId, instanceType, zone, privateDnsName, tags: this.tags };
  }

  ping(): 'Online' | 'ConnectionLost' {
    return this.member.isAway === true ? 'ConnectionLost' : 'Online';
  }

  /** Entries that its load needs now. */
  get demand(): number {
    return demandOf(this.member, this.#clock.before());
  }

  /** Whether the table has no room for what its load needs. */
  get isFull(): boolean {
    return this.demand >= this.recorded.values.max;
  }

  async run(
    document: DocumentName,
    parameters: Readonly<Record<string, string>>,
    script: string,
  ): Promise<NodeRun> {
    this.recorded.values.set({ count: this.#count() });
    const nonce = parameters['nonce'] ?? '';
    if (document === 'medic-probe') return { exitCode: 0, stdout: this.#probe(nonce), stderr: '' };
    if (document !== 'medic-collect') return await this.recorded.run(document, parameters, script);
    await sleep(COLLECT_MS);
    const { max, buckets, incident } = this.recorded.values;
    const text = replayCapture(this.#text(), { nonce, max, buckets, incident, count: this.#count() });
    return { exitCode: 0, stdout: text, stderr: '' };
  }

  #count(): number {
    return Math.min(this.demand, this.recorded.values.max);
  }

  #text(): string {
    const { sick, raisedTooLittle, raised } = this.#texts;
    const isRaised = this.recorded.values.max > this.recorded.original.max;
    if (this.isFull) return isRaised ? raisedTooLittle : sick;
    return isRaised ? raised : beforeItWasFull(raised);
  }

  #probe(nonce: string): string {
    const { max, buckets, incident, keptMax } = this.recorded.values;
    const clock = Math.round((Date.now() - Math.max(0, this.#clock.before()) * 60_000) / 1_000);
    const state = {
      nonce,
      clock,
      count: this.#count(),
      drops: this.#dropped(),
      max,
      buckets,
      keptMax,
      incident,
    };
    return probeText(this.member, state);
  }

  /** A table drops packets from when it is full until it has room. */
  #dropped(): number {
    const seconds = -this.#clock.before() * 60;
    if (this.#fullSince !== undefined)
      this.#drops += Math.max(0, Math.round((seconds - this.#fullSince) * DROPPED_EACH_SECOND));
    this.#fullSince = this.isFull ? seconds : undefined;
    return this.#drops;
  }
}

/** The recorded texts of a node that has this limit to begin with. */
function ofLimit(texts: RecordedNodeOptions['texts'], max: number): RecordedNodeOptions['texts'] {
  const { sick, ...others } = texts;
  return { ...others, sick: sick.replaceAll(/^nf_conntrack_(max|count)=.*/gm, `nf_conntrack_$1=${max}`) };
}

/** What the kernel logged while the table was full had not happened on a node whose table still fills. */
const beforeItWasFull = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/nf_conntrack: .*table full/.test(line))
    .join('\n');
