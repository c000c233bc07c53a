import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type * as z from 'zod';

/** A server of the local mode, reachable from this machine only. */
export interface LocalServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/** What was asked cannot be served as it came; whoever asked gets the status and the sentence. */
export class BadRequestError extends Error {
  readonly status: number;

  /** @param status 400 to 499 */
  constructor(message: string, status = 400) {
    super(message);
    this.name = 'BadRequestError';
    this.status = status;
  }
}

const BODY_MAX_BYTES = 8 * 1024 * 1024;

/**
 * Whether a request was sent to this server by one of its own names. Any other name leads here from a page of somebody else
 * in a browser of this machine (DNS rebinding).
 */
export function isOwnHost({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): boolean {
  return [`127.0.0.1:${socket.localPort}`, `localhost:${socket.localPort}`].includes(headers.host ?? '');
}

/** The path and the query that were asked for; the host is none. A path of two slashes is a path, and names no host. */
export const urlOf = ({ url = '/' }: Pick<IncomingMessage, 'url'>): URL =>
  new URL(`http://local.invalid${url}`);

/**
 * Starts a server on 127.0.0.1, which serves nobody under another name, and paths alone. A handler that throws answers 500
 * with the error's message, or what a {@link BadRequestError} says.
 * @param port 0 takes any free port
 * @throws with a sentence when the port is taken or not ours to take
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
    if (request.url?.startsWith('/') !== true) {
      response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' }).end('Ask for a path.');
      return;
    }
    handler(request, response).catch((error: unknown) => {
      const status = error instanceof BadRequestError ? error.status : 500;
      if (!response.headersSent) response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(error instanceof Error ? error.message : String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const why = `Port ${port} of this machine can not be used (${error.message}); give another one, or 0 for any that is free.`;
      reject(new Error(why, { cause: error }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${portOf(server)}`, close: () => closeServer(server) };
}

/** @throws BadRequestError when the body is larger than 8 MiB */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    // The rest is read all the same: whoever still sends does not hear the answer.
    if (size <= BODY_MAX_BYTES) chunks.push(bytes);
  }
  if (size > BODY_MAX_BYTES)
    throw new BadRequestError(`The body of ${request.url} is larger than ${BODY_MAX_BYTES} bytes.`, 413);
  return Buffer.concat(chunks);
}

/**
 * The body as JSON of one form.
 * @param otherwise what is told of any other, in one sentence
 * @throws BadRequestError when it is of another form, none, or too large
 */
export async function readJson<T>(
  request: IncomingMessage,
  schema: z.ZodType<T>,
  otherwise: string,
): Promise<T> {
  const text = (await readBody(request)).toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new BadRequestError(otherwise);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new BadRequestError(otherwise);
  return parsed.data;
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
