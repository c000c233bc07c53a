import { runStorm } from './storm/run.ts';

const [events = 5000, alarms = 200] = process.argv.slice(2).map(Number);
console.log(JSON.stringify(await runStorm({ events, seconds: 60, nodes: 500, alarms }, 7), null, 2));
process.exit(0);
