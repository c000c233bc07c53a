import { expect, test } from 'vitest';
import { sendAround } from '../../../../src/adapters/ssm/send-around.ts';

const IDS = Array.from({ length: 120 }, (_, index) => `i-0${String(index).padStart(16, '0')}`);

test('what goes to more nodes than a call may name goes out in several, and a call that fails keeps nothing of the others', async () => {
  const calls: (readonly string[])[] = [];
  const send = async (instanceIds: readonly string[]) => {
    calls.push(instanceIds);
    if (calls.length === 3) throw new Error('Rate exceeded.');
    return `command-${calls.length}`;
  };
  const { parts, refused } = await sendAround(IDS, send, { again: 'collect', nodeTags: undefined });
  expect(calls.map(({ length }) => length)).toEqual([50, 50, 20]);
  expect(calls.flat()).toEqual(IDS);
  expect(parts.flatMap(({ instanceIds }) => instanceIds)).toEqual(IDS.slice(0, 100));
  expect(refused.map(({ instanceId }) => instanceId)).toEqual(IDS.slice(100));
  expect(refused[0]?.why).toBe(`${IDS[100]} was not asked: Rate exceeded; collect again.`);
});

test('where no call went out at all, what the service says is passed on', async () => {
  const send = () => Promise.reject(new Error('Rate exceeded.'));
  await expect(sendAround(IDS, send, { again: 'collect', nodeTags: undefined })).rejects.toThrow(
    'Rate exceeded.',
  );
});
