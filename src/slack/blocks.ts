import type { ActionsBlock, Button, ContextBlock, HeaderBlock, SectionBlock } from '@slack/types';
import type { CardAction } from '../core/card-model.ts';
import { LIMITS } from './block-limits.ts';
import { joinMrkdwn, type Mrkdwn, mrkdwnText, plainText } from './block-text.ts';

/** A heading; at most 150 characters are shown. */
export function header(text: string): HeaderBlock {
  return { type: 'header', text: plainText(text, LIMITS.headerChars) };
}

/** A paragraph of at most `maxChars` characters, with a button beside it if there is one. */
export function section(text: Mrkdwn, maxChars: number, accessory?: Button): SectionBlock {
  const block: SectionBlock = { type: 'section', text: mrkdwnText(text, maxChars) };
  return accessory === undefined ? block : { ...block, accessory };
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

/** A row of buttons. */
export function actions(buttons: readonly Button[]): ActionsBlock {
  return { type: 'actions', elements: buttons.slice(0, LIMITS.actionsElements) };
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
    ...(confirm === undefined
      ? {}
      : {
          confirm: {
            title: plainText(confirm.title, LIMITS.confirmTitleChars),
            text: plainText(confirm.text, LIMITS.confirmTextChars),
            confirm: plainText(confirm.confirm, LIMITS.confirmButtonChars),
            deny: plainText(confirm.deny, LIMITS.confirmButtonChars),
          },
        }),
  };
}
