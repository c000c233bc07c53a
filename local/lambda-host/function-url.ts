import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import * as z from 'zod';
import { type LocalServer, listenLocally, readBody, urlOf } from '../http-server.ts';
import { type HostedFunction, invokePlain } from './functions.ts';

/** What a handler may answer: a response object, or any other value, which becomes a 200 with its JSON. */
const Answer = z.object({
  statusCode: z.number().int(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
});

/**
 * A Lambda function URL: HTTP in, event of payload version 2.0 to the handler, HTTP out. Form bodies arrive
 * base64-encoded, as Lambda hands over everything that is neither text nor JSON.
 */
export async function startFunctionUrl(
  hosted: () => HostedFunction | undefined,
  onFailure: (functionName: string, why: string) => void,
): Promise<LocalServer> {
  return await listenLocally(async (request, response) => {
    const target = hosted();
    if (target?.kind !== 'plain') throw new Error('The function behind this URL is not loaded.');
    const event = eventOf(request, await readBody(request));
    let result: unknown;
    try {
      result = await invokePlain(target.name, target.handler, event);
    } catch (error) {
      onFailure(target.name, error instanceof Error ? (error.stack ?? error.message) : String(error));
      response.writeHead(502, { 'content-type': 'application/json' });
      response.end('{"Message":"Internal Server Error"}');
      return;
    }
    const answer = Answer.safeParse(result);
    if (!answer.success) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(result ?? null));
      return;
    }
    const { statusCode, headers, body, isBase64Encoded } = answer.data;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
    response.writeHead(statusCode);
    response.end(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));
  });
}

function eventOf(request: IncomingMessage, body: Buffer): LambdaFunctionURLEvent {
  const url = urlOf(request);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = String(value);
  const isText = /^(text\/|application\/(json|xml|javascript))/.test(headers['content-type'] ?? 'text/plain');
  const now = new Date();
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    requestContext: {
      accountId: 'anonymous',
      apiId: 'local',
      domainName: headers['host'] ?? '127.0.0.1',
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    body: isText ? body.toString('utf8') : body.toString('base64'),
    isBase64Encoded: !isText,
  };
}
