import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../src/core/record/incident.ts';
import { SignedClick } from '../../../src/core/record/signed-click.ts';
import { refuseDecision, signedDecisions } from '../../../src/slack/signed-decision.ts';
import { ANA, buildIncident, TEAM } from '../support/incidents.ts';
import { type ClickChanges, KEY, naming, signedClickFor } from '../support/signed-clicks.ts';

const { head } = buildIncident('applying-canary', { nodes: 3 });
const [made] = head.decisions;
if (made === undefined) throw new Error('The built incident has a decision.');
const AT = Date.parse(made.at);
const minutes = (count: number) => AT + count * 60_000;
const OTHER_KEY = { key: 'e'.repeat(32) };

/** A click for a decision, and the decision as it is stored for it: the forged one, or the one that was clicked. */
function judge(forged: Partial<Decision>, changes: ClickChanges = {}, clicked: Decision = made as Decision) {
  const click = signedClickFor(head, clicked, changes);
  return refuseDecision(head, { ...naming(clicked, click), ...forged }, click, [KEY], minutes(1));
}

describe('a decision that Slack signed', () => {
  it.each<Decision>([
    made,
    { ...made, kind: 'apply-one' },
    { ...made, kind: 'keep' },
    { ...made, kind: 'rollback' },
    { ...made, kind: 'rollback', instanceIds: ['i-0123456789abcdef0'] },
  ])('$kind of $instanceIds is what was clicked', (decision) => {
    expect(judge({}, {}, decision)).toBeUndefined();
  });

  it('counts for an hour and no longer', () => {
    const click = signedClickFor(head, made);
    const at = (now: number) => refuseDecision(head, naming(made, click), click, [KEY], now);
    expect(at(minutes(59))).toBeUndefined();
    expect(at(minutes(61))).toMatch(/was signed at .*, and one counts for an hour/);
  });

  it('counts with the key before the current one for what was signed while that was in use', () => {
    const click = signedClickFor(head, made, { key: OTHER_KEY.key });
    const with_ = (until: number) =>
      refuseDecision(head, naming(made, click), click, [KEY, { ...OTHER_KEY, until }], minutes(1));
    expect(with_(minutes(5))).toBeUndefined();
    expect(with_(minutes(-5))).toContain('was not signed by Slack');
  });

  it.each([
    [0, 10, true],
    [0, 20, true],
    [0, 21, false],
    [10, 11, true],
    [10, 20, true],
    [10, 21, false],
    [10, 30, false],
    [10, 69, false],
    [10, 70, false],
  ])(
    'with a key that is replaced, signed by its own word %i minutes after that, counts %i minutes after it: %s',
    (signedAfter, nowAfter, counts) => {
      const [signedAt, until] = [minutes(signedAfter), minutes(10)];
      const decision = { ...made, at: new Date(signedAt).toISOString() };
      const click = signedClickFor(head, decision, { key: OTHER_KEY.key, signedAt });
      const judged = (key: string) =>
        refuseDecision(
          head,
          naming(decision, click),
          click,
          [{ key }, { ...OTHER_KEY, until }],
          minutes(nowAfter),
        );
      if (counts) expect(judged(KEY.key)).toBeUndefined();
      else expect(judged(KEY.key)).toContain('a signing secret that has been replaced');
      // Where the secret before is the current one again, nothing ends.
      if (nowAfter < 60) expect(judged(OTHER_KEY.key)).toBeUndefined();
    },
  );
});

describe('where one workspace or enterprise is pinned', () => {
  const judged = (pinned: string, payload: ClickChanges['payload']) => {
    const click = signedClickFor(head, made, payload === undefined ? {} : { payload });
    return refuseDecision(head, naming(made, click), click, [KEY], minutes(1), pinned);
  };
  const CORP = 'E0CORP0001';

  it('a click from there is what was clicked', () => {
    expect(judged(TEAM, undefined)).toBeUndefined();
    expect(judged(CORP, (one) => ({ ...one, enterprise: { id: CORP } }))).toBeUndefined();
  });

  it.each<[string, string, ClickChanges['payload'], string]>([
    ['another workspace', 'T0OTHER01', undefined, `came from ${TEAM}`],
    [
      'a person of another workspace',
      TEAM,
      (one) => ({ ...one, user: { ...(one['user'] as object), team_id: 'T0OTHER01' } }),
      'came from T0OTHER01',
    ],
    ['no workspace', TEAM, (one) => ({ ...one, team: null }), 'came from no workspace'],
    ['no enterprise', CORP, undefined, 'came from no enterprise'],
  ])(
    'a click from %s is refused, though Slack signed it and an approver made it',
    (_what, pinned, change, why) => {
      const refusal = judged(pinned, change);
      expect(refusal).toContain(why);
      expect(refusal).toContain('nothing was sent to any node');
    },
  );

  it('the proof that the remediate function asks for refuses it too', async () => {
    const click = signedClickFor(head, made);
    const clicks = { find: () => Promise.resolve(click), keep: () => Promise.resolve('') };
    const proof = (pinned?: string) =>
      signedDecisions(clicks, { all: () => Promise.resolve([KEY]) }, { now: () => minutes(1) }, pinned);
    expect(await proof('T0OTHER01').refuse(head, naming(made, click))).toContain(`came from ${TEAM}`);
    expect(await proof(TEAM).refuse(head, naming(made, click))).toBeUndefined();
    expect(await proof().refuse(head, naming(made, click))).toBeUndefined();
  });
});

describe('a decision that somebody wrote into the table', () => {
  const slack = made.slack ?? { team: '', channel: '', message: '' };
  const named = naming(made, signedClickFor(head, made)).slack ?? slack;

  it.each<[string, Partial<Decision>, string]>([
    ['another button', { kind: 'keep' }, 'its button is another one'],
    ['a rollback instead', { kind: 'rollback' }, 'its button is another one'],
    ['another plan', { planDigest: 'b'.repeat(32) }, 'its plan is another one'],
    ['a node', { instanceIds: ['i-0123456789abcdef0'] }, 'its node is another one'],
    ['another approver', { actor: { ...ANA, id: 'U0BOB0002' } }, 'its user is another one'],
    ['another name', { actor: { ...ANA, name: 'bob' } }, 'its user is another one'],
    ['no person', { actor: { kind: 'workflow' } }, 'its user is another one'],
    ['another team', { slack: { ...named, team: 'T0OTHER' } }, 'its message is another one'],
    ['another channel', { slack: { ...named, channel: 'C0OTHER' } }, 'its message is another one'],
    ['another message', { slack: { ...named, message: '1.2' } }, 'its message is another one'],
    ['another click', { slack: { ...named, signed: 'f'.repeat(64) } }, 'its message is another one'],
    ['a later time', { at: new Date(minutes(6)).toISOString() }, 'and its click was signed at'],
    ['an earlier time', { at: new Date(minutes(-6)).toISOString() }, 'and its click was signed at'],
  ])('with %s is refused', (_what, forged, sentence) => {
    const refusal = judge(forged);
    expect(refusal).toContain(sentence);
    expect(refusal).toContain('nothing was sent to any node');
  });

  it('with the click of another incident is refused', () => {
    const click = signedClickFor({ id: 'inc-another-0123456789' }, made);
    expect(refuseDecision(head, naming(made, click), click, [KEY], minutes(1))).toContain(
      'its incident is another one',
    );
  });

  it('without a click, or with one of an unknown form, is refused', () => {
    expect(refuseDecision(head, made, undefined, [KEY], minutes(1))).toContain('has no click on record');
    for (const body of [
      (text: string) => `${text}&payload=%7B%7D`,
      (text: string) => `token=x&${text}`,
      (text: string) => new URLSearchParams(text).get('payload') ?? '',
      () => 'payload=%7B',
      () => 'payload=',
    ])
      expect(judge({}, { body })).toContain('rests on something else than a decision');
  });

  it.each<[string, ClickChanges, string]>([
    ['signed with another key', { key: OTHER_KEY.key }, 'was not signed by Slack'],
    ['signed with a key of no characters', { key: '' }, 'was not signed by Slack'],
    ['signed long ago', { signedAt: minutes(-70) }, 'one counts for an hour'],
    ['signed in the future', { signedAt: minutes(10) }, 'one counts for an hour'],
    [
      'that only looks',
      { payload: (one) => ({ ...one, actions: [{ action_id: 'medic.show-runbook', value: '{}' }] }) },
      'rests on something else than a decision',
    ],
    ['of a dialog', { payload: (one) => ({ ...one, type: 'view_submission' }) }, 'something else'],
    [
      'on two buttons',
      { payload: (one) => ({ ...one, actions: [...(one['actions'] as object[]), {}] }) },
      'something else',
    ],
  ])('with a click %s is refused', (_what, changes, sentence) => {
    expect(judge({}, changes)).toContain(sentence);
  });

  it('with any byte of text, time or signature changed is refused', () => {
    const click = signedClickFor(head, made);
    const last = (text: string) => text.slice(0, -1) + (text.endsWith('1') ? '2' : '1');
    for (const changed of [
      { ...click, body: last(click.body) },
      { ...click, timestamp: last(click.timestamp) },
      { ...click, signature: last(click.signature) },
    ])
      expect(refuseDecision(head, naming(made, changed), changed, [KEY], minutes(1))).toContain(
        'was not signed by Slack',
      );
    expect(refuseDecision(head, naming(made, click), click, [], minutes(1))).toContain('was not signed');
  });

  it('never says anything of the click itself', () => {
    const click = signedClickFor(head, made, { payload: (one) => ({ ...one, type: 'other' }) });
    expect(refuseDecision(head, naming(made, click), click, [KEY], minutes(1))).not.toMatch(/hooks|response/);
  });
});

it('a click of more than 300,000 characters is none that is kept or read', () => {
  const click = signedClickFor(head, made);
  expect(SignedClick.safeParse(click).success).toBe(true);
  expect(SignedClick.safeParse({ ...click, body: `payload=${'x'.repeat(300_000)}` }).success).toBe(false);
});
