import { pngOf } from '../../src/adapters/png.ts';
import type { DrawTrace } from '../../src/adapters/slack/trace-pictures.ts';
import { messageOf } from '../../src/core/errors.ts';
import { synPicture } from '../../src/page/picture.ts';
import { log } from '../log.ts';

/** Draws what a trace found on a node. Its sentences say the same, so what can not be drawn is left out. */
export const drawTrace: DrawTrace = async (instanceId, found) => {
  const picture = synPicture(instanceId, found);
  if (picture === undefined) return undefined;
  try {
    return { png: await pngOf(picture.svg), alternative: picture.alternative };
  } catch (error) {
    log('picture-not-drawn', { instanceId, error: messageOf(error) });
    return undefined;
  }
};
