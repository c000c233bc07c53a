import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** A server of the local mode, reachable from this machine only. */
export interface LocalServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

const BODY_MAX_BYTES = 8 * 1024 * 1024;

/**
 * Whether a request was sent to this server by one of its own names. Any other name leads here from a page of somebody else
 * in a browser of this machine (DNS rebinding).
 */
export function isOwnHost({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): boolean {
  return [`127.0.0.1:${socket.localPort}`, `localhost:${socket.localPort}`].includes(headers.host ?? '');
}

/**
 * Starts a server on 127.0.0.1, which serves nobody under another name. A handler that throws answers 500 with the error's
 * message.
 * @param port 0 takes any free port
 * @throws when the port is taken
 */
export async function listenLocally(
  handler: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  port = 0,
): Promise<LocalServer> {
  const server = createServer((request, response) => {
    if (!isOwnHost(request)) {
      response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' }).end('Wrong host.');
      return;
    }
    handler(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(error instanceof Error ? error.message : String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${portOf(server)}`, close: () => closeServer(server) };
}

/** @throws when the body is larger than 8 MiB */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > BODY_MAX_BYTES)
      throw new Error(`The body of ${request.url} is larger than ${BODY_MAX_BYTES} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The local server has no port.');
  return address.port;
}

async function closeServer(server: Server): Promise<void> {
  // Event streams and kept-alive connections would hold close() back for ever.
  server.closeAllConnections();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}
