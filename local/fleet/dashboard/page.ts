import { html } from '../../../src/page/html.ts';
import type { PrintedValue } from './printed.ts';
import { dashboardSvg } from './svg.ts';
import type { Widget } from './template.ts';

/** The dashboard as a page of its own, which loads itself anew every five seconds. */
export function dashboardPage(widgets: readonly Widget[], values: readonly PrintedValue[]): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'">
<meta http-equiv="refresh" content="5">
<meta name="color-scheme" content="light">
<title>The dashboard of the fleet · conntrack-medic</title>
<link rel="icon" href="data:,">
</head>
<body>
<h1>The dashboard of the fleet</h1>
<p>The stack’s own widgets about the fleet, drawn on this machine with what the sweep has printed for CloudWatch so far. Times are UTC.</p>
${values.length === 0 ? html`<p>The sweep has printed nothing yet.</p>` : dashboardSvg(widgets, values)}
</body>
</html>
`.text;
}
