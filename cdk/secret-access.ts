import type { Role } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { allow } from './permissions.ts';

/**
 * Lets roles read one of the secrets of the configuration; what they hold never comes near a template or a function's
 * configuration.
 */
export function grantSecret(
  permission: 'ReadSlackSecret' | 'ReadSigningSecret' | 'ReadSeriesSecret',
  secret: ISecret,
  ...roles: readonly Role[]
): void {
  // A secret known by its name only has an ARN without the six characters that the service puts at its end.
  const arn = secret.secretFullArn ?? `${secret.secretArn}-??????`;
  for (const role of roles) allow(role, permission, [arn]);
}
