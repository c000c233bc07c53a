import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { dashboardSvg } from './fleet/dashboard/svg.ts';
import { dashboardTemplate } from './fleet/dashboard/template.ts';
import { simulatedMetrics } from './fleet/simulated.ts';

// Draws the dashboard's widgets about the fleet, as the stack's template has them, with a simulated half a day.
const FILE = fileURLToPath(new URL('../docs/pictures/fleet-dashboard.svg', import.meta.url));
const ALARM_AT = Date.parse('2026-11-27T18:00:00Z');

await writeFile(FILE, `${dashboardSvg(await dashboardTemplate(), await simulatedMetrics(ALARM_AT)).text}\n`);
console.log('docs/pictures/fleet-dashboard.svg');
