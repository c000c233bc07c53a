import { type Candidate, Candidates } from './candidates.ts';
import { failureOf, listPhrase } from './gap-words.ts';
import type { Instance, NodeLookups, Target, TargetGroup } from './node-lookups.ts';
import { type NodeSelector, selectorPhrase } from './node-selector.ts';

type AwsLookups = NonNullable<NodeLookups['aws']>;

/** The instances behind selectors of one account and region, and what stands behind them that is no instance. */
export async function findCandidates(
  lookups: NodeLookups,
  selectors: readonly NodeSelector[],
): Promise<{ readonly candidates: readonly Candidate[]; readonly gaps: readonly string[] }> {
  const search = new Search(lookups);
  for (const selector of selectors) {
    try {
      await search.follow(selector);
    } catch (error) {
      search.gaps.push(failureOf(`What stands behind ${selectorPhrase(selector)}`, error));
    }
  }
  return { candidates: search.found.all(), gaps: search.gaps };
}

/** An ALB can be the target of an NLB, and nothing can be the target of it but instances, addresses and functions. */
const LOAD_BALANCERS_IN_A_ROW = 2;

class Search {
  readonly found = new Candidates();
  readonly gaps: string[] = [];
  private readonly lookups: NodeLookups;

  constructor(lookups: NodeLookups) {
    this.lookups = lookups;
  }

  async follow(selector: NodeSelector): Promise<void> {
    const { aws, managed } = this.lookups;
    if (selector.kind === 'instance') return this.found.add(selector.instanceId, { isNamed: true });
    if (selector.kind === 'node-name') return await this.followNodeName(selector.name);
    if (aws === undefined) {
      if (selector.kind !== 'tag') return this.cannotFollow(selector);
      const nodes = await managed.byTag(selector.key, selector.value);
      for (const { instanceId } of nodes) this.found.add(instanceId);
      return this.noteIfNone(nodes, selector);
    }
    switch (selector.kind) {
      case 'tag':
        return this.addInstances(await aws.instances.byTag(selector.key, selector.value), selector);
      case 'address':
        return await this.followAddress(aws, selector.address);
      case 'cluster':
        return this.addInstances(await aws.instances.byCluster(selector.name), selector);
      case 'auto-scaling-group': {
        const ids = await aws.autoScalingGroup(selector.name);
        for (const id of ids ?? []) this.found.add(id);
        return this.noteIfNone(ids ?? [], selector);
      }
      case 'target-group': {
        const group = await aws.loadBalancers.group(selector.id);
        if (group === undefined)
          this.gaps.push(`There is no target group ${selector.id}; was it deleted after the alarm was made?`);
        else await this.followGroup(aws, group, 1);
        return;
      }
      case 'load-balancer':
        return await this.followLoadBalancer(aws, selector.id, 1);
    }
  }

  /** EKS names a node by its private DNS name or its instance id, and Fargate's so that it shows. */
  private async followNodeName(name: string): Promise<void> {
    const [, instanceId] = /^(i-[0-9a-f]{8,17})(?:\.|$)/.exec(name) ?? [];
    if (instanceId !== undefined) return this.found.add(instanceId, { isNamed: true });
    if (name.startsWith('fargate-')) {
      this.gaps.push(`${name} is Fargate: there is no node of yours to ask; look at its pod with kubectl.`);
      return;
    }
    if (this.lookups.aws === undefined) return this.cannotFollow({ kind: 'node-name', name });
    const instances = await this.lookups.aws.instances.byPrivateDnsName(name);
    for (const instance of instances) this.found.add(instance.instanceId, { isNamed: true, instance });
    this.noteIfNone(instances, { kind: 'node-name', name });
  }

  private async followAddress(aws: AwsLookups, address: string): Promise<void> {
    const owner = (await aws.instances.ownersOf([address], undefined)).get(address);
    if (owner?.kind === 'instance') return this.found.add(owner.instanceId, { isNamed: true });
    if (owner?.kind === 'ambiguous') {
      this.gaps.push(
        `The address ${address} is used in several VPCs of this account (${listPhrase(owner.vpcs)}); name the instance instead.`,
      );
      return;
    }
    this.gaps.push(
      owner === undefined
        ? `The address ${address} belongs to no network interface of this account; was its machine replaced?`
        : `The address ${address} is on no instance of this account, as on Fargate: there is no node to ask; look at its pod with kubectl.`,
    );
  }

  private async followLoadBalancer(aws: AwsLookups, id: string, depth: number): Promise<void> {
    const groups = await aws.loadBalancers.behind(id);
    if (groups.length === 0) this.gaps.push(`No target group is behind load balancer ${id}.`);
    for (const group of groups) await this.followGroup(aws, group, depth);
  }

  private async followGroup(aws: AwsLookups, { arn, kind, vpc }: TargetGroup, depth: number): Promise<void> {
    const name = arn.split(':').at(-1) ?? arn;
    if (kind === 'lambda') {
      this.gaps.push(`${name} calls a Lambda function: there is no node behind it.`);
      return;
    }
    const targets = await aws.loadBalancers.targets(arn);
    if (targets.length === 0) this.gaps.push(`${name} has no target: nothing serves its requests.`);
    if (kind === 'instance') for (const target of targets) this.addTarget(target.id, target);
    if (kind === 'ip') await this.addAddresses(aws, name, targets, vpc);
    if (kind === 'alb' && depth < LOAD_BALANCERS_IN_A_ROW) {
      for (const { id } of targets) {
        const balancer = /:loadbalancer\/(.+)$/.exec(id)?.[1];
        if (balancer !== undefined) await this.followLoadBalancer(aws, balancer, depth + 1);
      }
    }
  }

  private async addAddresses(
    aws: AwsLookups,
    group: string,
    targets: readonly Target[],
    vpc: string | undefined,
  ): Promise<void> {
    const owners = await aws.instances.ownersOf([...new Set(targets.map(({ id }) => id))], vpc);
    const withoutInstance: string[] = [];
    const unknown: string[] = [];
    for (const target of targets) {
      const owner = owners.get(target.id);
      if (owner?.kind === 'instance') this.addTarget(owner.instanceId, target);
      else (owner?.kind === 'no-instance' ? withoutInstance : unknown).push(target.id);
    }
    if (withoutInstance.length > 0)
      this.gaps.push(
        `Targets of ${group} run on no instance of this account, as on Fargate (${listPhrase(withoutInstance)}): there is no node to ask; look at their pods or tasks.`,
      );
    if (unknown.length > 0)
      this.gaps.push(
        `Targets of ${group} belong to no network interface of its VPC (${listPhrase(unknown)}): they have just gone, or are outside of it; ask their machines by hand.`,
      );
  }

  private addTarget(instanceId: string, { isUnhealthy }: Target): void {
    this.found.add(instanceId, { targets: 1, unhealthyTargets: isUnhealthy ? 1 : 0 });
  }

  private addInstances(instances: readonly Instance[], selector: NodeSelector): void {
    for (const instance of instances) this.found.add(instance.instanceId, { instance });
    this.noteIfNone(instances, selector);
  }

  private noteIfNone(found: readonly unknown[], selector: NodeSelector): void {
    if (found.length === 0)
      this.gaps.push(
        `No running instance belongs to ${selectorPhrase(selector)}; check the name and the account.`,
      );
  }

  private cannotFollow(selector: NodeSelector): void {
    this.gaps.push(
      `${selectorPhrase(selector)} cannot be followed here, where Systems Manager is all there is; map the alarm to instance ids or a tag in MEDIC_ALARM_TARGETS.`,
    );
  }
}
