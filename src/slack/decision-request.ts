import type { DecisionRequest } from '../core/incident/decide.ts';
import type { Click } from './interaction.ts';

/** Clicks that only look, or have something looked at anew. */
const LOOKING = ['show-runbook', 'show-more', 'show-page', 'collect-again'] as const;
type Looking = (typeof LOOKING)[number];

/** A click that decides something, as opposed to one that only looks. */
export type DecisionClick = Click & { readonly kind: Exclude<Click['kind'], Looking> };

/** Whether a click decides something. */
export function isDecision(click: Click): click is DecisionClick {
  return !LOOKING.some((kind) => kind === click.kind);
}

/**
 * The decision that a click asks for.
 * @param signed reference of the click, by which its signature is found
 */
export function requestOf(click: DecisionClick, signed: string): DecisionRequest {
  const { kind, planDigest, instanceId, user, team, channel, message } = click;
  return {
    kind: kind === 'rollback-one' ? 'rollback' : kind,
    ...(instanceId === undefined ? {} : { instanceIds: [instanceId] }),
    ...(planDigest === undefined ? {} : { planDigest }),
    actor: { kind: 'slack-user', ...user },
    slack: { team, channel, message, signed },
  };
}
