import { existsSync } from 'node:fs';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, Policy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, type FunctionOptions, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcard } from './acknowledged-findings.ts';
import { ConfigError } from './config.ts';
import { allow, type PermissionName, reasonFor } from './permissions.ts';

/** A function of the service, by the name of its bundle. */
export type FunctionName =
  | 'intake'
  | 'incident'
  | 'reconcile'
  | 'remediate'
  | 'resolve'
  | 'slack'
  | 'sweep'
  | 'webhook';

/** Properties of a function of the service. */
export interface ServiceFunctionProps
  extends Pick<
    FunctionOptions,
    | 'description'
    | 'environment'
    | 'durableConfig'
    | 'deadLetterQueue'
    | 'reservedConcurrentExecutions'
    | 'currentVersionOptions'
  > {
  /** Its bundle, `dist/lambdas/NAME.mjs` with the export `handler`. */
  readonly bundle: FunctionName;
  /** How long its log is kept. */
  readonly logRetention: RetentionDays;
  /**
   * How long one invocation may take.
   *
   * @default 30 seconds
   */
  readonly timeout?: Duration;
}

/** Where the build puts the bundles; the same files run in the demo. */
const BUNDLES = 'dist/lambdas';
/** Functions that draw pictures, and so need what lies beside the bundles for that. */
const DRAWS: ReadonlySet<FunctionName> = new Set(['incident']);
/** Where the durable runtime gets its rights from. */
const DURABLE_POLICY = 'service-role/AWSLambdaBasicDurableExecutionRolePolicy';

const DURABLE_FINDING = `arn:<AWS::Partition>:iam::aws:policy/${DURABLE_POLICY}`;
const DURABLE_REASON =
  'Lets the durable runtime save where an incident stands; AWS keeps it in step with the runtime.';

/** A Lambda of the service with what they all share: Node 24 on arm64, the built bundle, a role and a log of its own. */
export class ServiceFunction extends Construct {
  readonly lambda: Function;
  /** Nothing is in it but the log and what the caller adds. */
  readonly role: Role;

  /** @throws ConfigError when the bundle was not built */
  constructor(scope: Construct, id: string, { bundle, logRetention, ...options }: ServiceFunctionProps) {
    super(scope, id);
    if (!existsSync(`${BUNDLES}/${bundle}.mjs`))
      throw new ConfigError(`${BUNDLES}/${bundle}.mjs is not there; run npm run build before cdk synth.`);
    const logGroup = new LogGroup(this, 'Log', {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      roleName: hubRoleName(bundle, Stack.of(this).region),
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      managedPolicies:
        options.durableConfig === undefined ? [] : [ManagedPolicy.fromAwsManagedPolicyName(DURABLE_POLICY)],
    });
    allow(this.role, 'WriteLog', [logGroup.logGroupArn]);
    acknowledgeWildcard(this.role, '*', reasonFor('TraceCalls'));
    if (options.durableConfig !== undefined)
      acknowledge(this.role, `IAM4[Policy::${DURABLE_FINDING}]`, DURABLE_REASON);
    this.lambda = new Function(this, 'Function', {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout: Duration.seconds(30),
      handler: `${bundle}.handler`,
      code: Code.fromAsset(BUNDLES, {
        exclude: ['*', `!${bundle}.mjs`, ...(DRAWS.has(bundle) ? ['!picture*'] : [])],
      }),
      tracing: Tracing.ACTIVE,
      role: this.role,
      logGroup,
      ...options,
    });
  }

  /**
   * Gives the function a right on its own executions, in a policy that stands by itself: what the function waits for before it is
   * made can not name it.
   */
  allowOnItself(name: PermissionName): void {
    allow(new Policy(this, 'OnItself', { roles: [this.role] }), name, [`${this.lambda.functionArn}:*`]);
  }
}

/** Name of a function's role: fixed, because the roles in other accounts name who may assume them. */
export function hubRoleName(bundle: FunctionName, region: string): string {
  return `conntrack-medic-${bundle}-${region}`;
}
