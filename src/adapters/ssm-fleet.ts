import {
  DescribeInstanceInformationCommand,
  type InstanceInformation,
  type InstanceInformationStringFilter,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { Alarm } from '../core/alarm.ts';
import type { IncidentNode } from '../core/incident.ts';
import type { Fleet } from '../core/ports.ts';

/** Which nodes an alarm is about, said by the operator: instance ids, or a tag that they carry. */
export interface AlarmTarget {
  /** Name or ARN of the alarm. */
  readonly alarm: string;
  readonly instanceIds?: readonly string[] | undefined;
  readonly tag?: { readonly key: string; readonly value: string } | undefined;
  /** The group that these nodes are of, where their tags do not say. */
  readonly group?: Pick<IncidentNode, 'cluster' | 'nodeGroup' | 'nodePool' | 'autoScalingGroup'> | undefined;
}

/** Instances that one DescribeInstanceInformation filter takes. */
const FILTER_MAX_VALUES = 50;
const INSTANCE_ID = /^m?i-[0-9a-f]{8,17}$/;

/** Nodes as Systems Manager knows them: the operator's word for the alarm first, then the alarm's own InstanceId. */
export class SsmFleet implements Fleet {
  private readonly client: SSMClient;
  private readonly targets: readonly AlarmTarget[];
  private readonly maxNodes: number;

  constructor(client: SSMClient, targets: readonly AlarmTarget[], maxNodes: number) {
    this.client = client;
    this.targets = targets;
    this.maxNodes = maxNodes;
  }

  async resolve(alarm: Alarm): Promise<{ nodes: IncidentNode[]; gaps: string[] }> {
    const target = this.targets.find((one) => one.alarm === alarm.name || one.alarm === alarm.arn);
    const { nodes, gaps } = await this.find(alarm, target);
    return { nodes: nodes.map((node) => ({ ...node, ...target?.group })), gaps };
  }

  private async find(
    alarm: Alarm,
    target: AlarmTarget | undefined,
  ): Promise<{ nodes: IncidentNode[]; gaps: string[] }> {
    if (target?.tag !== undefined) return await this.byTag(alarm, target.tag);
    const named = alarm.dimensions.filter(({ name }) => name === 'InstanceId').map(({ value }) => value);
    const ids = [...new Set(target?.instanceIds ?? named)].filter((id) => INSTANCE_ID.test(id));
    if (ids.length > 0) return await this.byId(ids);
    return {
      nodes: [],
      gaps: [
        `The alarm ${alarm.name} names no instance and MEDIC_ALARM_TARGETS has no entry for it; add one with instance ids or a tag.`,
      ],
    };
  }

  private async byTag(
    alarm: Alarm,
    { key, value }: { readonly key: string; readonly value: string },
  ): Promise<{ nodes: IncidentNode[]; gaps: string[] }> {
    const found = await this.describe({ Key: `tag:${key}`, Values: [value] });
    if (found.length > 0) return this.sorted(found);
    const gap = `No instance that Systems Manager manages has the tag ${key}=${value}, which MEDIC_ALARM_TARGETS gives for ${alarm.name}.`;
    return { nodes: [], gaps: [gap] };
  }

  private async byId(ids: readonly string[]): Promise<{ nodes: IncidentNode[]; gaps: string[] }> {
    const known: InstanceInformation[] = [];
    for (let start = 0; start < ids.length; start += FILTER_MAX_VALUES) {
      const Values = ids.slice(start, start + FILTER_MAX_VALUES);
      known.push(...(await this.describe({ Key: 'InstanceIds', Values })));
    }
    const inOrder = ids.flatMap((id) => known.find(({ InstanceId }) => InstanceId === id) ?? []);
    const unknown = ids.filter((id) => !known.some(({ InstanceId }) => InstanceId === id));
    const { nodes, gaps } = this.sorted(inOrder);
    const missing = unknown.map(
      (id) => `${id} is not managed by Systems Manager: it is gone, or has no agent or no instance profile.`,
    );
    return { nodes, gaps: [...gaps, ...missing] };
  }

  /** Nodes that can be asked, at most as many as one incident may ask, and what was left out. */
  private sorted(found: readonly InstanceInformation[]): { nodes: IncidentNode[]; gaps: string[] } {
    const online = found.filter(({ PingStatus }) => PingStatus === 'Online');
    const gaps = found
      .filter(({ PingStatus }) => PingStatus !== 'Online')
      .map(
        ({ InstanceId, PingStatus = 'unknown' }) =>
          `${InstanceId} was not asked: its SSM agent is ${PingStatus === 'ConnectionLost' ? 'offline' : PingStatus}, which a node in trouble can be.`,
      );
    const nodes = online.slice(0, this.maxNodes).flatMap(toNode);
    const left = online.length - nodes.length;
    if (left > 0) gaps.push(`${left} more nodes were left out: MEDIC_MAX_NODES is ${this.maxNodes}.`);
    return { nodes, gaps };
  }

  private async describe(filter: InstanceInformationStringFilter): Promise<InstanceInformation[]> {
    const found: InstanceInformation[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.client.send(
        new DescribeInstanceInformationCommand({ Filters: [filter], MaxResults: 50, NextToken }),
      );
      found.push(...(page.InstanceInformationList ?? []));
      NextToken = page.NextToken === '' ? undefined : page.NextToken;
    } while (NextToken !== undefined);
    return found;
  }
}

function toNode({ InstanceId, ComputerName }: InstanceInformation): IncidentNode[] {
  if (InstanceId === undefined) return [];
  return [{ instanceId: InstanceId, ...(ComputerName === undefined ? {} : { name: ComputerName }) }];
}
