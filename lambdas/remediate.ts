import * as z from 'zod';
import { SpokeRoles } from '../src/adapters/spoke-access.ts';
import { SsmAssociations } from '../src/adapters/ssm/associations.ts';
import { ssmClients } from '../src/adapters/ssm/clients.ts';
import { SsmRemediateCommands } from '../src/adapters/ssm/commands.ts';
import { keptVersions } from '../src/adapters/ssm/document-versions.ts';
import {
  type AssociationAnswer,
  createAssociation,
  deleteAssociation,
} from '../src/core/keep/manage-association.ts';
import { COMMAND_NODES_MOST } from '../src/core/record/bounds.ts';
import { Remediation } from '../src/core/record/incident.ts';
import { type RemediateAnswer, remediateNodes } from '../src/core/remediation/remediate-nodes.ts';
import { signedDecisions } from '../src/slack/signed-decision.ts';
import { readEnvironment } from './environment.ts';
import { log } from './log.ts';
import {
  newNonce,
  openNodeReadings,
  openSignedClicks,
  openSigningKeys,
  openStore,
  pause,
  SCRIPT_SECONDS,
  systemClock,
} from './wiring.ts';

/** What the incident function asks for: which stored decision to carry out on which nodes, no number of a sysctl. */
const RemediateEvent = z.strictObject({
  incidentId: z.string().regex(/^[a-z0-9-]{8,64}$/),
  decision: z.number().int().min(1),
  kind: Remediation.shape.kind,
  instanceIds: z
    .array(z.string().regex(/^m?i-[0-9a-f]{8,17}$/))
    .min(1)
    .max(COMMAND_NODES_MOST),
});
export type RemediateEvent = z.infer<typeof RemediateEvent>;

/** Asks to create or delete the association that a stored decision is about; what it holds is in the record. */
const AssociationEvent = z.strictObject({
  incidentId: z.string().regex(/^[a-z0-9-]{8,64}$/),
  decision: z.number().int().min(1),
  association: z.enum(['create', 'delete']),
});
export type AssociationEvent = z.infer<typeof AssociationEvent>;

/** How long the table may be away: with the longest command it fits into the time of one invocation (cdk/conntrack-medic.ts). */
const OUTAGE_SECONDS = 600;

const environment = readEnvironment(
  'MEDIC_RAISE_DOCUMENT',
  'MEDIC_RAISE_DOCUMENT_HASH',
  'MEDIC_SETTINGS_DOCUMENT',
  'MEDIC_SETTINGS_DOCUMENT_HASH',
  'MEDIC_DELETE_UDP_ENTRY_DOCUMENT',
  'MEDIC_DELETE_UDP_ENTRY_DOCUMENT_HASH',
  'MEDIC_ROLLBACK_DOCUMENT',
  'MEDIC_ROLLBACK_DOCUMENT_HASH',
  'MEDIC_SPOKES',
  'MEDIC_SLACK_TEAM',
  'MEDIC_APPROVERS',
  'MEDIC_DECISION_LIFE_SECONDS',
  'MEDIC_COMMAND_POLL_SECONDS',
  'MEDIC_COMMAND_TIMEOUT_SECONDS',
  'MEDIC_NODE_TAGS',
);
const documents = {
  raise: { name: environment.MEDIC_RAISE_DOCUMENT, hash: environment.MEDIC_RAISE_DOCUMENT_HASH },
  settings: { name: environment.MEDIC_SETTINGS_DOCUMENT, hash: environment.MEDIC_SETTINGS_DOCUMENT_HASH },
  deleteUdpEntry: {
    name: environment.MEDIC_DELETE_UDP_ENTRY_DOCUMENT,
    hash: environment.MEDIC_DELETE_UDP_ENTRY_DOCUMENT_HASH,
  },
  rollback: { name: environment.MEDIC_ROLLBACK_DOCUMENT, hash: environment.MEDIC_ROLLBACK_DOCUMENT_HASH },
};
const deliverySeconds = environment.MEDIC_COMMAND_TIMEOUT_SECONDS;
const spokes = new SpokeRoles(environment.MEDIC_SPOKES);
const senderAt = ssmClients(spokes, {
  maxAttempts: 1,
  // What is sent once must not go into a connection that the other side has closed while it was idle.
  requestHandler: { httpAgent: { keepAlive: false }, httpsAgent: { keepAlive: false } },
});
const readerAt = ssmClients(spokes, { retryMode: 'adaptive' });
const outage = { seconds: OUTAGE_SECONDS, pause };
const store = openStore(outage);
const versionOf = keptVersions(store, readerAt);
const ports = {
  store,
  readings: openNodeReadings(outage),
  proof: signedDecisions(
    openSignedClicks(outage),
    openSigningKeys(),
    systemClock,
    environment.MEDIC_SLACK_TEAM,
  ),
  commands: new SsmRemediateCommands(senderAt, readerAt, documents, versionOf, {
    deliverySeconds,
    nodeTags: environment.MEDIC_NODE_TAGS,
    pause,
  }),
  associations: new SsmAssociations(
    senderAt(undefined),
    readerAt(undefined),
    documents.raise,
    environment.MEDIC_NODE_TAGS,
  ),
  clock: systemClock,
  log,
  pause,
  approvers: environment.MEDIC_APPROVERS,
  decisionLifeSeconds: environment.MEDIC_DECISION_LIFE_SECONDS,
  pollSeconds: environment.MEDIC_COMMAND_POLL_SECONDS,
  patienceSeconds: deliverySeconds + SCRIPT_SECONDS,
};

const UNKNOWN_ORDER =
  'The order is not one that this version of the remediate function knows, so nothing was sent to any node; it comes from another version of the service. Wait for the end of the deployment, then click again.';

/** Changes nodes on a stored approval, under a role of its own: the only place that can send a change or a rollback. */
export async function handler(event: unknown): Promise<RemediateAnswer | AssociationAnswer> {
  const { data: request } = z.union([RemediateEvent, AssociationEvent]).safeParse(event);
  // What is not known of an order may be what bounds it.
  if (request === undefined) return { kind: 'refused', why: UNKNOWN_ORDER };
  return 'association' in request ? await manage(request) : await change(request);
}

async function manage({ incidentId, decision, association }: AssociationEvent): Promise<AssociationAnswer> {
  log('association-ordered', { incidentId, decision, association });
  const answer =
    association === 'create'
      ? await createAssociation(ports, incidentId, decision, newNonce())
      : await deleteAssociation(ports, incidentId, decision);
  log(`association-${answer.kind}`, {
    incidentId,
    association,
    ...(answer.kind === 'refused' ? { why: answer.why } : {}),
  });
  return answer;
}

async function change({ incidentId, ...order }: RemediateEvent): Promise<RemediateAnswer> {
  const details = { incidentId, kind: order.kind, decision: order.decision, nodes: order.instanceIds.join() };
  log('remediation-ordered', details);
  const answer = await remediateNodes(ports, incidentId, order, newNonce());
  log(`remediation-${answer.kind}`, {
    ...details,
    ...(answer.kind === 'refused' ? { why: answer.why } : {}),
  });
  return answer;
}
