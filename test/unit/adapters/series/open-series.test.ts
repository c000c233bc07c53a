import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, expect, test, vi } from 'vitest';
import { openSeries } from '../../../../src/adapters/series/open-series.ts';
import { LOCAL, startResponder } from '../support.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0)) await close();
});

test('a workspace of another account is asked with the role there, and not at all where that lets nobody in', async () => {
  const refusal = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>`;
  const sts = await startResponder(() => ({ status: 403, body: refusal }));
  closing.push(() => sts.close());
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', LOCAL.credentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', LOCAL.credentials.secretAccessKey);
  const role = { arn: 'arn:aws:iam::222233334444:role/query', externalId: 'only-us-two' };
  const series = openSeries(
    {
      kind: 'prometheus',
      url: 'https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-0123abcd',
      auth: { kind: 'sigv4', role },
      labels: {},
    },
    {
      config: new SSMClient(LOCAL).config,
      clock: { now: () => Date.now() },
      log: () => {},
      pause: async () => {},
    },
  );
  await expect(series.read([], Date.now())).rejects.toThrow(
    /^The Prometheus at aps-workspaces\.eu-west-1\.amazonaws\.com could not be asked \(.*sts:AssumeRole/,
  );
  const asked = new URLSearchParams(sts.seen[0]?.body);
  expect(Object.fromEntries(asked)).toMatchObject({
    Action: 'AssumeRole',
    RoleArn: role.arn,
    ExternalId: role.externalId,
  });
  expect(sts.seen[0]?.headers.authorization).toContain('/eu-west-1/sts/aws4_request');
});
