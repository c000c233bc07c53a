/** Hosts of the AWS console by the partition of an ARN (docs.aws.amazon.com, AWS Management Console endpoints). */
const CONSOLES: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

const REGION = /^[a-z0-9-]{5,25}$/;

/** The console of an ARN's partition in a region; nothing where no console is known for it. */
export function consoleAt(
  arn: string,
  region: string,
): { readonly host: string; readonly region: string } | undefined {
  const [, partition = ''] = arn.split(':');
  const console = Object.hasOwn(CONSOLES, partition) ? CONSOLES[partition] : undefined;
  return console === undefined || !REGION.test(region)
    ? undefined
    : { host: `https://${region}.${console}`, region };
}
