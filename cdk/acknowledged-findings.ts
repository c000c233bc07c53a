import { Stack, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Says why a finding of cdk-nag's AwsSolutions rules is as it should be, for this construct and what is in it. */
export function acknowledge(scope: Construct, finding: string, reason: string): void {
  Validations.of(scope).acknowledge({ id: `AwsSolutions::AwsSolutions-${finding}`, reason });
}

/** The same for a resource with a wildcard in a role's policy. */
export function acknowledgeWildcard(role: Construct, resource: string, reason: string): void {
  acknowledge(role, `IAM5[Resource::${flat(Stack.of(role).resolve(resource))}]`, reason);
}

/** A resolved ARN as cdk-nag writes it: references in angle brackets. */
function flat(resolved: unknown): string {
  if (typeof resolved === 'string') return resolved;
  const [[intrinsic, value] = []] = Object.entries(resolved as Readonly<Record<string, unknown>>);
  if (intrinsic === 'Ref') return `<${String(value)}>`;
  if (intrinsic === 'Fn::GetAtt') return `<${(value as readonly string[]).join('.')}>`;
  if (intrinsic === 'Fn::Join') {
    const [separator, parts] = value as [string, readonly unknown[]];
    return parts.map(flat).join(separator);
  }
  throw new Error(`${intrinsic} is not expected in an ARN.`);
}
