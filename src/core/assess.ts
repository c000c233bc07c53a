import { type Capture, readCapture } from './capture.ts';
import { diagnose } from './diagnose.ts';
import type { Diagnosis } from './diagnosis.ts';
import { valueOf } from './fact.ts';
import type { NodeCollection } from './incident.ts';
import type { NodePlan } from './plan.ts';
import type { Catalogue } from './signature.ts';
import type { Snapshot } from './snapshot.ts';
import { snapshotOf } from './snapshot-of.ts';

type Figures = Extract<NodeCollection['outcome'], { kind: 'diagnosed' }>['figures'];

/** What a node's output means, or one sentence on why it means nothing. */
export type Assessment =
  | {
      readonly kind: 'diagnosed';
      readonly diagnosis: Diagnosis;
      readonly plan: NodePlan | undefined;
      readonly figures: Figures;
      readonly halfApplied: boolean;
    }
  | { readonly kind: 'failed'; readonly why: string };

/**
 * Judges the output of one run of the collector. Total: any text gives an assessment.
 *
 * @param given.nonce the nonce that was sent with the run; sections with another one do not count
 */
export function assess(
  text: string,
  given: { instanceId: string; nonce: string; catalogue: Catalogue },
): Assessment {
  const capture = readCapture(text, given.nonce);
  if (capture === undefined) {
    return {
      kind: 'failed',
      why: `${given.instanceId} returned no readable evidence; collect again or look at the raw output.`,
    };
  }
  return assessCapture(capture, given);
}

/** Judges a capture that was read already, with the figures that the card and the runbook show. */
export function assessCapture(
  capture: Capture,
  { instanceId, catalogue }: { instanceId: string; catalogue: Catalogue },
): Extract<Assessment, { kind: 'diagnosed' }> {
  const snapshot = snapshotOf(capture);
  const { diagnosis, plan } = diagnose(snapshot, catalogue, instanceId);
  return {
    kind: 'diagnosed',
    diagnosis: { ...diagnosis, node: instanceId },
    plan,
    figures: figuresOf(snapshot),
    halfApplied: valueOf(snapshot.halfApplied) ?? false,
  };
}

function figuresOf({ conntrack, windowSeconds, identity }: Snapshot): Figures {
  const [use, losses] = [valueOf(conntrack.use), valueOf(conntrack.losses)];
  return dropUndefined({
    count: use?.last,
    max: use?.max,
    buckets: valueOf(conntrack.buckets),
    windowSeconds: valueOf(windowSeconds),
    fullDrops: losses === undefined ? undefined : Number(losses.full.low),
    earlyDrops: losses === undefined ? undefined : Number(losses.earlyDrop),
    kernel: valueOf(identity.kernel),
    bootId: valueOf(identity.bootId),
  });
}

type WithoutUndefined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function dropUndefined<T extends object>(object: T): WithoutUndefined<T> {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined),
  ) as WithoutUndefined<T>;
}
