import type { SSMClient } from '@aws-sdk/client-ssm';
import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod';
import type { SecretSource } from '../../slack/secret-source.ts';
import type { SecretShape } from '../managed-secret.ts';
import type { PrometheusAuth } from './prometheus-api.ts';

/** What the secret of a Prometheus holds that asks for a token, as JSON text. */
const TokenText = z.object({ token: z.string().regex(/^[!-~]{1,4096}$/) });
export type PrometheusToken = z.infer<typeof TokenText>;
/** The shape of that secret. */
export const TOKEN_SECRET: SecretShape<PrometheusToken> = { schema: TokenText, keys: 'token' };

/** The same of one that asks for a name and a password; a colon would end the name (RFC 7617). */
const LoginText = z.object({
  username: z.string().regex(/^[^:\p{Cc}]{1,256}$/u),
  password: z.string().regex(/^\P{Cc}{1,4096}$/u),
});
export type PrometheusLogin = z.infer<typeof LoginText>;
/** The shape of that secret. */
export const LOGIN_SECRET: SecretShape<PrometheusLogin> = {
  schema: LoginText,
  keys: 'username and password',
};

/** Nothing: a Prometheus that answers whoever reaches it. */
export const noAuth: PrometheusAuth = {
  headersFor: () => Promise.resolve({}),
  refused: () => Promise.resolve(false),
};

/** A token, which is read again when it was refused. */
export const bearerAuth = (secret: SecretSource<PrometheusToken>): PrometheusAuth =>
  shownAs(secret, ({ token }) => `Bearer ${token}`);

/** A name and a password (RFC 7617), which are read again when they were refused. */
export const basicAuth = (secret: SecretSource<PrometheusLogin>): PrometheusAuth =>
  shownAs(
    secret,
    ({ username, password }) => `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`,
  );

function shownAs<T extends object>(secret: SecretSource<T>, header: (secret: T) => string): PrometheusAuth {
  let used: T | undefined;
  return {
    headersFor: async () => {
      used = await secret.current();
      return { authorization: header(used) };
    },
    refused: async () => used !== undefined && header(await secret.renewed(used)) !== header(used),
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
