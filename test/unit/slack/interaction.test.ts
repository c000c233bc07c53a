import { describe, expect, it } from 'vitest';
import { readClick } from '../../../src/slack/interaction.ts';

const VALUE = { incident: 'inc-7f3a0123456789abcdef', plan: 'a'.repeat(32) };
const action = {
  type: 'button',
  action_id: 'medic.apply-one',
  value: JSON.stringify(VALUE),
  action_ts: '1.2',
};
const payload = {
  type: 'block_actions',
  trigger_id: '1.2.3',
  team: { id: 'T0TEAM001', domain: 'example' },
  user: { id: 'U0ANA0001', username: 'ana', name: 'ana', team_id: 'T0TEAM001' },
  channel: { id: 'C0INC0001', name: 'incidents' },
  message: { ts: '1795442521.000100', text: 'x' },
  actions: [action],
};

describe('readClick', () => {
  it('reads who pressed what on which message', () => {
    expect(readClick(payload)).toEqual({
      kind: 'apply-one',
      incidentId: VALUE.incident,
      planDigest: VALUE.plan,
      user: { id: 'U0ANA0001', name: 'ana' },
      team: 'T0TEAM001',
      userTeam: 'T0TEAM001',
      channel: 'C0INC0001',
      message: '1795442521.000100',
      triggerId: '1.2.3',
    });
  });

  it.each([
    ['of the request', { enterprise: { id: 'E0CORP0001', name: 'corp' } }],
    ['of its workspace', { enterprise: null, team: { ...payload.team, enterprise_id: 'E0CORP0001' } }],
  ])('reads the enterprise %s', (_what, change) => {
    expect(readClick({ ...payload, ...change })).toMatchObject({ enterprise: 'E0CORP0001' });
  });

  it('reads that Slack names no workspace, which an app of a whole enterprise may be told', () => {
    const user = { ...payload.user, team_id: undefined };
    const click = readClick({ ...payload, team: null, user });
    expect(click).toMatchObject({ team: '' });
    expect(click).not.toHaveProperty('userTeam');
  });

  it('reads a button that carries no plan', () => {
    const value = JSON.stringify({ incident: VALUE.incident });
    expect(
      readClick({ ...payload, actions: [{ ...action, action_id: 'medic.show-runbook', value }] }),
    ).not.toHaveProperty('planDigest');
  });

  it('reads which node was chosen in a menu', () => {
    const value = JSON.stringify({ ...VALUE, node: 'i-0123456789abcdef0' });
    const chosen = { type: 'static_select', action_id: 'medic.rollback-one', selected_option: { value } };
    expect(readClick({ ...payload, actions: [chosen] })).toMatchObject({
      kind: 'rollback-one',
      incidentId: VALUE.incident,
      instanceId: 'i-0123456789abcdef0',
    });
  });

  it.each([
    ['a menu without a node', 'medic.rollback-one', VALUE],
    ['a button with a node', 'medic.rollback', { ...VALUE, node: 'i-0123456789abcdef0' }],
    ['a menu with something else than a node', 'medic.rollback-one', { ...VALUE, node: 'i-1; reboot' }],
  ])('refuses %s', (_what, id, value) => {
    const chosen = { action_id: id, selected_option: { value: JSON.stringify(value) } };
    expect(readClick({ ...payload, actions: [chosen] })).toMatch(/value that no card of ours has/);
  });

  it.each([
    ['an incident id with a command in it', { ...VALUE, incident: 'inc-1; reboot' }],
    ['a plan that is no digest', { ...VALUE, plan: 'latest' }],
    ['a number to set', { ...VALUE, nf_conntrack_max: 9_999_999 }],
    ['a list', [VALUE]],
    ['null', null],
  ])('refuses a value with %s', (_what, value) => {
    const read = readClick({ ...payload, actions: [{ ...action, value: JSON.stringify(value) }] });
    expect(read).toBe('The button carried a value that no card of ours has, so nothing was done.');
  });

  it.each(['', '{', 'inc-7f3a0123456789abcdef'])('refuses the value %j, which is no JSON object', (value) => {
    expect(readClick({ ...payload, actions: [{ ...action, value }] })).toMatch(
      /value that no card of ours has/,
    );
  });

  it.each(['medic.timeout', 'medic.alarm-ok', 'medic.', 'other', '__proto__'])(
    'refuses the action %s',
    (id) => {
      expect(readClick({ ...payload, actions: [{ ...action, action_id: id }] })).toMatch(
        /^This button is not one/,
      );
    },
  );

  it.each([
    ['two actions', { actions: [action, action] }],
    ['no action', { actions: [] }],
    ['no message', { message: undefined }],
    ['no channel', { channel: undefined }],
    ['another type', { type: 'view_submission' }],
    ['a user id of another shape', { user: { id: '<@U1>' } }],
  ])('refuses a payload with %s', (_what, change) => {
    expect(readClick({ ...payload, ...change })).toMatch(/^This click did not come from a button/);
  });

  it.each([undefined, null, 'payload', 7])('refuses %j', (value) => {
    expect(typeof readClick(value)).toBe('string');
  });
});
