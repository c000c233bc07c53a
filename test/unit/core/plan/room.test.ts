import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { forecastClause } from '../../../../src/core/plan/forecast.ts';
import { raiseMax } from '../../../../src/core/plan/raise-max.ts';
import type { Diagnosed } from '../../../../src/core/record/collection.ts';
import type { Forecast, RaisePlan } from '../../../../src/core/record/plan.ts';
import { renderNodeRunbook } from '../../../../src/core/runbook/render-runbook.ts';
import { recordedReading } from '../../support/recorded-incident.ts';

const BASIS = { perSecond: 782, lifetimeSeconds: 122 };

/** A recorded node with a plan whose table ends up at this share of the new limit. */
function foreseen(capture: string, share: number | 'unbounded'): { before: Diagnosed; plan: RaisePlan } {
  const { outcome } = recordedReading('i-a', capture);
  if (outcome.kind !== 'diagnosed' || outcome.plan?.kind !== 'raise-max')
    throw new Error('No raise is planned.');
  const entries = share === 'unbounded' ? 0 : Math.round(share * outcome.plan.max.to);
  const forecast: Forecast =
    share === 'unbounded'
      ? { kind: 'unbounded', fullInSeconds: 300, perSecond: 782 }
      : share < 1
        ? { kind: 'settles', entries, ...BASIS }
        : { kind: 'fills', entries, fullInSeconds: 300, ...BASIS };
  return { before: outcome, plan: { ...outcome.plan, forecast } };
}

const verificationOf = ({ before, plan }: ReturnType<typeof foreseen>): string => {
  const { diagnosis, figures } = before;
  const { markdown } = renderNodeRunbook({ node: 'i-a', diagnosis, figures, plan }, catalogue, runbookTexts);
  return /^## Verification\n([\s\S]*?)(?=^## )/m.exec(markdown)?.[1] ?? '';
};

/** Whether the product's own check passes at a use of the new limit. */
const passesAt = ({ before, plan }: ReturnType<typeof foreseen>, use: number): boolean => {
  const { to } = plan.max;
  const figures = {
    ...before.figures,
    max: to,
    buckets: plan.buckets.to,
    count: Math.round(use * to),
    fullDrops: 0,
    windowSeconds: 10,
  };
  return raiseMax.verify(plan, { ...before, figures }, before).passed;
};

describe.each(['table-full/held-open-32768', 'near-full/nine-tenths'])('a raise for %s', (capture) => {
  it.each([0.3, 0.6, 0.69, 0.72, 0.78, 0.8, 0.84])(
    'that is foreseen to settle at %d passes there',
    (share) => {
      const one = foreseen(capture, share);
      const [, bound = ''] = /below (\d+) %/.exec(verificationOf(one)) ?? [];
      expect(Number(bound) / 100).toBeGreaterThan(share);
      expect(passesAt(one, share)).toBe(true);
      expect(passesAt(one, Number(bound) / 100 - 0.001)).toBe(true);
      expect(passesAt(one, Number(bound) / 100 + 0.001)).toBe(false);
    },
  );

  it.each([0.86, 0.95, 1.5, 'unbounded'] as const)(
    'that ends up at %s is told to need a lasting fix',
    (share) => {
      const one = foreseen(capture, share);
      const { forecast, max } = one.plan;
      const text = verificationOf(one);
      expect(text).toContain('use below 70 % of the new limit at first. It does not stay there');
      expect(text).toContain(forecast && forecastClause(forecast, max.to));
      expect(passesAt(one, 0.71)).toBe(false);
    },
  );
});
