import { userInfo } from 'node:os';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { PATIENT, withPatience } from '../src/adapters/waiting/patience.ts';
import { ManualRequest } from '../src/core/incident/manual-alarm.ts';
import { runningDemo } from './deployment/running-demo.ts';
import { stackOutputs } from './deployment/stack-outputs.ts';
import { InputError, NotReachedError } from './errors.ts';
import { reasonOf } from './failure.ts';
import { print } from './output.ts';

/** The intake ends by itself after half a minute. */
const INTAKE_PATIENCE = { ...PATIENT, answerMs: 40_000, totalMs: 130_000 };

interface IncidentOptions {
  readonly local?: true;
  readonly demo?: string;
  readonly stack: string;
  readonly region?: string;
}

const Answer = z.object({ outcome: z.string() });

/** `medic incident`: opens an incident for nodes by hand, as an alarm would. */
export async function runIncident(instanceIds: string[], options: IncidentOptions): Promise<void> {
  const wish = ManualRequest.safeParse({
    schema: 'medic.incident-request/1',
    instanceIds,
    by: `${userName()} on the command line`,
    at: new Date().toISOString(),
  });
  if (!wish.success)
    throw new InputError('Give one to twenty instance ids such as i-0123456789abcdef0, and nothing else.');
  const { client, intake } =
    options.local === true ? await demoIntake(options.demo) : await stackIntake(options);
  const outcome = await send(client, intake, wish.data);
  print(
    outcome === 'already-open'
      ? 'These nodes are being looked at already; their card is in the channel.\n'
      : `Reading ${instanceIds.join(', ')}; the card appears in the channel.\n`,
  );
}

interface Intake {
  readonly client: LambdaClient;
  readonly intake: string;
}

async function demoIntake(page?: string): Promise<Intake> {
  const demo = await runningDemo(page);
  const { lambda: endpoint, region, credentials } = demo;
  const client = new LambdaClient(withPatience({ endpoint, region, credentials }, INTAKE_PATIENCE));
  return { client, intake: 'medic-intake:live' };
}

async function stackIntake({ stack, region }: IncidentOptions): Promise<Intake> {
  const { IntakeFunction: intake } = await stackOutputs({ stack, region }, ['IntakeFunction']);
  return {
    client: new LambdaClient(withPatience(region === undefined ? {} : { region }, INTAKE_PATIENCE)),
    intake,
  };
}

async function send(client: LambdaClient, FunctionName: string, wish: ManualRequest): Promise<string> {
  const { Payload, FunctionError } = await client
    .send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(wish) }))
    .catch((cause: unknown) => {
      throw new NotReachedError(
        `The intake could not be called (${reasonOf(cause)}); look at the credentials and at --region.`,
        { cause },
      );
    });
  const text = Buffer.from(Payload ?? []).toString('utf8');
  if (FunctionError !== undefined) throw new NotReachedError(`The intake failed: ${text.slice(0, 300)}`);
  return outcomeIn(text);
}

function outcomeIn(text: string): string {
  try {
    return Answer.parse(JSON.parse(text)).outcome;
  } catch (cause) {
    throw new NotReachedError(
      'The intake answered what this version does not know; deploy the stack from this checkout.',
      { cause },
    );
  }
}

/** Who calls, for the card; a container's user may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? ''}`.trim();
  }
}
