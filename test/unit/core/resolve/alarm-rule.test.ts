import { expect, test } from 'vitest';
import { alarmsOfRule } from '../../../../src/core/resolve/alarm-rule.ts';
import { readTargetTag } from '../../../../src/core/resolve/alarm-target.ts';

test.each([
  ['ALARM(a) AND OK(b)', ['a', 'b']],
  ['ALARM("a b") OR ALARM(\'c\') OR ALARM("a b")', ['a b', 'c']],
  [
    '(ALARM(arn:aws:cloudwatch:eu-central-1:111122223333:alarm:api-5xx) OR INSUFFICIENT_DATA( d )) AND NOT ALARM(e)',
    ['api-5xx', 'd', 'e'],
  ],
  [
    'AT_LEAST(2, ALARM, (a, "b c", arn:aws:cloudwatch:eu-central-1:111122223333:alarm:d)) AND ALARM(z)',
    ['z', 'a', 'b c', 'd'],
  ],
  ['AT_LEAST(60%, NOT OK, (a, b))', ['a', 'b']],
  ['ALARM("f(x)") AND TRUE', ['f(x)']],
  ['FALSE', []],
])('%s names %j', (rule, names) => {
  expect(alarmsOfRule(rule)).toEqual(names);
});

test.each([
  ['i-0123456789abcdef0 mi-0123456789abcdef0', ['instance', 'instance']],
  ['asg:workers cluster:shop tag:role=edge node', undefined],
  ['asg:workers cluster:shop tag:role=edge', ['auto-scaling-group', 'cluster', 'tag']],
  ['targetgroup/checkout/73e2d6bc24d8a067 net/front/0123456789abcdef', ['target-group', 'load-balancer']],
  ['', undefined],
  ['tag:role', undefined],
])('the tag value %j is read', (value, kinds) => {
  const read = readTargetTag(value);
  expect('selectors' in read ? read.selectors.map(({ kind }) => kind) : undefined).toEqual(kinds);
});
