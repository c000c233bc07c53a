import type { PlannedGroup, ShownPlan } from '../../core/page/plans.ts';
import { layerMark } from '../../core/plan/layer-mark.ts';
import type { PersistenceLayer } from '../../core/record/plan.ts';
import { keepUnits, nodeCount } from '../../core/words.ts';
import { type Html, html } from '../html.ts';
import { nameList, table } from '../pieces.ts';

const SURVIVES: Readonly<Record<PersistenceLayer['state'], string>> = {
  covered: 'yes',
  'not-covered': 'no',
  unknown: 'not known',
  'not-applicable': 'does not apply',
};

/** What was, or is, to be changed: the numbers, how they were found and what they survive. */
export function plans(all: readonly ShownPlan[]): readonly Html[] {
  return all.map(({ digest, collection, groups, isApproved, isCurrent }, index) => {
    const state = isApproved ? 'approved' : isCurrent ? 'waits for a click' : 'replaced by a newer one';
    const body = html`<p class="what">Plan <code>${digest}</code> on collection ${collection}, ${state}.</p>${groups.map(group)}`;
    return index === 0
      ? html`<div class="plan">${body}</div>`
      : html`<details class="plan"><summary>Plan on collection ${collection}, ${state}</summary>${body}</details>`;
  });
}

function group({ instanceIds, numbers, cost, arithmetic, layers, warnings }: PlannedGroup): Html {
  return html`<h3>${keepUnits(numbers)}</h3><p>${instanceIds.length === 1 ? undefined : `On ${nodeCount(instanceIds.length)}: `}${nameList(instanceIds)}${cost === undefined ? undefined : ` · ${keepUnits(cost)}`}</p>${arithmetic.length === 0 ? undefined : html`<h4>How the numbers were found</h4><ol class="sum">${arithmetic.map((line) => html`<li>${keepUnits(line)}</li>`)}</ol>`}${warnings.length === 0 ? undefined : html`<ul class="warn">${warnings.map((line) => html`<li>${keepUnits(line)}</li>`)}</ul>`}${layers.length === 0 ? undefined : layerTable(layers)}`;
}

function layerTable(layers: readonly PersistenceLayer[]): Html {
  return html`<h4>What it survives</h4>${table(
    'Layers of persistence',
    ['Layer', 'Survives', 'How'],
    layers.map((one) => [
      one.layer,
      html`<span class="l ${one.state}"><span aria-hidden="true">${layerMark(one)}</span> ${SURVIVES[one.state]}</span>`,
      one.how,
    ]),
  )}`;
}
