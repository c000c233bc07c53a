import type { DurableContext } from '@aws/durable-execution-sdk-js';
import { messageOf } from '../../src/core/errors.ts';
import { endTrace, failTrace, runningTrace } from '../../src/core/incident/syn-trace/order.ts';
import { readTraces, sendTrace } from '../../src/core/incident/syn-trace/send.ts';
import { traceNote } from '../../src/core/incident/syn-trace/words.ts';
import type { IncidentState } from '../../src/core/record/incident.ts';
import type { SynTrace } from '../../src/core/record/traced/order.ts';
import { isClosed } from '../../src/core/record/transitions.ts';
import { log } from '../log.ts';
import { newNonce } from '../wiring.ts';
import type { IncidentEvidence } from './evidence.ts';
import type { IncidentParts } from './parts.ts';
import type { IncidentRecord } from './record.ts';

/** What a trace takes beside the seconds for which it looks: finding pods, coming to look, counting (docs/trace.md). */
const AROUND_SECONDS = 6;

/**
 * Looks where SYNs are lost, in an execution of its own and as durable steps: the one that waits for a decision goes on waiting, and
 * a click on any other button reaches it at once. It only reads nodes, and whatever fails ends the trace with a sentence and
 * nothing else of the incident.
 */
export class IncidentTracing {
  private readonly ctx: DurableContext;
  private readonly parts: IncidentParts;
  private readonly record: IncidentRecord;
  private readonly evidence: IncidentEvidence;

  constructor(ctx: DurableContext, parts: IncidentParts, record: IncidentRecord, evidence: IncidentEvidence) {
    this.ctx = ctx;
    this.parts = parts;
    this.record = record;
    this.evidence = evidence;
  }

  /** @param number of the trace that was ordered */
  async run(number: number): Promise<IncidentState> {
    const ordered = await this.record.read('look for the trace', (head) => {
      const running = runningTrace(head);
      return running?.number === number ? running : null;
    });
    if (ordered === null) return await this.record.read('read state', ({ state }) => state);
    await this.record.show();
    try {
      await this.look(ordered);
    } catch (error) {
      const why = `the trace failed here (${messageOf(error)}); order it again.`;
      await this.end('note that it failed', (head) => failTrace(head, number, this.record.now(), why));
    }
    await this.record.show();
    await this.say(number);
    const state = await this.record.read('read state', (head) => head.state);
    if (isClosed(state)) await this.record.keepAudit();
    return state;
  }

  private async look(trace: SynTrace): Promise<void> {
    const sent = await this.record.step('send trace', async () =>
      sendTrace(this.parts, { head: await this.record.head() }, trace, newNonce()),
    );
    if (sent.commands.length > 0) {
      await this.ctx.wait('tracing', { seconds: trace.seconds + AROUND_SECONDS });
      const place = sent.place;
      await this.evidence.waitForCommands(sent.commands.map((command) => ({ ...command, place })));
    }
    const nodes = await this.record.step('read trace', async () => [
      ...(await readTraces(this.parts, await this.record.load(), trace, sent)),
    ]);
    await this.end('note what was found', (head) => endTrace(head, trace.number, this.record.now(), nodes));
  }

  private async end(name: string, change: Parameters<IncidentRecord['update']>[0]): Promise<void> {
    await this.record.step(name, async () => {
      const { synTraces = [] } = await this.record.update(change);
      const failed = synTraces.at(-1)?.nodes?.filter(({ outcome }) => outcome.kind === 'failed').length ?? 0;
      log('traced', { incidentId: this.record.id, failed: String(failed) });
    });
  }

  private async say(number: number): Promise<void> {
    await this.record.tell(
      'note',
      'post what the trace found',
      async (saying) => {
        const incident = await this.record.load();
        const trace = incident.head.synTraces?.find((one) => one.number === number);
        const text = traceNote(incident.head, number);
        if (trace !== undefined && text !== undefined)
          await this.parts.notifier.postTrace(incident, trace, text, saying);
      },
      { textOf: (head) => traceNote(head, number), once: `trace-${number}` },
    );
  }
}
