import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { type AwsKey, refuseSignature } from './aws-key.ts';
import { isOwnHost, type LocalServer, readBody } from './http-server.ts';

/** The part of dynalite that is used; the package ships no types. */
type Dynalite = (options: { createTableMs?: number }) => Server;

/** Says of a request whether the service is to be away for it. */
export type StoreFault = (request: IncomingMessage) => boolean;

const PUT_ITEM = 'DynamoDB_20120810.PutItem';
const Key = z.object({ S: z.string() });
const PutItem = z.object({ Item: z.object({ pk: Key, sk: Key }) });

/** Called with the partition and the sort key of an item of the product's table once it is stored. */
export type WriteListener = (partition: string, sort: string) => void;

/** DynamoDB on this machine. */
export interface LocalDynamo extends LocalServer {
  /** @returns a function that ends the subscription */
  subscribe(listener: WriteListener): () => void;
}

/**
 * Starts DynamoDB's API on this machine, in memory. Tables are ready some milliseconds after they are created.
 * @param key requests that are not signed with it are refused
 * @param isAway answers with an error of the service where it holds
 */
export async function startDynamo(key: AwsKey, isAway: StoreFault = () => false): Promise<LocalDynamo> {
  const dynalite: Dynalite = createRequire(import.meta.url)('dynalite');
  const listeners = new Set<WriteListener>();
  const server = guarded(dynalite({ createTableMs: 0 }), key, isAway, (partition, sort) => {
    for (const listener of listeners) listener(partition, sort);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const atWork = workOf(server);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The local DynamoDB has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
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
function guarded(server: Server, key: AwsKey, isAway: StoreFault, written: WriteListener): Server {
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
    const item = headers['x-amz-target'] === PUT_ITEM ? itemOf(body) : undefined;
    if (item !== undefined) {
      response.once('finish', () => {
        if (response.statusCode === 200) written(item.pk.S, item.sk.S);
      });
    }
    for (const listener of engine) listener(passed, response);
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => response.destroy());
  });
  return server;
}

/** Keys of the item that a request puts; nothing where it is none of the product's table. */
function itemOf(body: Buffer): z.infer<typeof PutItem>['Item'] | undefined {
  try {
    return PutItem.safeParse(JSON.parse(body.toString('utf8'))).data?.Item;
  } catch {
    // The engine says what is wrong with it.
    return undefined;
  }
}
