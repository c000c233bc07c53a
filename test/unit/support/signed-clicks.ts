import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { signatureOf } from '../../../local/slack/interactions.ts';
import { DynamoSignedClicks } from '../../../src/adapters/dynamo/signed-clicks.ts';
import { clickReference } from '../../../src/core/click-reference.ts';
import type { DecisionProof } from '../../../src/core/ports.ts';
import type { Decision, IncidentHead } from '../../../src/core/record/incident.ts';
import type { SignedClick } from '../../../src/core/record/signed-click.ts';
import { clickKeptUntil, type SigningKey, signedDecisions } from '../../../src/slack/signed-decision.ts';
import { clickPayload, SIGNING_SECRET } from '../slack/slack-stand-in.ts';

/** The key that built clicks are signed with. */
export const KEY: SigningKey = { key: SIGNING_SECRET };

/** What may be other than in a click that fits its decision. */
export interface ClickChanges {
  readonly key?: string;
  /** When Slack signed it, in milliseconds since the Unix epoch; the decision's time unless told. */
  readonly signedAt?: number;
  /** Changes the payload before it is signed. */
  readonly payload?: (payload: Record<string, unknown>) => object;
  /** Changes the text before it is signed. */
  readonly body?: (body: string) => string;
}

/** The click that Slack would have signed for a decision of an incident. */
export function signedClickFor(
  { id }: Pick<IncidentHead, 'id'>,
  { kind, planDigest, instanceIds, actor, slack, at }: Decision,
  { key = SIGNING_SECRET, signedAt = Date.parse(at), payload, body: rewritten }: ClickChanges = {},
): SignedClick {
  if (actor.kind !== 'slack-user' || slack === undefined)
    throw new Error('Nobody clicked for this decision.');
  const [node] = instanceIds ?? [];
  const clicked = clickPayload({
    action: `medic.${kind}${node === undefined ? '' : '-one'}`,
    value: { incident: id, plan: planDigest, ...(node !== undefined && { node }) },
    user: actor,
    ...slack,
    responseUrl: 'https://hooks.slack.com/actions/T0/1/secret-of-the-response-url',
  }) as { readonly user: object };
  const team = { id: slack.team, domain: 'example' };
  const user = { ...clicked.user, team_id: slack.team };
  const text = JSON.stringify((payload ?? ((same) => same))({ ...clicked, team, user }));
  const body = (rewritten ?? ((same) => same))(new URLSearchParams({ payload: text }).toString());
  const timestamp = String(Math.floor(signedAt / 1000));
  return { timestamp, body, signature: signatureOf(key, timestamp, body) };
}

/** The decision with the name of its click, as a click stores it. */
export function naming(decision: Decision, click: SignedClick): Decision {
  if (decision.slack === undefined) throw new Error('Nobody clicked for this decision.');
  return { ...decision, slack: { ...decision.slack, signed: clickReference(click) } };
}

/** Has every decision of an incident that a person made signed, keeps the clicks and gives the decisions that name them. */
export async function signAll(
  client: DynamoDBClient,
  table: string,
  head: IncidentHead,
): Promise<readonly Decision[]> {
  const clicks = new DynamoSignedClicks(client, table);
  const signed: Decision[] = [];
  for (const decision of head.decisions) {
    const click = signedClickFor(head, decision);
    await clicks.keep(head.id, click, clickKeptUntil(click));
    signed.push(naming(decision, click));
  }
  return signed;
}

/** The proof as the remediate function has it, at this time. */
export function proofAt(client: DynamoDBClient, table: string, now: () => number): DecisionProof {
  const keys = { all: () => Promise.resolve([KEY]) };
  return signedDecisions(new DynamoSignedClicks(client, table), keys, { now });
}
