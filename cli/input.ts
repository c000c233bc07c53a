import type { UsedFile } from '../src/core/bundle/evidence.ts';
import type { Capture } from '../src/core/capture/capture.ts';
import type { Paste } from '../src/core/paste/read-paste.ts';

/** One node's evidence as it was given. */
export interface Input {
  /** How the user calls it: a file or a folder as it was given, `standard input`. */
  readonly title: string;
  readonly capture: Capture;
  /** What a paste held; `undefined` for captures of the collector and folders of samples. */
  readonly paste: Pick<Paste, 'seen' | 'unknown'> | undefined;
  /** Which files of a bundle were used; only for what comes out of one. */
  readonly bundle?: BundleFacts;
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
