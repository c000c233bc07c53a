import {
  Agent,
  type ClientRequest,
  createServer,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';

/** A way to a server on which an answer can be lost after the server has done what it was asked. */
export interface LossyConnection {
  /** For a client of the server: it asks for the server's own address, and its requests go this way. */
  readonly agent: Agent;
  /** Loses the answer to the next request for which this holds. */
  loseNext(isIt: (request: Asked) => boolean, others?: Others): void;
  /** How many answers were lost. */
  lost(): number;
  close(): Promise<void>;
}

/** What others do meanwhile. */
export interface Others {
  /** Before the server gets the request. */
  readonly before?: () => Promise<unknown>;
  /** Before the one who asked learns that no answer comes. */
  readonly after?: () => Promise<unknown>;
}

/** A request as it went over the wire. */
export interface Asked {
  /** Operation of a JSON service, such as `PutItem`. */
  readonly operation: string;
  readonly body: string;
}

/** @param url - of the server, `http://127.0.0.1:PORT` */
export async function startLossyConnection(url: string): Promise<LossyConnection> {
  const { port } = new URL(url);
  let next: { readonly isIt: (request: Asked) => boolean; readonly others: Others } | undefined;
  let lost = 0;
  const server = createServer((request, response) => {
    const pass = async () => {
      const body = await buffer(request);
      const operation = String(request.headers['x-amz-target'] ?? '').replace(/^.*\./, '');
      const loss = next?.isIt({ operation, body: body.toString('utf8') }) === true ? next : undefined;
      if (loss !== undefined) next = undefined;
      await loss?.others.before?.();
      const answer = await ask(request, body, port);
      await loss?.others.after?.();
      if (loss !== undefined) {
        lost += 1;
        request.socket.destroy();
        return;
      }
      response.writeHead(answer.message.statusCode ?? 500, answer.message.headers).end(answer.body);
    };
    pass().catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const agent = new DetourAgent((server.address() as AddressInfo).port);
  return {
    agent,
    loseNext: (isIt, others = {}) => {
      next = { isIt, others };
    },
    lost: () => lost,
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** Connects to another port than was asked for; what is signed still names the one that was. */
class DetourAgent extends Agent {
  readonly #port: number;

  constructor(port: number) {
    super({ keepAlive: false });
    this.#port = port;
  }

  override createConnection(options: object, callback?: (error: Error | null, socket: Duplex) => void) {
    return super.createConnection({ ...options, port: this.#port }, callback);
  }
}

async function ask(
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  port: string,
): Promise<{ message: IncomingMessage; body: Buffer }> {
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked: ClientRequest = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path: url,
      headers,
      agent: false,
    });
    asked.once('error', reject).once('response', resolve).end(body);
  });
  return { message, body: await buffer(message) };
}
