import { Aspects, Stack, type StackProps } from 'aws-cdk-lib';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { EventBus as EventBusTarget } from 'aws-cdk-lib/aws-events-targets';
import { AccountPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { NodeTags } from '../src/core/node-tags.ts';
import { alarmPattern } from './alarm-pattern.ts';
import { EnvironmentSize } from './environment-size.ts';
import { CHANGING_DOCUMENTS, NodeDocuments } from './node-documents.ts';
import { allow } from './permissions.ts';
import { hubRoleName } from './service-function.ts';
import { type SpokeCaller, spokeRoleName } from './spoke-roles.ts';

/** Properties of a spoke. */
export interface SpokeStackProps extends StackProps {
  /** Account and region of the service itself. */
  readonly hub: { readonly account: string; readonly region: string };
  /** What the service has to say besides being who it is. */
  readonly externalId: string;
  /** Only nodes with one of these tags can be sent a command. */
  readonly nodeTags: NodeTags;
  /** Alarms of this account whose name begins so are forwarded to the service. */
  readonly alarmNamePrefix: string;
}

/**
 * What the service needs in an account other than its own: the documents, a rule that forwards alarms, and one role for
 * each function that enters the account, so that the function that reads can change nothing here either.
 */
export class SpokeStack extends Stack {
  constructor(scope: Construct, id: string, props: SpokeStackProps) {
    super(scope, id, props);
    Aspects.of(this).add(new EnvironmentSize());
    const { hub, externalId, nodeTags, alarmNamePrefix } = props;
    const documents = new NodeDocuments(this, 'Documents', nodeTags);
    const roleFor = (caller: SpokeCaller) =>
      new Role(this, `RoleFor${caller}`, {
        roleName: spokeRoleName(caller),
        description: `What the ${caller} function of conntrack-medic in ${hub.account} may do here`,
        assumedBy: new AccountPrincipal(hub.account).withConditions({
          StringEquals: { 'sts:ExternalId': externalId },
          // Named here rather than as the principal: IAM refuses a principal that does not exist yet.
          ArnEquals: {
            'aws:PrincipalArn': `arn:${this.partition}:iam::${hub.account}:role/${hubRoleName(caller, hub.region)}`,
          },
        }),
      });
    allow(roleFor('resolve'), 'FindNodes', ['*']);
    documents.grantSend(roleFor('incident'), 'collect', 'trace');
    // A raise is kept on groups of the service's own account and region only, so no right to associations here.
    documents.grantSend(roleFor('remediate'), ...CHANGING_DOCUMENTS);

    const hubBus = `arn:${this.partition}:events:${hub.region}:${hub.account}:event-bus/default`;
    new Rule(this, 'Alarms', {
      description: 'Forwards alarms to conntrack-medic',
      eventPattern: alarmPattern(alarmNamePrefix),
      targets: [new EventBusTarget(EventBus.fromEventBusArn(this, 'HubBus', hubBus))],
    });
  }
}
