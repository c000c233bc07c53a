import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AwsKey, refuseSignature } from './aws-key.ts';
import { isOwnHost, type LocalServer, readBody } from './http-server.ts';

/** The part of dynalite that is used; the package ships no types. */
type Dynalite = (options: { createTableMs?: number }) => Server;

/** Says of a request whether the service is to be away for it. */
export type StoreFault = (request: IncomingMessage) => boolean;

/**
 * Starts DynamoDB's API on this machine, in memory. Tables are ready some milliseconds after they are created.
 * @param key requests that are not signed with it are refused
 * @param isAway answers with an error of the service where it holds
 */
export async function startDynamo(key: AwsKey, isAway: StoreFault = () => false): Promise<LocalServer> {
  const dynalite: Dynalite = createRequire(import.meta.url)('dynalite');
  const server = guarded(dynalite({ createTableMs: 0 }), key, isAway);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const atWork = workOf(server);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The local DynamoDB has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      const deadline = Date.now() + 2000;
      while (atWork.size > 0 && Date.now() < deadline) await sleep(5);
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/**
 * The answers that are not given yet. The engine throws out of a callback, and so ends this process, when its database is
 * closed while it works on one.
 */
function workOf(server: Server): ReadonlySet<ServerResponse> {
  const atWork = new Set<ServerResponse>();
  server.prependListener('request', (_request, response) => {
    atWork.add(response);
    response.once('close', () => atWork.delete(response));
  });
  return atWork;
}

/**
 * Puts Host and signature before the engine, which asks for a signature of any key and lets every page of a browser read its
 * answers. The engine gets the request as it came, with the body that was read for it.
 */
function guarded(server: Server, key: AwsKey, isAway: StoreFault): Server {
  const engine = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readBody(request);
    const refusal = isOwnHost(request) ? refuseSignature(request, body, key) : 'Wrong host.';
    if (refusal !== undefined) {
      response.writeHead(403, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: 'InvalidSignatureException', message: refusal }));
      return;
    }
    if (isAway(request)) {
      response.writeHead(500, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: 'InternalServerError', message: 'Internal server error' }));
      return;
    }
    const { method, url, headers } = request;
    const passed = Object.assign(Readable.from([body]), {
      method,
      url,
      headers,
    }) as unknown as IncomingMessage;
    for (const listener of engine) listener(passed, response);
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => response.destroy());
  });
  return server;
}
