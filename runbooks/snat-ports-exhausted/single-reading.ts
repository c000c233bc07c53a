import {
  evidence,
  type SingleReadingRule,
  type SingleReadingRules,
} from '../../src/core/diagnosis/signature.ts';
import { matchOfReading } from '../../src/core/diagnosis/single-reading/rules.ts';
import { counted } from '../../src/core/words.ts';

/** The NAT gateway had no port left: ErrorPortAllocation counts connections it refused (AWS: "Monitor NAT gateways with Amazon CloudWatch"). */
const snatPortsExhausted: SingleReadingRule = ({ natGateway }) => {
  const sums = Array.from(
    natGateway.matchAll(
      /(?:"Sum"\W{1,4}|ErrorPortAllocation\W{1,12}(?:\w{1,12}\W{1,4})?)(\d{1,15}(?:\.\d{1,6})?)(?![\d:-])/g,
    ),
    ([, value]) => Number(value),
  );
  const refused = sums.reduce((total, value) => total + value, 0);
  if (refused === 0) return undefined;
  return matchOfReading(
    `The NAT gateway had no port left for ${counted(refused, 'connection')}: too many at once to one destination.`,
    [evidence('ErrorPortAllocation', refused, 'connections', 0, 'CloudWatch')],
    'The ports ran out at the NAT gateway, not in the node’s table.',
  );
};

/** What the NAT gateway counted, which only pasted text holds. */
export const singleReading: SingleReadingRules = { asRead: snatPortsExhausted };
