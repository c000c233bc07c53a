import { CfnOutput } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { STACK_OUTPUTS, type StackOutput } from './outputs.ts';

/**
 * Writes the stack's outputs under their stable keys.
 *
 * @param values - value of every output that this stack has
 */
export function writeOutputs(scope: Construct, values: Readonly<Partial<Record<StackOutput, string>>>): void {
  const outputs = new Construct(scope, 'Outputs');
  for (const [key, value] of Object.entries(values)) {
    const description = STACK_OUTPUTS[key as StackOutput];
    new CfnOutput(outputs, key, { value, description }).overrideLogicalId(key);
  }
}
