/**
 * The look of the page: one set of colours that serves light and dark, and paper. Colours of data are those of Okabe and Ito,
 * which people who see no red or no green tell apart; nothing is told by colour alone.
 */
export const STYLE = `
:root{color-scheme:light dark;
--bg:light-dark(#f4f5f7,#0e1318);--card:light-dark(#fff,#161c23);--fg:light-dark(#18212b,#e7ecf1);--soft:light-dark(#55616e,#a3b0bd);
--line:light-dark(#dfe4ea,#2b3540);--link:light-dark(#0a5a99,#7cc0f4);--code:light-dark(#eef1f4,#222b35);
--red:light-dark(#b3261e,#ff9388);--amber:light-dark(#8a5200,#f2bb4e);--blue:light-dark(#0a5a99,#7cc0f4);--green:light-dark(#16703f,#62d49a);--grey:light-dark(#55616e,#a3b0bd);
--d0:light-dark(#0072b2,#56b4e9);--d1:light-dark(#c44f00,#ff9c5a);--d2:light-dark(#00805c,#35cfa0);--d3:light-dark(#a8487e,#e79bc4);--d4:light-dark(#7a6a00,#e6d74a);--d5:light-dark(#4b5cc4,#a3aeff);--d6:light-dark(#8a4b22,#d9a583);--d7:light-dark(#3f7d8c,#8fd0de);--others:light-dark(#6f7a86,#7d8996);
--on:light-dark(#fff,#0e1318)}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:3.5rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Inter,Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
main,footer{max-width:1112px;margin:0 auto;padding:0 20px}
a{color:var(--link);text-underline-offset:2px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:3px}
code{font:.9em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}
h1{font-size:clamp(1.45rem,1.1rem + 1.6vw,2.05rem);line-height:1.2;letter-spacing:-.015em;margin:.5rem 0 .6rem;text-wrap:balance;font-weight:680}
h2{font-size:1.2rem;line-height:1.3;letter-spacing:-.008em;margin:0 0 .3rem}
h3{font-size:1rem;margin:1.5rem 0 .3rem;overflow-wrap:anywhere}
h5{font-size:.85rem;margin:1rem 0 .3rem}pre{background:var(--code);border-radius:5px;padding:8px 10px;overflow-x:auto}pre code{overflow-wrap:normal}
h4{font-size:.85rem;color:var(--soft);margin:1.1rem 0 .35rem;font-weight:600}
p{margin:.4rem 0}
.skip{position:absolute;left:-99rem}.skip:focus{left:8px;top:8px;background:var(--card);padding:8px 12px;z-index:9}
.v{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.what{color:var(--soft);font-size:.875rem}
.top{--tone:var(--grey);background:var(--card);border:1px solid var(--line);border-top:5px solid var(--tone);border-radius:12px;margin:20px 0 0;padding:22px 26px 18px}
.top.red{--tone:var(--red)}.top.amber{--tone:var(--amber)}.top.blue{--tone:var(--blue)}.top.green{--tone:var(--green)}
.state{display:flex;flex-wrap:wrap;gap:6px 14px;align-items:center;margin:0;color:var(--soft);font-size:.875rem}
.state .id{margin-left:auto;font:.85em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.pill{color:var(--tone);border:1.5px solid var(--tone);border-radius:99px;padding:1px 11px 2px;font-weight:650;white-space:nowrap}
.say{font-size:1.05rem;max-width:74ch;text-wrap:pretty}
.tiles-h{font-size:.85rem;color:var(--soft);font-weight:600;letter-spacing:0;margin:1.25rem 0 .45rem}
.tiles{list-style:none;margin:0 0 .7rem;padding:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,205px),1fr));gap:10px}
.tiles li{border:1px solid var(--line);border-radius:9px;padding:10px 14px 11px;background:var(--bg)}
.tiles .name,.tiles .held{display:block;font-size:.8rem;color:var(--soft);line-height:1.4}
.tiles b{font-size:1.45rem;line-height:1.3;letter-spacing:-.015em;font-weight:680}
.tiles .held{border-top:1px solid var(--line);margin-top:7px;padding-top:6px}
.change li{border-color:color-mix(in srgb,var(--tone) 45%,var(--line))}
.was{font-size:1.1rem;color:var(--soft)}.arrow{color:var(--soft);padding:0 .15rem}
nav{display:flex;gap:4px;overflow-x:auto;position:sticky;top:0;z-index:3;background:var(--bg);padding:9px 0;margin:10px 0 6px;border-bottom:1px solid var(--line)}
nav a{text-decoration:none;padding:3px 11px;border-radius:99px;font-size:.875rem;white-space:nowrap}
nav a:hover{background:var(--card)}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:20px 26px 22px;margin:16px 0}
footer{padding-bottom:40px;color:var(--soft);font-size:.8rem}
ul,ol{padding-left:1.3rem;margin:.4rem 0}
.events{list-style:none;padding:0;margin:.7rem 0 0}
.events>li{display:grid;grid-template-columns:26px 176px 1fr;gap:0 12px;padding-bottom:13px;position:relative}
.events>li:not(:last-child)::before{content:"";position:absolute;left:12.5px;top:25px;bottom:-1px;width:1px;background:var(--line)}
.sign{--tone:var(--grey);width:26px;height:26px;border-radius:50%;border:1.5px solid var(--tone);color:var(--tone);display:grid;place-items:center;font-size:.8rem;font-weight:700;background:var(--card);line-height:1}
.alarm>.sign,.events .failed>.sign,.results .failed .sign{--tone:var(--red)}.sample>.sign{--tone:var(--d5)}.click>.sign{--tone:var(--d1)}.change>.sign,.results .running .sign{--tone:var(--blue)}.verified>.sign,.results .changed .sign{--tone:var(--green)}
.events time{padding-top:2px;white-space:nowrap}.events time small{color:var(--soft);display:inline-block;min-width:3.6em;padding-left:5px}
.events p{margin:2px 0 0;font-weight:550}.events ul{list-style:none;padding:0;margin:1px 0 0;color:var(--soft);font-size:.875rem;overflow-wrap:anywhere}
.events .click p{font-weight:700}
.results{list-style:none;padding:0}.results li{display:flex;gap:9px;align-items:baseline;padding:5px 0;border-bottom:1px solid var(--line)}.results li:last-child{border:0}
.results .sign{flex:none;width:20px;height:20px;font-size:.7rem;align-self:center}
.said b{font-size:1.25rem;letter-spacing:-.01em}.said p{margin:.1rem 0}
figure{margin:1.3rem 0 0}figcaption{font-weight:600;margin-bottom:.2rem}
svg{display:block;width:100%;height:auto;overflow:visible;font:12px system-ui,-apple-system,"Segoe UI",Inter,Roboto,Arial,sans-serif;font-variant-numeric:tabular-nums}
svg text{fill:var(--soft)}
.narrow{display:none}
.axis line{stroke:var(--line);stroke-width:1}
svg path{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}
svg .below{stroke:none;opacity:.13}
.lead>path,.k.lead::before{stroke:var(--d0)}.lead>.below{fill:var(--d0)}.lead>circle{fill:var(--d0)}.name.lead{fill:var(--d0);font-weight:650}
.second>path{stroke:var(--d1);stroke-dasharray:7 4}.second>circle{fill:var(--d1)}.name.second{fill:var(--d1);font-weight:650}
.third>path{stroke:var(--d2);stroke-dasharray:2 4}.third>circle{fill:var(--d2)}.name.third{fill:var(--d2);font-weight:650}
.limit>path{stroke:var(--fg);stroke-width:1.6;stroke-dasharray:3 3}.limit>circle{fill:var(--card);stroke:var(--fg);stroke-width:1.5}.name.limit{fill:var(--fg);font-weight:650}
.rest>path{stroke:var(--others);stroke-width:1.4;opacity:.6}
.sparse>path:not(.below){stroke-width:1.6;stroke-dasharray:.1 5}
circle{stroke:var(--card);stroke-width:1.5}
.mark line{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:1 3}.mark text{fill:var(--soft);font-weight:600}
.mark.alarm line{stroke:var(--red)}.mark.alarm text{fill:var(--red)}.mark.click line{stroke:var(--d1);stroke-dasharray:none}.mark.click text{fill:var(--d1)}.mark.change line{stroke:var(--green)}.mark.change text{fill:var(--green)}.mark.rollback line{stroke:var(--amber)}.mark.rollback text{fill:var(--amber)}
.bars :is(rect,path){fill:var(--d0)}
.threshold line{stroke:var(--red);stroke-width:1.2;stroke-dasharray:6 4}.threshold text{fill:var(--red)}
.legend{font-size:.8rem;color:var(--soft);margin:.5rem 0 0}
.k{margin-right:14px;white-space:nowrap}.k::before{content:"";display:inline-block;width:20px;border-top:2.5px solid var(--others);vertical-align:middle;margin-right:6px}
.k.lead::before{border-color:var(--d0)}.k.second::before{border-color:var(--d1);border-top-style:dashed}.k.third::before{border-color:var(--d2);border-top-style:dotted}.k.limit::before{border-color:var(--fg);border-top-style:dashed}
svg.syn text,svg.comb text{fill:var(--fg)}.syn .box{fill:var(--bg);stroke:var(--line)}.syn .way,.syn .tip{fill:var(--fg);stroke:none}.syn .fell .way,.syn .fell .tip,.comb .fell{fill:var(--red)}svg.syn .fell text{fill:var(--red);font-weight:650}.comb .other{fill:var(--others)}.comb .base{stroke:var(--line);stroke-width:1}
details{margin:.5rem 0 0}summary{cursor:pointer;color:var(--link);font-size:.875rem;width:fit-content;max-width:100%}
.scroll{overflow-x:auto;margin:.5rem 0;max-width:100%}
table{border-collapse:collapse;font-size:.85rem;min-width:100%}
caption{text-align:left;color:var(--soft);font-size:.8rem;padding-bottom:5px}
th,td{text-align:left;vertical-align:top;padding:5px 16px 5px 0;border-bottom:1px solid var(--line);overflow-wrap:break-word}
thead th{color:var(--soft);font-weight:600;vertical-align:bottom}tbody th{font-weight:500}
th small,td small{display:block;font-weight:400;color:var(--soft);font-size:.78rem}
td.n,th.n{text-align:right;white-space:nowrap}thead th.n{white-space:normal}
.heat{border-collapse:separate;border-spacing:2px;min-width:0}
.heat th,.heat td{border:0;padding:0;min-width:0}
.heat tbody th{position:sticky;left:0;background:var(--card);padding:3px 12px 3px 0;z-index:1;min-width:14rem;max-width:15rem;white-space:normal;line-height:1.3;overflow-wrap:break-word}
.heat tbody th a{color:inherit;text-decoration:none}.heat tbody th a:hover{text-decoration:underline}
.heat thead th{text-align:center;font-weight:500;font-size:.7rem}.heat thead th:first-child{text-align:left;font-size:.8rem}abbr{text-decoration:none}
.heat td{vertical-align:middle;height:22px;min-width:21px;text-align:center;border-radius:4px;font-size:.64rem}
.heat td a{display:grid;place-items:center;height:100%;min-height:22px;color:inherit;text-decoration:none;border-radius:4px}
.heat td a:hover{outline:1.5px solid var(--link)}
.spelt td{font-size:.82rem;min-width:12rem}.spelt td a{display:flex;justify-content:flex-start;gap:.4em;text-align:left;padding:3px 10px}.spelt thead th{text-align:left;font-size:.8rem}
.p{background:light-dark(#b3261e,#ff9388);color:var(--on);font-weight:700}
.u{background:repeating-linear-gradient(45deg,var(--code),var(--code) 4px,transparent 4px,transparent 7px),var(--card);color:var(--fg);font-weight:700}
.a0,:where(.heat td){background:light-dark(#edf1f5,#1e2731);color:var(--soft)}.a1{background:light-dark(#fbeed6,#3a2f19);color:light-dark(#5d4a22,#dcc79a)}.a2{background:light-dark(#f8d9a6,#5a4318);color:light-dark(#4f3a0c,#f0d9a4)}.a3{background:light-dark(#f2b661,#8a5f12);color:light-dark(#3d2a00,#fff1d6)}
.z{background:light-dark(#d9e9f6,#1d3c55);color:light-dark(#0a3f6b,#cfe6fa);font-weight:700}
.heat td.x{background:none}
.c{display:inline-block;min-width:24px;text-align:center;border-radius:4px;font-size:.72rem;padding:1px 5px;margin:0 2px 0 10px}.c:first-child{margin-left:0}
.key{columns:2 20rem;font-size:.8rem}
.signal{border-top:1px solid var(--line);margin:0;padding:9px 0}.signal:first-of-type{margin-top:18px}.signal>summary{color:var(--fg);font-size:.95rem;width:auto}
.why{max-width:78ch;border-left:3px solid var(--line);padding-left:13px;color:var(--soft)}
tr:target>*{background:color-mix(in srgb,var(--link) 14%,transparent)}
.made-of h3 .what{font-weight:400}
.bar{border-radius:4px}.bar text{fill:var(--on);font-weight:600}
.s0 rect,.swatch.s0{fill:var(--d0);background:var(--d0)}.s1 rect,.swatch.s1{fill:var(--d1);background:var(--d1)}.s2 rect,.swatch.s2{fill:var(--d2);background:var(--d2)}.s3 rect,.swatch.s3{fill:var(--d3);background:var(--d3)}.s4 rect,.swatch.s4{fill:var(--d4);background:var(--d4)}.s5 rect,.swatch.s5{fill:var(--d5);background:var(--d5)}.s6 rect,.swatch.s6{fill:var(--d6);background:var(--d6)}.s7 rect,.swatch.s7{fill:var(--d7);background:var(--d7)}.others rect,.swatch.others{fill:var(--others);background:var(--others)}
.shares{list-style:none;padding:0;margin:.45rem 0 0;display:flex;flex-wrap:wrap;gap:3px 18px;font-size:.85rem}.shares li{overflow-wrap:anywhere}
.swatch{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:7px}
.sum{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.84rem;list-style:none;padding:0;margin:0}.sum li{padding:4px 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}.sum li:last-child{border:0;font-weight:700}
.warn{list-style:none;padding:0}.warn li{border-left:3px solid var(--amber);padding:2px 0 2px 12px;margin:6px 0}.warn li::before{content:"⚠ ";color:var(--amber)}
.w{min-width:15rem}.l{white-space:nowrap;font-weight:600}.l.covered{color:var(--green)}.l.not-covered{color:var(--red)}.l.unknown{color:var(--amber)}.l.not-applicable{color:var(--soft);font-weight:400}
.hash code{background:var(--code);padding:3px 8px;border-radius:5px}
dialog{border:1px solid var(--line);border-radius:13px;background:var(--card);color:var(--fg);width:min(620px,calc(100vw - 24px));max-height:85vh;padding:22px 26px;box-shadow:0 20px 60px #0006}
dialog::backdrop{background:#0007}dialog h2{margin-bottom:0}
dl{display:grid;grid-template-columns:minmax(8rem,2fr) 3fr;gap:0 16px;margin:.9rem 0}dt,dd{padding:7px 0;border-top:1px solid var(--line);margin:0;overflow-wrap:anywhere}dt{color:var(--soft)}dd small{display:block;color:var(--soft);font-size:.8rem}
.end{display:flex;justify-content:space-between;align-items:center;gap:12px;margin-top:1.2rem}
button{font:inherit;font-weight:600;border:1px solid var(--line);background:var(--bg);color:var(--fg);border-radius:8px;padding:5px 18px;cursor:pointer}
@media (max-width:640px){body{font-size:15px}main,footer{padding:0 12px}.top,section{padding:16px 15px 17px;border-radius:10px}.top{margin-top:10px}.wide{display:none}.narrow{display:block}.state .id{margin-left:0}.events>li{grid-template-columns:26px 1fr}.events>li>div{grid-column:2}.results li{display:grid;grid-template-columns:20px 1fr;gap:2px 9px}.results li>:last-child{grid-column:2}.tiles{grid-template-columns:1fr 1fr}.tiles b{font-size:1.25rem}caption{position:sticky;left:0;max-width:calc(100vw - 54px)}.spelt td{min-width:9.5rem}.heat tbody th{min-width:8.5rem;max-width:8.5rem;font-size:.8rem}dl{grid-template-columns:1fr}dd{border:0;padding-top:0}.top .what{font-size:.8rem}}
@media (max-width:360px){.tiles{grid-template-columns:1fr}}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{:root{color-scheme:light}@page{margin:14mm}body{background:#fff;font-size:10.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}main,footer{max-width:none;padding:0}nav,.skip,dialog,.numbers>summary{display:none}.top,section{border:0;border-radius:0;padding:0;margin:0 0 16pt}.top{border-top:4pt solid var(--tone);padding-top:8pt}section{border-top:1pt solid #999;padding-top:8pt}figure,.tiles li,.events>li,tr,.plan h3,.made-of{break-inside:avoid}h2,h3,h4,figcaption{break-after:avoid}.scroll{overflow:visible}pre{white-space:pre-wrap}.wide{display:block}.narrow{display:none}table{font-size:8pt}a{color:inherit;text-decoration:none}details::details-content{content-visibility:visible;height:auto}}
`.trim();
