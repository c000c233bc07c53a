import type { Server, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalServer } from './http-server.ts';

/** The part of dynalite that is used; the package ships no types. */
type Dynalite = (options: { createTableMs?: number }) => Server;

/** Starts DynamoDB's API on this machine, in memory. Tables are ready some milliseconds after they are created. */
export async function startDynamo(): Promise<LocalServer> {
  const dynalite: Dynalite = createRequire(import.meta.url)('dynalite');
  const server = dynalite({ createTableMs: 0 });
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
