import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Command } from 'commander';
import { DynamoIncidentStore } from '../src/adapters/dynamo-incident-store.ts';
import { auditOf } from '../src/core/audit.ts';
import { auditMarkdown } from '../src/core/audit-markdown.ts';
import { InputError } from './input-error.ts';

/** Where the incident records are. */
interface AuditOptions {
  readonly json?: true;
  readonly table?: string;
  readonly region?: string;
}

/** `medic audit`: everything that was read, decided and changed for one incident, as Markdown or as `medic.audit/1` JSON. */
export function auditCommand(): Command {
  return new Command('audit')
    .description('print what was read, decided and changed for one incident')
    .argument('<incident>', 'id of the incident, as the foot of its card shows it')
    .option('--json', 'print one JSON object instead of Markdown')
    .option('--table <name>', 'DynamoDB table of the incident records (or MEDIC_TABLE)')
    .option('--region <region>', 'AWS region (or AWS_REGION)')
    .exitOverride()
    .action(async (incident: string, options: AuditOptions) => {
      const audit = auditOf(await readHistory(incident, options));
      process.stdout.write(
        options.json === true ? `${JSON.stringify(audit, null, 2)}\n` : auditMarkdown(audit),
      );
    });
}

async function readHistory(incident: string, { table = process.env['MEDIC_TABLE'], region }: AuditOptions) {
  if (!/^[a-z0-9-]{8,64}$/.test(incident))
    throw new InputError(`"${incident}" is no incident id; copy it from the foot of the card.`);
  if (table === undefined)
    throw new InputError('The table of the incident records is not known; give --table or set MEDIC_TABLE.');
  const client = new DynamoDBClient(region === undefined ? {} : { region });
  const store = new DynamoIncidentStore(client, table, { nodeLockSeconds: 0 });
  const history = await store.history(incident).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new InputError(`The table ${table} could not be read: ${why}`);
  });
  if (history === undefined)
    throw new InputError(`There is no incident ${incident} in ${table}; look at the id on the card.`);
  return history;
}
