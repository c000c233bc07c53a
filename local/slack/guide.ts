import { type Html, html } from '../../src/page/html.ts';

/** A way the demo can go, as its menu shows it. */
export interface OfferedScenario {
  /** As `--scenario` takes it. */
  readonly name: string;
  readonly title: string;
  /** What to look at, in one sentence. */
  readonly watch: string;
}

/** What leads through the demo at this moment. */
export interface GuideView {
  /** The scenario that runs. */
  readonly scenario: OfferedScenario;
  /** What happens next, and what the person may do. */
  readonly next: string;
  /** A page to look at beside the channel, where there is one. */
  readonly link?: { readonly href: string; readonly text: string };
  /** What the nodes themselves showed, line by line; empty until they were asked. */
  readonly seen: readonly string[];
  /** Whether there is a load that can be ended now. */
  readonly canEndLoad: boolean;
  /** What can be started instead or again, in the order of the menu. */
  readonly scenarios: readonly OfferedScenario[];
}

/** Leads through a demo: what the page shows above the channel, and what it can have done. */
export interface Guide {
  view(): GuideView;
  /** @returns a function that ends the subscription */
  subscribe(listener: () => void): () => void;
  /** Ends the load. @returns why not, in one sentence; undefined when it has ended */
  endLoad(): Promise<string | undefined>;
  /** Begins a scenario from its start, on a fresh channel. @returns why not, in one sentence; undefined when it begins */
  start(scenario: string): string | undefined;
}

/** The guide as a part of the page. */
export function renderGuide({ scenario, next, link, seen, canEndLoad, scenarios }: GuideView): Html {
  return html`<section class="guide" id="guide" aria-label="What happens next">
    <p class="watch"><b>${scenario.title}.</b> ${scenario.watch}</p>
    <p class="next" role="status">${next}</p>
    ${link === undefined ? undefined : html`<p><a href="${link.href}" target="_blank" rel="noreferrer">${link.text}</a></p>`}
    ${seen.length > 0 ? html`<ul class="seen" aria-label="What the nodes themselves show">${seen.map((line) => html`<li>${line}</li>`)}</ul>` : undefined}
    <div class="deeds">
      ${canEndLoad ? html`<button type="button" class="button primary" data-deed="end-load">End the load</button>` : undefined}
      <button type="button" class="button" data-deed="start" data-scenario="${scenario.name}">Start again</button>
      ${scenarios.length > 1 ? renderMenu(scenarios) : undefined}
    </div>
  </section>`;
}

function renderMenu(scenarios: readonly OfferedScenario[]): Html {
  return html`<details class="overflow scenarios">
    <summary class="button">Other scenarios ▾</summary>
    <ul>${scenarios.map(({ name, title, watch }) => html`<li><button type="button" data-deed="start" data-scenario="${name}"><b>${title}</b><small>${watch}</small></button></li>`)}</ul>
  </details>`;
}
