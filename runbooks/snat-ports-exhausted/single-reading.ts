import {
  evidence,
  type SingleReadingRule,
  type SingleReadingRules,
} from '../../src/core/diagnosis/signature.ts';
import { matchOfReading } from '../../src/core/diagnosis/single-reading/rules.ts';
import { counted } from '../../src/core/words.ts';

/** A cloud's address translation had no port left, and refused what it could not translate: what was pasted of it says how much. */
const snatPortsExhausted: SingleReadingRule = ({ snapshot }) => {
  const refused = snapshot.observations.flatMap((one) => (one.refused === undefined ? [] : [one.refused]));
  const [first] = refused.filter(({ count }) => count > 0);
  if (first === undefined) return undefined;
  const ofThis = refused.filter(({ by, source }) => by === first.by && source === first.source);
  const all = ofThis.reduce((total, { count }) => total + count, 0);
  return matchOfReading(
    `${first.by} had no port left for ${counted(all, first.what)}: too many at once to one destination.`,
    [evidence(first.source, all, `${first.what}s`, 0, 'what was pasted')],
    `The ports ran out at ${first.by.replace(/^The /, 'the ')}, not in the node’s table.`,
  );
};

/** What a NAT gateway or a cloud’s load balancer counted, which only pasted text holds. */
export const singleReading: SingleReadingRules = { asRead: snatPortsExhausted };
