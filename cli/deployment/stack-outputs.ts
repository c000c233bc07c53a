import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { StackOutput } from '../../cdk/outputs.ts';
import { withPatience } from '../../src/adapters/waiting/patience.ts';
import { InputError, NotReachedError } from '../errors.ts';
import { reachOf, reasonOf } from '../failure.ts';

/** Where a stack is looked for. */
export interface StackPlace {
  /** Name of the CloudFormation stack. */
  readonly stack: string;
  /** AWS region; undefined takes that of the environment. */
  readonly region: string | undefined;
}

/**
 * Reads outputs of a deployed stack.
 *
 * @param keys outputs without which the caller cannot go on
 * @throws NotReachedError when the stack cannot be read, InputError when it lacks one of them
 */
export async function stackOutputs<K extends StackOutput>(
  { stack, region }: StackPlace,
  keys: readonly K[],
): Promise<Readonly<Record<K, string>>> {
  const client = new CloudFormationClient(withPatience(region === undefined ? {} : { region }));
  const { Stacks = [] } = await client
    .send(new DescribeStacksCommand({ StackName: stack }))
    .catch((cause: unknown) => {
      const next =
        reachOf(cause) === 'refused'
          ? 'give --stack and --region, or deploy it first'
          : 'look at the credentials, at --region and at what is between here and AWS';
      throw new NotReachedError(`The stack ${stack} cannot be read (${reasonOf(cause)}); ${next}.`, {
        cause,
      });
    });
  const [described] = Stacks;
  // A stack that is not there is an error: without one, and without a stack, it was not AWS that answered.
  if (described === undefined)
    throw new NotReachedError(`The stack ${stack} cannot be read: something else answered, not AWS itself.`);
  const found = new Map(
    (described.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
  const missing = keys.filter((key) => !found.has(key));
  if (missing.length > 0)
    throw new InputError(
      `The stack ${stack} has no output ${missing.join(', ')}; it is another stack, or has to be deployed from this version.`,
    );
  return Object.fromEntries(keys.map((key) => [key, found.get(key)])) as Record<K, string>;
}
