// Started by local-host.test.ts: a demo that only has the Lambda process, waiting to be killed.
import { startLambdaHost } from '../../local/lambda-host/start.ts';

const [bundles = '', logFile = ''] = process.argv.slice(2);
await startLambdaHost({ bundles, logFile, environment: { MEDIC_TABLE: 'given' }, onFailure: () => {} });
setInterval(() => {}, 1000);
