import type { Catalogue } from '../diagnosis/signature.ts';
import type { Diagnosed } from '../record/collection.ts';
import { losesPackets } from '../remediation/readings.ts';
import { utcTime, withoutStop } from '../words.ts';

/** A reading of a node on which nothing stands changed any more. */
export interface AfterRollback {
  /** What it concludes, as a sentence. */
  readonly headline: string;
  /** Whether it shows the failure mode again that the change was made against. */
  readonly isFaultBack: boolean;
  /** Whether it shows that mode again, or packets being lost to any other. */
  readonly isIll: boolean;
  /** ISO 8601. */
  readonly at: string;
}

/** Judges a reading that was made after a rollback by what the change was made against. */
export function judgeAfterRollback(
  seen: Diagnosed,
  basis: Diagnosed | undefined,
  catalogue: Catalogue,
): Omit<AfterRollback, 'at'> {
  const { headline, findings } = seen.diagnosis;
  const isFaultBack = findings.some(
    ({ mode, state }) => mode === basis?.diagnosis.verdict && state === 'present',
  );
  return { headline, isFaultBack, isIll: isFaultBack || losesPackets(seen, catalogue) };
}

/** As much of a node as its words need. */
interface RolledBackNode {
  readonly node: { readonly instanceId: string };
  readonly afterRollback?: AfterRollback;
}

/** `i-0abc: Connection-tracking table full: … (read 14:06:11Z); 2 more rolled-back nodes suffer too`. */
export function illWords(ranked: readonly RolledBackNode[], now: number): string {
  const ill = ranked.flatMap(({ node, afterRollback }) =>
    afterRollback?.isIll === true ? [{ ...afterRollback, instanceId: node.instanceId }] : [],
  );
  const [first] = ill;
  if (first === undefined) return '';
  const others = ill.length - 1;
  const more =
    others === 0 ? '' : `; ${others} more rolled-back ${others === 1 ? 'node suffers' : 'nodes suffer'} too`;
  return `${first.instanceId}: ${withoutStop(first.headline)} (read ${utcTime(first.at, now)})${more}`;
}
