import type {
  ActionsBlock,
  Button,
  ConfirmationDialog,
  ContextBlock,
  HeaderBlock,
  Overflow,
  SectionBlock,
  StaticSelect,
} from '@slack/types';
import type { CardAction, CardConfirm } from '../core/card/model.ts';
import { LIMITS } from './block-limits.ts';
import { cutAtClause, joinMrkdwn, type Mrkdwn, mrkdwnText, plainText } from './block-text.ts';
import { OTHERS } from './interaction.ts';

/** A heading; at most 150 characters are shown, up to the end of a clause. */
export function header(text: string): HeaderBlock {
  return { type: 'header', text: plainText(text, LIMITS.headerChars, cutAtClause) };
}

/**
 * A paragraph of at most `maxChars` characters. Slack folds a long one behind "See more" unless it is told to show all of it
 * (docs.slack.dev, section block, `expand`).
 */
export function section(text: Mrkdwn, maxChars: number): SectionBlock {
  return { type: 'section', text: mrkdwnText(text, maxChars), expand: true };
}

/** Two columns of short facts; Slack takes ten at most. */
export function fieldsSection(fields: readonly Mrkdwn[], maxCharsEach: number): SectionBlock {
  return {
    type: 'section',
    fields: fields.slice(0, LIMITS.fields).map((field) => mrkdwnText(field, maxCharsEach)),
  };
}

/** One line of small print. */
export function context(parts: readonly Mrkdwn[], maxChars: number): ContextBlock {
  return { type: 'context', elements: [mrkdwnText(joinMrkdwn(parts, ' · '), maxChars)] };
}

/** A folded menu of actions: each option's value names its incident and what it does. */
export function othersMenu(incidentId: string, others: readonly CardAction[]): Overflow | undefined {
  const options = others.map(({ kind, label, planDigest }) => ({
    text: plainText(label, LIMITS.optionChars),
    value: JSON.stringify({
      incident: incidentId,
      ...(planDigest === undefined ? {} : { plan: planDigest }),
      do: kind,
    }),
  }));
  const fitting = options.filter(({ value }) => value.length <= LIMITS.optionValueChars);
  if (fitting.length === 0) return undefined;
  return { type: 'overflow', action_id: OTHERS, options: fitting.slice(0, LIMITS.overflowOptions) };
}

/** A row of buttons and menus. */
export function actions(elements: readonly (Button | Overflow | StaticSelect)[]): ActionsBlock {
  return { type: 'actions', elements: elements.slice(0, LIMITS.actionsElements) };
}

/**
 * A menu with one option a node; each option's value holds the incident, the plan and that node.
 * @returns nothing when no node's option fits Slack's limits
 */
export function nodeMenu(
  incidentId: string,
  { kind, label, planDigest, confirm }: CardAction,
  instanceIds: readonly string[],
): StaticSelect | undefined {
  const plan = planDigest === undefined ? {} : { plan: planDigest };
  const options = instanceIds
    .map((node) => ({
      text: plainText(node, LIMITS.optionChars),
      value: JSON.stringify({ incident: incidentId, ...plan, node }),
    }))
    .filter(({ value }) => value.length <= LIMITS.optionValueChars);
  if (options.length === 0) return undefined;
  return {
    type: 'static_select',
    action_id: `medic.${kind}`,
    placeholder: plainText(label, LIMITS.placeholderChars),
    options: options.slice(0, LIMITS.menuOptions),
    ...(confirm === undefined ? {} : { confirm: dialog(confirm) }),
  };
}

/** The button of an action: its value holds the incident's id and the plan's digest and nothing that could be acted on. */
export function button(
  incidentId: string,
  { kind, label, primary, planDigest, confirm }: CardAction,
): Button {
  return {
    type: 'button',
    action_id: `medic.${kind}`,
    text: plainText(label, LIMITS.buttonChars),
    value: JSON.stringify({
      incident: incidentId,
      ...(planDigest === undefined ? {} : { plan: planDigest }),
    }),
    ...(primary ? { style: 'primary' as const } : {}),
    ...(confirm === undefined ? {} : { confirm: dialog(confirm) }),
  };
}

function dialog({ title, text, confirm, deny }: CardConfirm): ConfirmationDialog {
  return {
    title: plainText(title, LIMITS.confirmTitleChars),
    text: plainText(text, LIMITS.confirmTextChars),
    confirm: plainText(confirm, LIMITS.confirmButtonChars),
    deny: plainText(deny, LIMITS.confirmButtonChars),
  };
}
