import { isDeepStrictEqual } from 'node:util';
import { clickReference } from '../core/click-reference.ts';
import { messageOf } from '../core/errors.ts';
import type { Clock, DecisionProof, SignedClicks } from '../core/ports.ts';
import type { Decision, IncidentHead } from '../core/record/incident.ts';
import type { SignedClick } from '../core/record/signed-click.ts';
import { withoutStop } from '../core/words.ts';
import { isDecision, requestOf } from './decision-request.ts';
import { type Click, readClick } from './interaction.ts';
import { findForeignTeam } from './team.ts';
import { isSignedWith, MAX_SKEW_SECONDS } from './verify-request.ts';

/** A key that Slack signs with, or did. */
export interface SigningKey {
  readonly key: string;
  /**
   * Only what was signed up to then counts, in milliseconds since the Unix epoch, and that only for as long after it as a
   * decision takes to be carried out; without it there is no end.
   */
  readonly until?: number;
}

/** Where the keys come from. */
export interface SigningKeys {
  /** Every key that still counts. */
  all(): Promise<readonly SigningKey[]>;
}

/**
 * For how long a click may be acted on. What it asks for is done within minutes, or with many sets of numbers within the
 * hour; after that nobody can use it once more, whoever got hold of it.
 */
const CLICK_COUNTS_SECONDS = 3600;

/**
 * For how long after its end a key still counts. The time in a click is what its signer wrote: whoever has a key that leaked
 * writes one from before the end, so the clock here has to end it too. Within this the canary, the collection after it and
 * the other nodes of a click that was made at the very end are done; what takes longer wants another click.
 */
const CARRIED_OUT_SECONDS = 600;

/** Until when a click is kept, in seconds since the Unix epoch: as long as it counts. */
export const clickKeptUntil = ({ timestamp }: SignedClick): number =>
  Number(timestamp) + CLICK_COUNTS_SECONDS + MAX_SKEW_SECONDS;

/**
 * Reads the click out of signed text. Slack sends one form field and nothing else; text of another form could be read in
 * two ways, so it is none.
 */
export function readSignedClick({ body }: SignedClick): Click | string {
  if (!/^payload=[^&]*$/.test(body)) return 'This is no click as Slack sends it, so nothing was done.';
  try {
    return readClick(JSON.parse(new URLSearchParams(body).get('payload') ?? ''));
  } catch {
    return 'This click can not be read, so nothing was done.';
  }
}

/**
 * Holds decisions against the clicks that Slack signed, whoever wrote the record.
 * @param team as {@link refuseDecision} takes it
 */
export function signedDecisions(
  clicks: SignedClicks,
  keys: SigningKeys,
  clock: Clock,
  team?: string,
): DecisionProof {
  return {
    refuse: async (head, decision) => {
      try {
        const reference = decision.slack?.signed;
        const click = reference === undefined ? undefined : await clicks.find(head.id, reference);
        return refuseDecision(head, decision, click, await keys.all(), clock.now(), team);
      } catch (error) {
        return `Whether decision ${decision.number} of ${head.id} was signed by Slack could not be found out (${withoutStop(messageOf(error))}), so nothing was sent to any node.`;
      }
    },
  };
}

/**
 * Whether a decision is the one that a person clicked: Slack's signature, its time against the decision's and against
 * `now`, and who clicked what on which message, for which plan of which incident.
 *
 * @param now milliseconds since the Unix epoch
 * @param team the one Slack workspace, or enterprise, whose clicks count; undefined takes those of every one
 * @returns the refusal in one sentence, or nothing
 */
export function refuseDecision(
  { id }: Pick<IncidentHead, 'id'>,
  decision: Decision,
  click: SignedClick | undefined,
  keys: readonly SigningKey[],
  now: number,
  team?: string,
): string | undefined {
  const refusal = (why: string) =>
    `Decision ${decision.number} of ${id} ${why}, so nothing was sent to any node. Click again on the newest card.`;
  if (click === undefined) return refusal('has no click on record that Slack signed');
  const signedAt = Number(click.timestamp) * 1000;
  const signedWith = keys.filter(
    ({ key, until = Infinity }) => signedAt <= until && isSignedWith(key, click, Buffer.from(click.body)),
  );
  if (signedWith.length === 0) return refusal('rests on a click that was not signed by Slack');
  if (signedWith.every(({ until = Infinity }) => now > until + CARRIED_OUT_SECONDS * 1000))
    return refusal('rests on a click that was signed with a signing secret that has been replaced');
  if (now - signedAt > CLICK_COUNTS_SECONDS * 1000 || signedAt - now > MAX_SKEW_SECONDS * 1000)
    return refusal(`rests on a click that was signed at ${timeOf(signedAt)}, and one counts for an hour`);
  if (Math.abs(Date.parse(decision.at) - signedAt) > MAX_SKEW_SECONDS * 1000)
    return refusal(`is of ${decision.at}, and its click was signed at ${timeOf(signedAt)}`);
  const read = readSignedClick(click);
  if (typeof read === 'string' || !isDecision(read))
    return refusal('rests on something else than a decision');
  const foreign = findForeignTeam(team, read);
  if (foreign !== undefined) return refusal(`rests on a click that ${foreign}`);
  const asked = { incident: read.incidentId, ...requestOf(read, clickReference(click)) };
  const { number: _number, at: _at, ...stored } = { incident: id, ...decision };
  const [differing] = Object.keys({ ...asked, ...stored }).filter(
    (name) => !isDeepStrictEqual(asked[name as keyof typeof asked], stored[name as keyof typeof stored]),
  );
  return differing === undefined
    ? undefined
    : refusal(`is not what was clicked: its ${WORDS[differing] ?? differing} is another one`);
}

const WORDS: Readonly<Record<string, string>> = {
  kind: 'button',
  planDigest: 'plan',
  instanceIds: 'node',
  snoozeSeconds: 'pause',
  actor: 'user',
  slack: 'message',
};

const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();
