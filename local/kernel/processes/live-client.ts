import { endWithParent } from './end-with-parent.ts';
import { oneRequest } from './one-request.ts';

// Runs in the client's network namespace: a user's view. One JSON line a second on the new connections that ended in it.
const [host = '', port, perSecond, seconds] = process.argv.slice(2);
const REQUEST_TIMEOUT_MS = 3000;

endWithParent(Number(seconds));
let ended: { startedAt: number; ms: number; ok: boolean }[] = [];

setInterval(() => {
  const startedAt = Date.now();
  const begin = performance.now();
  void oneRequest({ host, port: Number(port), timeoutMs: REQUEST_TIMEOUT_MS }).then((result) => {
    ended.push({
      startedAt,
      ms: result.connectMs ?? performance.now() - begin,
      ok: result.answerMs !== undefined,
    });
  });
}, 1000 / Number(perSecond));

setInterval(() => {
  process.stdout.write(`${JSON.stringify({ at: Date.now(), requests: ended })}\n`);
  ended = [];
}, 1000);
process.stdout.write('ready\n');
