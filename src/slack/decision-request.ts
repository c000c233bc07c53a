import type { DecisionRequest } from '../core/incident/decide.ts';
import type { Click } from './interaction.ts';

/** A click that decides something, as opposed to one that only looks. */
export type DecisionClick = Click & {
  readonly kind: Exclude<Click['kind'], 'show-runbook' | 'show-more' | 'collect-again'>;
};

/** Whether a click decides something. */
export function isDecision(click: Click): click is DecisionClick {
  return click.kind !== 'show-runbook' && click.kind !== 'show-more' && click.kind !== 'collect-again';
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
