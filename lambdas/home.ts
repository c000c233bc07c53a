import type { Place } from '../src/core/record/place.ts';

/** Where the service runs: the ARN of its functions says so. */
export function homeOf(functionArn: string): Place {
  const [, partition = '', , region = '', account = ''] = functionArn.split(':');
  return { partition, region, account };
}
