import { Stack } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { allow } from './permissions.ts';
import type { SpokeAccount } from './props.ts';

/** A function that enters other accounts; each has a role of its own there. */
export type SpokeCaller = 'resolve' | 'incident' | 'remediate';

/** Name of the role in a spoke that only this function of the hub may assume. */
export function spokeRoleName(caller: SpokeCaller): string {
  return `conntrack-medic-for-${caller}`;
}

/** Variable that tells a function how to enter the spokes; empty where there are none. */
export function spokesEnvironment(
  scope: Construct,
  spokes: readonly SpokeAccount[],
  caller: SpokeCaller,
): Record<string, string> {
  if (spokes.length === 0) return {};
  const { partition } = Stack.of(scope);
  const roles = spokes.map(({ account, externalId }) => ({
    account,
    roleArn: roleArn(partition, account, caller),
    externalId,
  }));
  return { MEDIC_SPOKES: Stack.of(scope).toJsonString(roles) };
}

/** Lets a function of the hub assume its role in every spoke, and no other role. */
export function grantSpokes(role: Role, spokes: readonly SpokeAccount[], caller: SpokeCaller): void {
  if (spokes.length === 0) return;
  const { partition } = Stack.of(role);
  allow(
    role,
    'EnterSpokes',
    spokes.map(({ account }) => roleArn(partition, account, caller)),
  );
}

function roleArn(partition: string, account: string, caller: SpokeCaller): string {
  return `arn:${partition}:iam::${account}:role/${spokeRoleName(caller)}`;
}
