import { App, AwsLambdaReceiver } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { MedicError } from '../core/errors.ts';
import type { Log } from '../core/ports.ts';
import { answerClick, type ClickAnswer, type ClickRules } from './answer-click.ts';
import { answerLook, type LookParts } from './answer-look.ts';
import { cut, escapeMrkdwn } from './block-text.ts';
import { withLocalTimes } from './card/local-times.ts';
import { answerCommand, type CommandRules } from './command.ts';
import { isDecision, type LookClick } from './decision-request.ts';
import type { DiagnoseRequest } from './diagnose/request.ts';
import { shortcutText } from './diagnose/shortcut.ts';
import { isForUs } from './for-us.ts';
import { type Click, readClick } from './interaction.ts';
import type { SecretSource, SigningSecret, SlackSecrets } from './secret-source.ts';
import { findForeignTeam } from './team.ts';
import { type SignedRequest, type VerifiedRequest, verifyRequest } from './verify-request.ts';

/** What the Slack side needs from outside. */
export interface SlackAppParts extends ClickRules, LookParts, CommandRules {
  readonly secrets: SecretSource<SlackSecrets>;
  readonly signing: SecretSource<SigningSecret>;
  /** Another address than Slack's own, ending in a slash. */
  readonly apiUrl?: string | undefined;
  /** Has a message read and answered in its thread, which takes longer than Slack waits. */
  readonly askDiagnosis: (request: DiagnoseRequest) => Promise<void>;
  /** One line for the log; never holds a token or a body. */
  readonly log: Log;
}

/** Answer of a Lambda function URL. */
export interface SlackResponse {
  readonly statusCode: number;
  readonly body: string;
}

/** Slack takes three seconds for everything, so no call may use them up. */
const CALL_TIMEOUT_MS = 1500;
const SENTENCE_CHARS = 1000;
const FAILED =
  'This failed here and may not have been stored. Look at the card; if it does not change, click again.';
const NOT_FOR_US =
  'This is neither a click on an incident card nor a shortcut or command that this service knows, so nothing was done.';
const NOT_OF_SLACK = 'Slack sends forms and JSON, and this is of another content type, so nothing was done.';
const NOT_SIGNED = 'This carries no signature of Slack that counts, so nothing was done.';
const COMMAND_FAILED =
  'This failed here. Look into the channel; if no card appears within a minute, type the command again.';
const UNDELIVERED =
  'Your decision is stored, but the workflow could not be woken. Click again to deliver it; it will not be carried out twice.';

/**
 * The handler behind Slack's request URL: verify the bytes, then let Bolt dispatch the click. Bolt's receiver answers only
 * when the listener has finished, so the listener only stores and wakes. Where the signature does not fit, the signing secret
 * may have been replaced: it is read once more.
 */
export function slackHandler(
  parts: SlackAppParts,
): (event: SignedRequest, context?: unknown) => Promise<SlackResponse> {
  let bolt:
    | { readonly secrets: SlackSecrets; readonly signing: SigningSecret; readonly handle: BoltHandler }
    | undefined;
  const verify = async (event: SignedRequest): Promise<[VerifiedRequest, SigningSecret]> => {
    const known = await parts.signing.current();
    const verified = verifyRequest(event, known.signingSecret, parts.clock.now());
    if (verified.ok || verified.status !== 401) return [verified, known];
    const renewed = await parts.signing.renewed(known);
    return [verifyRequest(event, renewed.signingSecret, parts.clock.now()), renewed];
  };
  return async (event, context) => {
    const [verified, signing] = await verify(event);
    if (!verified.ok)
      return { statusCode: verified.status, body: verified.status === 415 ? NOT_OF_SLACK : NOT_SIGNED };
    if (!isForUs(verified.body, verified.headers['content-type'])) {
      parts.log('request-unreadable', {});
      return { statusCode: 400, body: NOT_FOR_US };
    }
    const secrets = await parts.secrets.current();
    if (bolt?.secrets !== secrets || bolt.signing !== signing)
      bolt = { secrets, signing, handle: boltHandler(parts, secrets, signing) };
    const { statusCode, body } = await bolt.handle(
      { ...EMPTY_EVENT, headers: verified.headers, body: verified.body },
      context,
    );
    // Bolt knows no listener for it.
    if (statusCode === 404) return { statusCode: 400, body: NOT_FOR_US };
    return { statusCode, body: statusCode < 400 ? body : FAILED };
  };
}

type BoltHandler = ReturnType<AwsLambdaReceiver['toHandler']>;

function boltHandler(
  parts: SlackAppParts,
  { botToken }: SlackSecrets,
  { signingSecret }: SigningSecret,
): BoltHandler {
  const receiver = new AwsLambdaReceiver({ signingSecret, customPropertiesExtractor: signedPart });
  const app = new App({
    receiver,
    // Supplied, so that Bolt needs no auth.test round trip inside the three seconds.
    authorize: () => Promise.resolve({ botToken, botId: 'medic', botUserId: 'medic' }),
    processBeforeResponse: true,
    clientOptions: {
      retryConfig: { retries: 0 },
      timeout: CALL_TIMEOUT_MS,
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
      // Answers to a click go through it as well, and come with no time limit of their own.
      fetch: (input, init) => fetch(input, { signal: AbortSignal.timeout(CALL_TIMEOUT_MS), ...init }),
      ...(parts.apiUrl === undefined ? {} : { slackApiUrl: parts.apiUrl }),
    },
  });
  app.action(/^/, async ({ ack, body, client, context, respond }) => {
    await ack();
    const sentence = await answer(body, context['signed'], client, parts);
    // The click's own response URL reaches the clicker in any channel, without a scope or the bot being a member.
    if (sentence === undefined) return;
    await respond({
      response_type: 'ephemeral',
      replace_original: false,
      text: sayable(sentence, parts.clock.now()),
    }).catch(
      // What was clicked is done or refused by now; to answer with an error would say otherwise.
      (error: unknown) => parts.log('click-unanswered', { error: String(error) }),
    );
  });
  app.shortcut({ type: 'message_action', callback_id: /^/ }, async ({ ack, body, respond }) => {
    await ack();
    const sentence = await shortcutText(body, parts);
    if (sentence === undefined) return;
    await respond({
      response_type: 'ephemeral',
      replace_original: false,
      text: sayable(sentence, parts.clock.now()),
    }).catch((error: unknown) => parts.log('shortcut-unanswered', { error: String(error) }));
  });
  app.command(/^/, async ({ ack, body }) => {
    await ack({ response_type: 'ephemeral', text: await commandText(body, parts) });
  });
  return receiver.toHandler();
}

/** The answer that only the person who typed a slash command sees. */
async function commandText(body: unknown, parts: SlackAppParts): Promise<string> {
  try {
    const { outcome, sentence } = await answerCommand(body, parts);
    parts.log('command-answered', { outcome });
    return cut(sentence, SENTENCE_CHARS);
  } catch (error) {
    parts.log('command-failed', { error: String(error) });
    return error instanceof MedicError && error.isLasting
      ? cut(error.message, SENTENCE_CHARS)
      : COMMAND_FAILED;
  }
}

const EMPTY_EVENT = {
  isBase64Encoded: false,
  rawPath: '/',
  rawQueryString: '',
  routeKey: '$default',
  version: '2.0',
  requestContext: {},
};

/** Does what the click asks for; returns what only the clicker should read. */
async function answer(
  body: unknown,
  signed: unknown,
  client: WebClient,
  parts: SlackAppParts,
): Promise<string | undefined> {
  const click = readClick(body);
  if (typeof click === 'string') {
    parts.log('click-unreadable', { why: click });
    return click;
  }
  const details = { incidentId: click.incidentId, kind: click.kind, user: click.user.id };
  try {
    const answered = await answerOwn(click, { body, signed }, client, parts);
    if (answered.kind === 'accepted') parts.log('click-accepted', details);
    else if (answered.kind === 'refused') parts.log('click-refused', { ...details, why: answered.sentence });
    else parts.log('decision-undelivered', { ...details, error: String(answered.cause) });
    return sentenceOf(answered);
  } catch (error) {
    parts.log('click-failed', { ...details, error: String(error) });
    // The same click would fail the same way, and the sentence says why and until when.
    return error instanceof MedicError && error.isLasting ? error.message : FAILED;
  }
}

/** Answers a click that comes from where the service takes them; no other is looked at any further. */
async function answerOwn(
  click: Click,
  { body, signed }: { readonly body: unknown; readonly signed: unknown },
  client: WebClient,
  parts: SlackAppParts,
): Promise<ClickAnswer> {
  const foreign = findForeignTeam(parts.team, click);
  if (foreign !== undefined)
    return { kind: 'refused', sentence: `This click ${foreign}, so nothing was done.` };
  if (isDecision(click)) return await answerClick(click, signed, parts);
  return await answerLook(click as LookClick, body, client, parts);
}

function sentenceOf(answered: ClickAnswer): string | undefined {
  if (answered.kind === 'accepted') return answered.note;
  return answered.kind === 'refused' ? answered.sentence : UNDELIVERED;
}

/** What Slack signed, for the listener: Bolt hands it the parsed body only. */
function signedPart({ headers, body }: Parameters<BoltHandler>[0]): Record<string, unknown> {
  const { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature } = headers;
  return { signed: { timestamp, signature, body } };
}

/** A sentence of ours may name people by id and say when something was; everything else in it is literal. */
function sayable(sentence: string, now: number): string {
  const said = cut(escapeMrkdwn(sentence), SENTENCE_CHARS);
  return withLocalTimes(said.replaceAll(/&lt;@([UW][A-Z0-9]{2,32})&gt;/g, '<@$1>'), now);
}
