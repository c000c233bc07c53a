import { Annotations, type IAspect, Stack } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';

/** What Lambda accepts as the environment of a function, names, values and quotes included: measured as JSON. */
const MOST_BYTES = 4_096;

/** Characters of what is only known once it is deployed: what AWS allows or what the services' ARNs and names come to. */
const ACCOUNT_ID = 12;
const REGION = 14;
const PARTITION = 10;
const NAME_OR_ARN = 128;

/** What to do about a variable that has grown with the configuration. */
const ADVICE: Readonly<Record<string, string>> = {
  MEDIC_ALARM_TARGETS:
    'say which nodes an alarm means on the alarm itself, with its tag medic:target, and take those alarms out of alarmTargets',
  MEDIC_APPROVERS: 'name fewer approvers',
  MEDIC_NODE_TAGS: 'name fewer values in nodeTags, or give all nodes one tag of your own and name that',
  MEDIC_SWEEP_SOURCE: 'name fewer labels in sweep.source, or shorter ones',
  MEDIC_SPOKES: 'give the spokes shorter external ids, or deploy a second service for some of them',
};

/**
 * Refuses at synth a function whose environment Lambda would refuse in the middle of a deployment. What is not known yet
 * counts with the most that it can come to, so a refusal can be early by some hundred bytes, never late.
 */
export class EnvironmentSize implements IAspect {
  visit(node: IConstruct): void {
    if (!(node instanceof CfnFunction)) return;
    const { variables = {} }: { variables?: Readonly<Record<string, unknown>> } =
      Stack.of(node).resolve(node.environment) ?? {};
    const sizes = Object.entries(variables).map(([name, value]) => ({ name, bytes: bytesOf(name, value) }));
    const total = sizes.reduce((sum, { bytes }) => sum + bytes, 2);
    if (total <= MOST_BYTES) return;
    const [largest] = sizes.toSorted((a, b) => b.bytes - a.bytes);
    const name = largest?.name ?? '';
    const advice = ADVICE[name] ?? `make ${name} shorter`;
    Annotations.of(node).addError(
      `Lambda takes ${MOST_BYTES} bytes as the environment of a function and refuses this one with ${total}, of which ${name} has ${largest?.bytes}: ${advice}.`,
    );
  }
}

/** Bytes of one variable in JSON, with quotes, colon and comma. */
function bytesOf(name: string, value: unknown): number {
  return Buffer.byteLength(`${JSON.stringify(name)}:"",`) + valueBytes(value);
}

function valueBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(JSON.stringify(value)) - 2;
  if (typeof value !== 'object' || value === null) return Buffer.byteLength(String(value));
  const [[intrinsic, content] = []] = Object.entries(value);
  if (intrinsic === 'Fn::Join' && Array.isArray(content) && Array.isArray(content[1]))
    return content[1].reduce<number>((sum, part) => sum + valueBytes(part) + valueBytes(content[0]), 0);
  if (intrinsic !== 'Ref') return NAME_OR_ARN;
  return (
    { 'AWS::AccountId': ACCOUNT_ID, 'AWS::Region': REGION, 'AWS::Partition': PARTITION }[String(content)] ??
    NAME_OR_ARN
  );
}
