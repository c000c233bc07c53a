/** How a section of a capture ended on the node. */
export type SectionStatus = 'ok' | 'missing' | 'denied' | 'timeout' | 'truncated';

/** Raw output of one source at one sample. */
export interface Section {
  /** Source id such as `stat-nf_conntrack`; the list is in `docs/collector.md`. */
  readonly source: string;
  /** 0 for the first sample, 1 for the second, `undefined` for a source that is read once. */
  readonly sample: 0 | 1 | undefined;
  readonly status: SectionStatus;
  /** Uptime of the node in seconds when the source was read. */
  readonly uptimeSeconds: number | undefined;
  readonly text: string;
}

/** What a node returned, or what a human saved or pasted, cut into sections; nothing is interpreted yet. */
export interface Capture {
  /** `node`: our collector's output; `folder`: saved files of two samples; `paste`: recognised by shape. */
  readonly origin: 'node' | 'folder' | 'paste';
  readonly sections: readonly Section[];
  /** True when the closing section was seen, so nothing was cut off. Always true for folders and pastes. */
  readonly complete: boolean;
  /** Seconds between the samples and the end of the second one, where the capture tells. */
  readonly clock: CaptureClock;
}

/** When the samples were taken. Each value is `undefined` where the capture does not tell. */
export interface CaptureClock {
  readonly windowSeconds: number | undefined;
  /** Whether it is told which of the two samples is the later one, although not by how much. */
  readonly isOrdered?: boolean;
  /** End of the window on the clock of kernel log stamps: seconds since boot. */
  readonly endUptimeSeconds: number | undefined;
  /** End of the window in milliseconds since the Unix epoch. */
  readonly endEpochMs: number | undefined;
}

const HEADER =
  /^=== medic\/1 ([a-z0-9]{16}) ([A-Za-z0-9_.-]{1,40}) ([01-]) (ok|missing|denied|timeout|truncated) (\d{1,10}(?:\.\d{1,9})?)$/;

/** Longest text that is looked at, in characters; GetCommandInvocation returns 24,000 (AWS API reference). */
const CAPTURE_MAX_CHARS = 400_000;

/**
 * Cuts the collector's output into sections.
 *
 * @param nonce the run's nonce; lines with another one are ordinary text, so nothing on the node can forge a section.
 *   Without it (a saved file) the first header's nonce counts.
 * @returns `undefined` when no section header is found
 */
export function readCapture(text: string, nonce?: string): Capture | undefined {
  const sections: Section[] = [];
  let expected = nonce;
  let open: { section: Omit<Section, 'text'>; lines: string[] } | undefined;
  let complete = false;
  const close = () => {
    if (open === undefined) return;
    const { section, lines } = open;
    const isRepeated = sections.some(
      (other) => other.source === section.source && other.sample === section.sample,
    );
    if (!isRepeated) sections.push({ ...section, text: lines.join('\n') });
  };
  for (const line of text.slice(0, CAPTURE_MAX_CHARS).split(/\r?\n/)) {
    const header = complete ? null : HEADER.exec(line);
    const [, headerNonce, source, sample, status, uptime] = header ?? [];
    if (source === undefined || (expected !== undefined && headerNonce !== expected)) {
      open?.lines.push(line);
      continue;
    }
    expected = headerNonce;
    close();
    open = undefined;
    if (source === 'end') {
      complete = true;
      continue;
    }
    const number = sample === '-' ? undefined : sample === '0' ? 0 : 1;
    open = {
      section: { source, sample: number, status: status as SectionStatus, uptimeSeconds: Number(uptime) },
      lines: [],
    };
  }
  close();
  if (sections.length === 0) return undefined;
  return { origin: 'node', sections, complete, clock: clockOf(sections) };
}

function clockOf(sections: readonly Section[]): CaptureClock {
  const uptimes = (sample: 0 | 1) =>
    sections.flatMap((section) =>
      section.sample === sample && section.uptimeSeconds !== undefined ? [section.uptimeSeconds] : [],
    );
  const [first, second] = [uptimes(0), uptimes(1)];
  const start = first.length === 0 ? undefined : Math.min(...first);
  const end = second.length === 0 ? undefined : Math.min(...second);
  const last = sections.flatMap((section) =>
    section.uptimeSeconds === undefined ? [] : [section.uptimeSeconds],
  );
  return {
    windowSeconds: start === undefined || end === undefined ? undefined : end - start,
    endUptimeSeconds: last.length === 0 ? undefined : Math.max(...last),
    endEpochMs: undefined,
  };
}

/** The section of a source at a sample, or `undefined`. */
export function sectionOf(capture: Capture, source: string, sample?: 0 | 1): Section | undefined {
  return capture.sections.find((section) => section.source === source && section.sample === sample);
}
