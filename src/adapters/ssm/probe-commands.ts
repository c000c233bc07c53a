import {
  type CommandInvocation,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { ProbeAnswer } from '../../core/fleet/unseen.ts';
import type { NodeTags } from '../../core/node-tags.ts';
import type { DocumentText } from '../../core/record/document-pin.ts';
import type { Probes } from '../../core/sweep/ports.ts';
import { NoCommandIdError } from '../errors.ts';
import { nodeTagFilter } from '../lookups/node-tag-filter.ts';
import { isOutage } from '../waiting/outage.ts';
import { findVersion } from './document-versions.ts';

/** How the probe is sent. */
export interface ProbeSettings {
  readonly nodeTags: NodeTags;
  /** Seconds between the two samples. */
  readonly sampleSeconds: number;
  /** Waits some seconds. */
  readonly pause: (seconds: number) => Promise<void>;
}

/** Pauses before a call that was turned away as one too many is made again, in seconds: two minutes together. */
const PAUSES = [1, 2, 4, 8, 15, 15, 15, 30, 30];

/** Invocations on a page of ListCommandInvocations, at most; each brings 2,500 characters of output (SSM API reference). */
const PAGE = 50;

/** Sends medic-probe to whoever carries a tag, and nothing else: it knows no other document. */
export class SsmProbes implements Probes {
  readonly #client: SSMClient;
  readonly #document: DocumentText;
  readonly #settings: ProbeSettings;
  #version: string | undefined;

  constructor(client: SSMClient, document: DocumentText, settings: ProbeSettings) {
    this.#client = client;
    this.#document = document;
    this.#settings = settings;
  }

  async send(nonce: string, atOnce: number, waitSeconds: number): Promise<readonly string[]> {
    const { nodeTags, sampleSeconds } = this.#settings;
    const commands: string[] = [];
    // Targets of one command are a conjunction: one command a key.
    for (const tag of nodeTags) {
      const { Command } = await this.#patiently(async () => {
        this.#version ??= await findVersion(this.#client, this.#document);
        try {
          return await this.#client.send(
            new SendCommandCommand({
              DocumentName: this.#document.name,
              DocumentVersion: this.#version,
              DocumentHash: this.#document.hash,
              DocumentHashType: 'Sha256',
              Targets: [nodeTagFilter(tag)],
              Parameters: { nonce: [nonce], sampleSeconds: [String(sampleSeconds)] },
              Comment: 'conntrack-medic probe',
              TimeoutSeconds: waitSeconds,
              MaxConcurrency: String(atOnce),
              MaxErrors: '100%',
            }),
          );
        } catch (error) {
          // Another deployment may have deleted it: it is looked for again.
          this.#version = undefined;
          throw error;
        }
      });
      if (Command?.CommandId === undefined)
        throw new NoCommandIdError('SSM accepted the probe without giving the id of its command.');
      commands.push(Command.CommandId);
    }
    return commands;
  }

  async progress(commandId: string): Promise<{ readonly finished: number; readonly total: number }> {
    const { Commands = [] } = await this.#patiently(() =>
      this.#client.send(new ListCommandsCommand({ CommandId: commandId })),
    );
    const [command] = Commands;
    // Right after SendCommand the service does not know its own command yet, and its targets it counts a moment later.
    if (command === undefined) return { finished: 0, total: 1 };
    const { CompletedCount = 0, TargetCount = 0, Status } = command;
    const isOver = Status !== undefined && Status !== 'Pending' && Status !== 'InProgress';
    return {
      finished: CompletedCount,
      total: isOver ? CompletedCount : Math.max(TargetCount, CompletedCount, 1),
    };
  }

  async *answers(commandId: string): AsyncIterable<readonly ProbeAnswer[]> {
    let NextToken: string | undefined;
    do {
      const token = NextToken;
      const page = await this.#patiently(() =>
        this.#client.send(
          new ListCommandInvocationsCommand({
            CommandId: commandId,
            Details: true,
            MaxResults: PAGE,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
        ),
      );
      yield (page.CommandInvocations ?? []).flatMap(answerOf);
      NextToken = page.NextToken === '' ? undefined : page.NextToken;
    } while (NextToken !== undefined);
  }

  /** Waits longer and longer where Systems Manager is asked too much or away for now; then it says so. */
  async #patiently<T>(call: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await call();
      } catch (error) {
        const seconds = isOutage(error) ? PAUSES[tries] : undefined;
        if (seconds === undefined) throw error;
        await this.#settings.pause(seconds);
      }
    }
  }
}

function answerOf({
  InstanceId,
  Status,
  StatusDetails,
  CommandPlugins = [],
}: CommandInvocation): readonly ProbeAnswer[] {
  if (InstanceId === undefined) return [];
  const [plugin] = CommandPlugins;
  const endedAt = plugin?.ResponseFinishDateTime?.getTime();
  const details = (StatusDetails ?? Status ?? '').replaceAll(' ', '');
  return [
    {
      instanceId: InstanceId,
      outcome: outcomeOf(details),
      ...(endedAt === undefined ? {} : { endedAt }),
      text: plugin?.Output ?? '',
    },
  ];
}

/** By Systems Manager's own words (Systems Manager user guide, "Understanding command statuses"). */
function outcomeOf(details: string): ProbeAnswer['outcome'] {
  switch (details) {
    case 'Success':
      return 'answered';
    case 'Undeliverable':
    case 'DeliveryTimedOut':
      return 'offline';
    case 'AccessDenied':
    case 'InvalidPlatform':
    case 'Cancelled':
    case 'Cancelling':
    case 'Terminated':
    case 'RateExceeded':
      return 'refused';
    case 'Pending':
    case 'InProgress':
    case 'Delayed':
    case 'ExecutionTimedOut':
    case 'TimedOut':
      return 'late';
    default:
      return 'failed';
  }
}
