import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { catalogue } from '../../runbooks/index.ts';
import { openEvidenceStore } from '../../src/adapters/evidence-store.ts';
import { LambdaFleet } from '../../src/adapters/lambda-fleet.ts';
import { wakeCallback } from '../../src/adapters/lambda-functions.ts';
import { runbookTexts } from '../../src/adapters/runbook-texts.ts';
import { SpokeRoles } from '../../src/adapters/spoke-access.ts';
import { ssmClients } from '../../src/adapters/ssm/clients.ts';
import { outputReader } from '../../src/adapters/ssm/command-output.ts';
import { SsmCollectCommands } from '../../src/adapters/ssm/commands.ts';
import { keptVersions } from '../../src/adapters/ssm/document-versions.ts';
import { SsmTraceCommands } from '../../src/adapters/ssm/trace-commands.ts';
import { unpack } from '../../src/adapters/unpack.ts';
import { PATIENT, PROMPT, withPatience } from '../../src/adapters/waiting/patience.ts';
import type { CollectPorts } from '../../src/core/incident/collect-evidence.ts';
import type { JoinRules } from '../../src/core/incident/joining/rules.ts';
import type { TracePorts } from '../../src/core/incident/syn-trace/ports.ts';
import type { Notifier } from '../../src/core/notifier.ts';
import type { Fleet, Workflows } from '../../src/core/ports.ts';
import type { RunbookTexts } from '../../src/core/runbook/render-runbook.ts';
import { pseudonymKey, pseudonymsUnder } from '../../src/core/trace/pseudonyms.ts';
import { readEnvironment } from '../environment.ts';
import { log } from '../log.ts';
import {
  openNodeReadings,
  openNotifier,
  openSlackSecrets,
  openStore,
  SCRIPT_SECONDS,
  systemClock,
} from '../wiring.ts';
import { drawTrace } from './drawing.ts';

/** The function that finds nodes ends by itself after two minutes; its answer comes at once with its end. */
const RESOLVE_PATIENCE = { ...PATIENT, answerMs: 130_000, maxAttempts: 2, totalMs: 270_000 };

/** What the workflow works with; no way to change a node is among it. */
export interface IncidentParts extends CollectPorts, TracePorts {
  readonly fleet: Fleet;
  /** Wakes the workflow of an incident that this one has joined. */
  readonly workflows: Pick<Workflows, 'wake'>;
  readonly notifier: Notifier;
  readonly runbookTexts: RunbookTexts;
  /** Qualified name of the one function that may change nodes. */
  readonly remediateFunction: string;
  /** Between the two samples of a collection. */
  readonly sampleSeconds: number;
  readonly pollSeconds: number;
  readonly settleSeconds: number;
  readonly decisionTimeoutSeconds: number;
  /** For how long after a click its first command may be sent. */
  readonly decisionLifeSeconds: number;
  /** When alarms of others join. */
  readonly joinRules: JoinRules;
  /** For how long a dismissal holds. */
  readonly dismissalHoldSeconds: number;
  readonly driftSeconds: number;
}

/** Builds the parts of the incident function from its environment. */
export function openIncidentParts(): IncidentParts {
  const environment = readEnvironment(
    'MEDIC_EVIDENCE',
    'MEDIC_REMEDIATE_FUNCTION',
    'MEDIC_RESOLVE_FUNCTION',
    'MEDIC_COLLECT_DOCUMENT',
    'MEDIC_COLLECT_DOCUMENT_HASH',
    'MEDIC_TRACE_DOCUMENT',
    'MEDIC_TRACE_DOCUMENT_HASH',
    'MEDIC_SPOKES',
    'MEDIC_COMMAND_OUTPUT',
    'MEDIC_NODE_TAGS',
    'MEDIC_SAMPLE_SECONDS',
    'MEDIC_COMMAND_POLL_SECONDS',
    'MEDIC_COMMAND_TIMEOUT_SECONDS',
    'MEDIC_SETTLE_SECONDS',
    'MEDIC_DECISION_TIMEOUT_SECONDS',
    'MEDIC_DECISION_LIFE_SECONDS',
    'MEDIC_DISMISSAL_HOLD_SECONDS',
    'MEDIC_JOIN_WINDOW_SECONDS',
    'MEDIC_JOIN_AGE_SECONDS',
    'MEDIC_DRIFT_SECONDS',
  );
  const document = {
    name: environment.MEDIC_COLLECT_DOCUMENT,
    hash: environment.MEDIC_COLLECT_DOCUMENT_HASH,
  };
  const deliverySeconds = environment.MEDIC_COMMAND_TIMEOUT_SECONDS;
  const sampleSeconds = environment.MEDIC_SAMPLE_SECONDS;
  const output = environment.MEDIC_COMMAND_OUTPUT;
  const store = openStore();
  const readOutput = output === undefined ? undefined : outputReader(new S3Client(withPatience({})), output);
  const clientAt = ssmClients(new SpokeRoles(environment.MEDIC_SPOKES), { retryMode: 'adaptive' });
  const versionOf = keptVersions(store, clientAt);
  const wakingClient = new LambdaClient(withPatience({}, PROMPT));
  const { MEDIC_NODE_TAGS: nodeTags } = environment;
  return {
    store,
    readings: openNodeReadings(),
    fleet: new LambdaFleet(
      new LambdaClient(withPatience({}, RESOLVE_PATIENCE)),
      environment.MEDIC_RESOLVE_FUNCTION,
    ),
    workflows: { wake: (callbackId) => wakeCallback(wakingClient, callbackId) },
    commands: new SsmCollectCommands(
      clientAt,
      document,
      versionOf,
      { sampleSeconds, deliverySeconds, output, nodeTags },
      readOutput,
    ),
    traces: new SsmTraceCommands(
      clientAt,
      { name: environment.MEDIC_TRACE_DOCUMENT, hash: environment.MEDIC_TRACE_DOCUMENT_HASH },
      versionOf,
      { deliverySeconds, output, nodeTags },
      readOutput,
    ),
    pseudonymsOf: async (incidentId) => {
      const { botToken } = await openSlackSecrets().current();
      return pseudonymsUnder(pseudonymKey(botToken, incidentId));
    },
    unpack,
    evidence: openEvidenceStore(environment.MEDIC_EVIDENCE),
    notifier: openNotifier(catalogue, PATIENT, undefined, drawTrace),
    clock: systemClock,
    log,
    catalogue,
    runbookTexts,
    remediateFunction: environment.MEDIC_REMEDIATE_FUNCTION,
    sampleSeconds,
    pollSeconds: environment.MEDIC_COMMAND_POLL_SECONDS,
    patienceSeconds: deliverySeconds + SCRIPT_SECONDS,
    settleSeconds: environment.MEDIC_SETTLE_SECONDS,
    decisionTimeoutSeconds: environment.MEDIC_DECISION_TIMEOUT_SECONDS,
    decisionLifeSeconds: environment.MEDIC_DECISION_LIFE_SECONDS,
    joinRules: {
      windowSeconds: environment.MEDIC_JOIN_WINDOW_SECONDS,
      ageSeconds: environment.MEDIC_JOIN_AGE_SECONDS,
    },
    dismissalHoldSeconds: environment.MEDIC_DISMISSAL_HOLD_SECONDS,
    driftSeconds: environment.MEDIC_DRIFT_SECONDS,
  };
}
