import type { DecisionRequest } from '../core/incident/decide.ts';
import type { Click } from './interaction.ts';

/** Kinds of clicks that decide nothing. */
const LOOKS = [
  'show-runbook',
  'show-more',
  'show-page',
  'collect-again',
  'trace',
  'not-this',
  'raw-evidence',
  'show-fleet',
] as const;

/** For how long a snooze keeps an alarm quiet, in seconds. */
const SNOOZE_SECONDS = 3600;

/** A click that decides nothing: it looks, or it says something. */
export type LookClick = Click & { readonly kind: (typeof LOOKS)[number] };

/** A click that decides something, as opposed to one that only looks. */
export type DecisionClick = Click & { readonly kind: Exclude<Click['kind'], LookClick['kind']> };

/** Whether a click decides something. */
export function isDecision(click: Click): click is DecisionClick {
  return !LOOKS.some((kind) => kind === click.kind);
}

/**
 * The decision that a click asks for.
 * @param signed reference of the click, by which its signature is found
 */
export function requestOf(click: DecisionClick, signed: string): DecisionRequest {
  const { kind, planDigest, instanceId, user, team, channel, message } = click;
  return {
    kind: kind === 'rollback-one' ? 'rollback' : kind === 'snooze' ? 'dismiss' : kind,
    ...(kind === 'snooze' ? { snoozeSeconds: SNOOZE_SECONDS } : {}),
    ...(instanceId === undefined ? {} : { instanceIds: [instanceId] }),
    ...(planDigest === undefined ? {} : { planDigest }),
    actor: { kind: 'slack-user', ...user },
    slack: { team, channel, message, signed },
  };
}
