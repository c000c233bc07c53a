import type { Catalogue } from '../../core/diagnosis/signature.ts';
import { diagnoseHosts, severalHostsLine } from '../../core/diagnosis/single-reading/diagnose-hosts.ts';
import { MedicError } from '../../core/errors.ts';
import { escapeMarkdown } from '../../core/markdown.ts';
import { joinTexts, type NamedText } from '../../core/paste/join-texts.ts';
import { readPaste } from '../../core/paste/read-paste.ts';
import { type MarkdownMessage, markdownMessages } from '../markdown-message.ts';
import { diagnosisMarkdown } from './diagnosis-markdown.ts';
import type { DiagnoseRequest } from './request.ts';
import { typedText } from './typed-text.ts';

/** Most that is read of one message and its files, in bytes: as much as `medic diagnose` takes. */
const MOST_BYTES = 8 * 2 ** 20;
/** Most lines: each is compared with every known shape, in a function that has seconds. */
const MOST_LINES = 100_000;
/** Share of characters that are no text from which a file is none. */
const MOST_BROKEN = 0.05;

/** Most hosts whose diagnosis is written out; the line above them names all. */
const HOSTS_MAX = 5;

/** What answering needs from outside. */
export interface DiagnoseParts {
  readonly catalogue: Catalogue;
  /**
   * Fetches a file of the message.
   *
   * @throws MedicError with a sentence on why it can't be read
   */
  readonly fetchFile: (file: DiagnoseRequest['files'][number], mostBytes: number) => Promise<Buffer>;
}

/** The answer to one use of the shortcut, as messages of its thread; it reads and changes nothing. */
export async function answerDiagnose(
  { text, files }: DiagnoseRequest,
  { catalogue, fetchFile }: DiagnoseParts,
): Promise<readonly MarkdownMessage[]> {
  const texts: NamedText[] = [{ name: undefined, text: typedText(text) }];
  const problems: string[] = [];
  let left = MOST_BYTES - Buffer.byteLength(text);
  for (const file of files) {
    try {
      const bytes = await fetchFile(file, left);
      left -= bytes.length;
      const read = textOf(bytes);
      if (read === undefined)
        problems.push(`${file.name} is no text; give text, or run \`medic diagnose\` on it where it lies.`);
      else texts.push({ name: file.name, text: read });
    } catch (error) {
      if (!(error instanceof MedicError)) throw error;
      problems.push(error.message);
    }
  }
  return markdownMessages('Diagnosis', [...problems, diagnosisOf(texts, catalogue)].join('\n\n'));
}

function diagnosisOf(texts: readonly NamedText[], catalogue: Catalogue): string {
  const lines = texts.reduce((total, { text }) => total + text.split(/\r\n|\n|\r/).length, 0);
  if (lines > MOST_LINES) return 'This has more than 100,000 lines; give the part that matters.';
  const paste = readPaste(joinTexts(texts));
  const hosts = diagnoseHosts(paste, catalogue, 'this node').map((found) => ({
    ...found,
    title: found.diagnosis.node ?? (found.host === paste.unassigned ? 'what names no host' : 'this message'),
  }));
  const line = severalHostsLine(hosts);
  const shown = hosts.slice(0, HOSTS_MAX);
  return [
    ...(line === undefined ? [] : [escapeMarkdown(line)]),
    ...shown.map(({ diagnosis, catalogue: judged, title, host }) =>
      diagnosisMarkdown(diagnosis, judged, { title, host }),
    ),
    ...(shown.length < hosts.length
      ? [`The others are as above; run \`medic diagnose\` for all of it.`]
      : []),
  ].join('\n\n---\n\n');
}

/** Text in UTF-8, or in UTF-16 with its mark; `undefined` for anything else. */
function textOf(bytes: Buffer): string | undefined {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes);
  if (bytes.includes(0)) return undefined;
  const text = bytes.toString('utf8');
  const broken = text.split('\uFFFD').length - 1;
  return broken > text.length * MOST_BROKEN ? undefined : text;
}
