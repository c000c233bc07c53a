import type { Log } from '../../core/ports.ts';
import { type DiagnoseRequest, readShortcut } from './request.ts';

/** What taking a shortcut needs. */
interface ShortcutParts {
  /** The one Slack workspace, or enterprise, that is taken; undefined takes those of every one. */
  readonly team?: string | undefined;
  readonly askDiagnosis: (request: DiagnoseRequest) => Promise<void>;
  readonly log: Log;
}

const SHORTCUT_FAILED = 'This failed here, so nothing was read. Use the shortcut again.';

/** Has a message diagnosed; returns what only the person who asked should read. */
export async function shortcutText(body: unknown, parts: ShortcutParts): Promise<string | undefined> {
  const request = readShortcut(body, parts.team);
  if (typeof request === 'string') {
    parts.log('shortcut-refused', { why: request });
    return request;
  }
  try {
    await parts.askDiagnosis(request);
    parts.log('shortcut-taken', { user: request.user, files: String(request.files.length) });
    return undefined;
  } catch (error) {
    parts.log('shortcut-failed', { error: String(error) });
    return SHORTCUT_FAILED;
  }
}
