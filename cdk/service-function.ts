import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Architecture, Code, Function, type FunctionOptions, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** What differs between the functions of the service. */
export interface ServiceFunctionProps
  extends Pick<
    FunctionOptions,
    'environment' | 'timeout' | 'durableConfig' | 'deadLetterQueue' | 'reservedConcurrentExecutions'
  > {
  /** Name of the bundle: `dist/lambdas/<bundle>/`. */
  readonly bundle: 'intake' | 'incident' | 'remediate' | 'resolve' | 'slack';
}

/** A Lambda of the service with what they all share: Node 24 on arm64, the built bundle, a log group with an end. */
export function serviceFunction(
  scope: Construct,
  id: string,
  { bundle, ...options }: ServiceFunctionProps,
): Function {
  return new Function(scope, id, {
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: 512,
    timeout: Duration.seconds(30),
    handler: `${bundle}.handler`,
    code: Code.fromAsset('dist/lambdas', { exclude: ['*', `!${bundle}.mjs`] }),
    logGroup: new LogGroup(scope, `${id}Log`, {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    }),
    ...options,
  });
}
