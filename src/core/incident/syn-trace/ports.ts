import type { Catalogue } from '../../diagnosis/signature.ts';
import type {
  Clock,
  CollectionSent,
  CommandRequest,
  CommandResults,
  EvidenceStore,
  IncidentStore,
  Log,
} from '../../ports.ts';

/** What a trace is asked for beside its nodes. */
export interface TraceWish {
  readonly seconds: number;
  /** Destination port that alone counts at the uplinks; every one where it is left out. */
  readonly port?: number | undefined;
  /** Where it looks, as the document takes it; the node finds its busiest pods itself where it is left out. */
  readonly points?: string | undefined;
}

/** Looks where SYNs are lost. Read-only by construction: whoever holds this can send nothing else. */
export interface TraceCommands extends CommandResults {
  /** Sends to all nodes that can be sent to; one that cannot be keeps none of the others from it. */
  trace(request: CommandRequest & TraceWish): Promise<CollectionSent>;
}

/** What a trace needs; nothing in here can change a node. */
export interface TracePorts {
  readonly store: IncidentStore;
  readonly traces: TraceCommands;
  readonly evidence: EvidenceStore;
  readonly clock: Clock;
  readonly catalogue: Catalogue;
  readonly log: Log;
  /** What stands for an address in tables of this incident: the key is made each time, and kept nowhere. */
  readonly pseudonymsOf: (incidentId: string) => Promise<(address: string) => string>;
  /** Unpacks base64 of gzip; nothing of what is none, or has more than two mebibytes. */
  readonly unpack: (base64: string) => Uint8Array | undefined;
}
