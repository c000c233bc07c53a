import type { UsedFile } from '../../src/core/bundle/evidence.ts';
import type { Capture } from '../../src/core/capture/capture.ts';
import type { PastedHost } from '../../src/core/paste/read-paste.ts';

/** One node's evidence as it was given. */
export interface Input {
  /** How the user calls it: a file or a folder as it was given, `standard input`. */
  readonly title: string;
  readonly capture: Capture;
  /** What a paste held; `undefined` for captures of the collector and folders of samples. */
  readonly paste: Pick<PastedHost, 'seen' | 'unknown'> | undefined;
  /** Set where it is one of several nodes of one text or bundle. */
  readonly oneOf?: OneOfSeveral;
  /** Which files of a bundle were used; only for what comes out of one. */
  readonly bundle?: BundleFacts;
}

/** One of several nodes that came out of one argument. */
export interface OneOfSeveral {
  /** Its name; `undefined` for what of a text names no host. */
  readonly node: string | undefined;
  /** Whether a part of the text names no host, so that nothing may be offered for any of them. */
  readonly isMixed: boolean;
}

/** What is said of a bundle beside the diagnosis of one of its nodes. */
export interface BundleFacts {
  /** What it is, with its article; `undefined` where no layout is known. */
  readonly kind: string | undefined;
  /** Name of the node; empty where nothing tells it. */
  readonly node: string;
  readonly used: readonly UsedFile[];
  /** Files that such a bundle usually has and this one has not. */
  readonly missing: readonly string[];
  /** What else is to be said: what was not read and why, which nodes say nothing. */
  readonly notes: readonly string[];
}
