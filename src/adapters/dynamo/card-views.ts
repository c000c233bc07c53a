import { behind, isOwed, notShown, shownAs, withoutEndWords } from '../../core/incident/shown/card-view.ts';
import type { CardView } from '../../core/record/card-view.ts';
import { RECORD_VERSION } from '../../core/record/stored.ts';
import type { DynamoDocuments } from './documents.ts';
import { viewedHeadItem } from './head-item.ts';
import { type CardClaimItem, cardClaimKey, HeadItem, headKey } from './items.ts';

/** Longer than a card takes to be posted and its place to be noted. */
const CLAIM_MS = 60_000;

/** How far cards follow their records, in the items of the heads; a note of it changes no revision. */
export class DynamoCardViews {
  readonly #documents: DynamoDocuments;
  /** Which claims are its own. */
  readonly #claims = new Map<string, string>();
  readonly #newClaim: () => string;

  constructor(documents: DynamoDocuments, newClaim: () => string) {
    this.#documents = documents;
    this.#newClaim = newClaim;
  }

  async view(id: string): Promise<CardView | undefined> {
    return (await this.#documents.get(headKey(id), HeadItem))?.view;
  }

  async noteShown(id: string, revision: number): Promise<void> {
    await this.#note(id, (item) =>
      item.revision === revision ? shownAs(item.view, revision, Date.now()) : undefined,
    );
  }

  async noteEndTold(id: string): Promise<void> {
    await this.#note(id, ({ view }) => (view?.endUntold === true ? withoutEndWords(view) : undefined));
  }

  async noteNews(id: string): Promise<void> {
    await this.#note(id, (item) => (isOwed(item.view) ? undefined : behind(item.view, Date.now())));
  }

  async noteNotShown(id: string, waitSeconds: number): Promise<void> {
    await this.#note(id, (item) => notShown(item.view, Date.now(), waitSeconds));
  }

  async claim(id: string, holder?: string): Promise<boolean> {
    const now = Date.now();
    const claim = holder ?? this.#newClaim();
    const item: CardClaimItem = {
      ...cardClaimKey(id),
      version: RECORD_VERSION,
      claim,
      expiresAt: now + CLAIM_MS,
    };
    const isTaken = await this.#documents.put(item, {
      expression: 'attribute_not_exists(pk) OR expiresAt < :now OR claim = :claim',
      values: { ':now': now, ':claim': claim },
    });
    if (isTaken) this.#claims.set(id, claim);
    return isTaken;
  }

  async release(id: string): Promise<void> {
    const claim = this.#claims.get(id);
    if (claim === undefined) return;
    this.#claims.delete(id);
    await this.#documents.delete(cardClaimKey(id), {
      expression: 'claim = :claim',
      values: { ':claim': claim },
    });
  }

  /** Who has changed the head meanwhile has noted that its card is owed, so a note that comes too late is left out. */
  async #note(id: string, viewOf: (item: HeadItem) => CardView | undefined): Promise<void> {
    const item = await this.#documents.get(headKey(id), HeadItem);
    const view = item === undefined ? undefined : viewOf(item);
    if (item === undefined || view === undefined) return;
    await this.#documents.put(viewedHeadItem(item, view), {
      expression: 'revision = :seen',
      values: { ':seen': item.revision },
    });
  }
}
