import type { Catalogue } from '../diagnosis/signature.ts';
import type { Incident } from '../record/incident.ts';
import { cardActions } from './actions.ts';
import { bannerOf } from './banner.ts';
import { changeOf } from './change.ts';
import { contextOf, historyOf } from './context.ts';
import { evidenceOf, fieldsOf } from './evidence.ts';
import { cardFacts } from './facts.ts';
import type { Card } from './model.ts';
import { rankNodes } from './nodes.ts';
import { nodeResults } from './results.ts';
import { STATE_VIEWS } from './states.ts';

/**
 * The card of an incident, derived from its record and the catalogue alone: the same record and time give the same card.
 * All strings are plain text that may hold words from a node or from the alarm; whoever draws the card escapes them.
 * @param now milliseconds since the Unix epoch, used only to say when a time is not today's
 */
export function cardOf(incident: Incident, catalogue: Catalogue, now: number): Card {
  const { head } = incident;
  const ranked = rankNodes(incident);
  const facts = cardFacts(incident, ranked, catalogue, now);
  const view = STATE_VIEWS[head.state];
  const header = view.header(facts);
  const change = changeOf(incident);
  return {
    incidentId: head.id,
    state: head.state,
    colour: view.colour(facts),
    banner: bannerOf(facts, ranked, header),
    header,
    lead: view.lead(facts),
    fields: fieldsOf(incident, ranked, now),
    ...evidenceOf(incident, ranked, catalogue),
    ...(change === undefined ? {} : { change }),
    results: nodeResults(incident, now),
    history: historyOf(incident, now),
    ...cardActions(incident),
    context: contextOf(incident, now),
  };
}
