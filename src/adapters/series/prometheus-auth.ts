import type { SSMClient } from '@aws-sdk/client-ssm';
import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod';
import type { SecretSource } from '../../slack/secret-source.ts';
import type { SecretShape } from '../managed-secret.ts';
import type { PrometheusAuth } from './prometheus-api.ts';

/** What the secret of a Prometheus holds, as JSON text. */
const TokenText = z.object({ token: z.string().regex(/^[!-~]{1,4096}$/) });
export type PrometheusToken = z.infer<typeof TokenText>;
/** The shape of that secret. */
export const PROMETHEUS_SECRET: SecretShape<PrometheusToken> = { schema: TokenText, keys: 'token' };

/** Nothing: a Prometheus that answers whoever reaches it. */
export const noAuth: PrometheusAuth = {
  headersFor: () => Promise.resolve({}),
  refused: () => Promise.resolve(false),
};

/** A token, which is read again when it was refused. */
export function bearerAuth(secret: SecretSource<PrometheusToken>): PrometheusAuth {
  let used: PrometheusToken | undefined;
  return {
    headersFor: async () => {
      used = await secret.current();
      return { authorization: `Bearer ${used.token}` };
    },
    refused: async () => used !== undefined && (await secret.renewed(used)).token !== used.token,
  };
}

/**
 * The signature of AWS over each request, for Amazon Managed Service for Prometheus.
 * @param config of a client of AWS, whose credentials and hash it is made with
 */
export function signedAuth(
  { credentials, sha256 }: Pick<SSMClient['config'], 'credentials' | 'sha256'>,
  region: string,
): PrometheusAuth {
  const signer = new SignatureV4({ service: 'aps', region, credentials, sha256 });
  return {
    headersFor: async ({ protocol, host, hostname, pathname }, headers, body) => {
      const signed = await signer.sign({
        method: 'POST',
        protocol,
        hostname,
        path: pathname,
        query: {},
        headers: { ...headers, host },
        body,
      });
      const { host: _host, ...rest } = signed.headers;
      return rest;
    },
    refused: () => Promise.resolve(false),
  };
}
