import type { Brand } from '../branding.ts'
import { Html } from '../html.ts'

const STYLE = `
*,*::before,*::after{box-sizing:border-box}
[hidden]{display:none!important}
:root{color-scheme:light dark;--text:#1a1f26;--muted:#586170;--page:#f3f4f7;--card:#fff;--line:#dfe3e8;--field:#8b949e;
--soft:#f6f7f9;--bad:#b3261e;--bad-soft:#fdf1f0;--good:#1a7f4b;--good-soft:#e9f6ef;--focus:#0b57d0;--shadow:rgb(15 23 42/.08)}
@media (prefers-color-scheme:dark){:root{--text:#e9ebee;--muted:#a5adb8;--page:#101215;--card:#1c1f24;--line:#343a42;
--field:#7b8591;--soft:#23272d;--bad:#ffb4ab;--bad-soft:#3a2220;--good:#7ddba3;--good-soft:#1b3326;--focus:#a8c7fa;--shadow:rgb(0 0 0/.35)}}
html{font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Ubuntu,sans-serif;-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;align-items:center;
padding:clamp(0rem,7vh,5rem) 1rem 2rem;background:var(--page);color:var(--text)}
.card{width:100%;max-width:27rem;background:var(--card);border:1px solid var(--line);border-radius:20px;
padding:clamp(1.5rem,6vw,2.25rem) clamp(1.25rem,6vw,2.25rem);box-shadow:0 1px 2px var(--shadow),0 12px 40px -12px var(--shadow)}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}

.tile{flex:none;display:grid;place-items:center;width:2.5rem;height:2.5rem;border-radius:11px;overflow:hidden;background:#fff;
border:1px solid rgb(15 23 42/.1)}
.tile svg{display:block;width:100%;height:100%}
.tile text{font:600 19px system-ui,-apple-system,"Segoe UI",Roboto,Ubuntu,sans-serif}.tile .two{font-size:16px}
.tile img{display:block;width:100%;height:100%;object-fit:contain}
.tile.logo img{width:58%;height:58%}
.brand{display:flex;align-items:center;gap:.75rem;margin-bottom:1.75rem;font-weight:600;overflow-wrap:anywhere}
.pair{display:flex;align-items:center;justify-content:center;gap:.75rem;margin:.25rem 0 1.5rem}
.pair .tile{width:3.5rem;height:3.5rem;border-radius:15px}
.tie{flex:none;width:2.25rem;height:4px;background:radial-gradient(circle,var(--field) 2px,transparent 2.5px) center/12px 4px}
.connected .tie,.failed .tie,.mark{display:grid;place-items:center;width:2rem;height:2rem;border-radius:50%;background:var(--good-soft)}
.tie svg,.mark svg{width:1.15rem;height:1.15rem;fill:none;stroke:var(--good);stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.failed .tie,.mark.failed{background:var(--bad-soft)}.failed .tie svg,.mark.failed svg{stroke:var(--bad)}
.mark{width:3rem;height:3rem;margin-bottom:1rem}.mark svg{width:1.6rem;height:1.6rem}
.pair~main>h1,.centred{text-align:center;text-wrap:balance}.pair~main>h1{margin-bottom:1.25rem}

h1{font-size:1.375rem;line-height:1.25;letter-spacing:-.012em;margin:0 0 .5rem;overflow-wrap:anywhere}
h2{font-size:1rem;line-height:1.4;margin:0 0 .375rem}
p{margin:0 0 1rem;overflow-wrap:anywhere}
.muted{color:var(--muted)}.small{font-size:.875rem}
a{color:inherit;text-underline-offset:.15em;text-decoration-color:color-mix(in srgb,currentcolor 45%,transparent)}
a:hover{text-decoration-color:currentcolor}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:8px}
[data-focus]:focus{outline:0;border-radius:12px}
ul{margin:0 0 1.25rem;padding-left:1.25rem}li{margin:.15rem 0;overflow-wrap:anywhere}

.allows{list-style:none;padding:0;margin:.75rem 0 1.25rem;display:grid;gap:.5rem}
.allows li{display:grid;grid-template-columns:1.25rem 1fr;gap:.625rem;margin:0}
.allows svg{width:1.25rem;height:1.25rem;margin-top:.125rem;fill:none;stroke:var(--good);stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}
summary{cursor:pointer}
details .scopes{margin:.375rem 0 0;padding:0;list-style:none;font:.8125rem/1.6 ui-monospace,SFMono-Regular,Menlo,monospace;color:var(--muted);overflow-wrap:anywhere}
.who{margin:1.25rem 0;padding:.875rem 1rem;background:var(--soft);border-radius:12px}
.who dl{margin:0 0 .5rem;display:grid;gap:.125rem .875rem;grid-template-columns:auto 1fr}
.who dt{color:var(--muted)}.who dd{margin:0;font-weight:600;min-width:0;overflow-wrap:break-word}
.who p{margin:0}
@media (max-width:30rem){.who dl{grid-template-columns:1fr}.who dd{margin-bottom:.375rem}}
.whole{display:inline-block;max-width:100%;overflow-wrap:break-word;hyphens:manual}

.find{margin:1.25rem 0 .25rem;position:relative}
.find svg{position:absolute;left:.875rem;top:50%;width:1.125rem;height:1.125rem;margin-top:-.5625rem;fill:none;stroke:var(--muted);stroke-width:1.75;stroke-linecap:round;pointer-events:none}
.find input{padding-left:2.5rem}[data-find] [role=status]{margin:.875rem 0}
.group{margin:1.25rem 0 .5rem;font-size:.8125rem;font-weight:600;color:var(--muted)}
.offers{list-style:none;padding:0;margin:.75rem 0 0;display:grid;gap:.5rem}
.many .offers{gap:0;margin:0;border:1px solid var(--line);border-radius:14px;overflow:hidden}
.many .offer{padding:.5625rem .875rem;border:0;border-radius:0}.many li+li{border-top:1px solid var(--line)}
.many .tile{width:2rem;height:2rem;border-radius:9px}.many :focus-visible{outline-offset:-3px;border-radius:14px}
.many section:first-child .group{margin-top:.875rem}
.offers li{margin:0}
button,.button{font:inherit;cursor:pointer}
.offer{display:flex;align-items:center;gap:.875rem;width:100%;padding:.6875rem .875rem;text-align:left;color:inherit;
text-decoration:none;background:var(--card);border:1px solid var(--line);border-radius:14px}
.offer:hover{background:var(--soft);border-color:var(--field)}
.offer.off,.offer.off:hover{color:var(--muted);background:var(--soft);border-style:dashed;border-color:var(--line)}
.offer.off .chevron{display:none}.offer.off .tile{filter:grayscale(1);opacity:.7}
.offer strong{font-weight:600}
.offer strong,.offer .small{display:block;overflow-wrap:anywhere}.offer .small{line-height:1.4}
.offer .words{flex:1;min-width:0}
.chevron{flex:none;width:.5rem;height:.5rem;margin-right:.25rem;border:solid var(--field);border-width:2px 2px 0 0;transform:rotate(45deg)}

.primary,.second{display:block;width:100%;padding:.75rem 1rem;border:1px solid transparent;border-radius:12px;
font-weight:600;text-align:center;text-decoration:none;overflow-wrap:anywhere}
.primary{background:var(--brand);color:var(--on-brand);border-color:rgb(127 127 127/.35)}
.primary:hover{filter:brightness(1.08)}
.second{margin-top:.5rem;background:none;color:inherit;border-color:var(--line)}.second:hover{background:var(--soft)}
[aria-busy=true]{cursor:progress}
.primary[aria-busy=true]::before,.second[aria-busy=true]::before,.offer[aria-busy=true] .chevron{content:"";display:inline-block;width:1em;height:1em;
margin:0 .625em 0 0;vertical-align:-.125em;border:2px solid currentcolor;border-right-color:transparent;border-radius:50%}
.offer[aria-busy=true] .chevron{width:1.125rem;height:1.125rem;margin:0;transform:none}
@keyframes turn{to{rotate:1turn}}
.working{margin:.75rem 0 0;text-align:center}.working:empty{margin:0}
.offers~.small,form~.small{margin:.75rem 0 0}
.after{margin:.75rem 0 0;text-align:center;text-wrap:balance}

.field{margin:0 0 1.125rem}
label{display:block;font-weight:600;margin-bottom:.25rem;overflow-wrap:anywhere}
label .small{font-weight:400}
.hint{margin:0 0 .375rem}.field :is(input,textarea,select,.affixed)~.hint{margin:.375rem 0 0}
input,textarea,select{font:inherit;width:100%;padding:.6875rem .875rem;color:var(--text);background:var(--card);
border:1px solid var(--field);border-radius:12px}
input::placeholder{color:var(--muted);opacity:1}
textarea{min-height:8rem;resize:vertical;font-family:ui-monospace,SFMono-Regular,Menlo,monospace;font-size:.875rem}
.affixed{display:flex;align-items:center;flex-wrap:wrap;border:1px solid var(--field);border-radius:12px;background:var(--soft);overflow:hidden}
.affixed span{padding:.6875rem .75rem;color:var(--muted);max-width:100%;overflow-wrap:anywhere}
.affixed input{flex:1 1 8rem;width:auto;min-width:0;border:0;border-radius:0}
.affixed:focus-within{outline:3px solid var(--focus);outline-offset:2px}.affixed input:focus-visible{outline:0}
[aria-invalid=true],.affixed:has([aria-invalid=true]){border-color:var(--bad);box-shadow:0 0 0 1px var(--bad)}
.affixed [aria-invalid=true]{box-shadow:none}
.error{margin:.375rem 0 0;color:var(--bad);font-weight:500}
.note{margin:0 0 1.25rem;padding:.875rem 1rem;border-radius:12px;overflow-wrap:anywhere}
.note p,.note h2,.note ul{margin-bottom:.375rem}
.note>:last-child{margin-bottom:0}
.note.bad{background:var(--bad-soft)}.note.bad h2{color:var(--bad)}
.note.good{background:var(--good-soft)}
.note ul{padding-left:1.25rem}
blockquote{margin:.25rem 0 0;padding-left:.75rem;border-left:3px solid color-mix(in srgb,var(--bad) 35%,transparent);white-space:pre-wrap}
.help{margin:0 0 1.125rem}.help ol{margin:.5rem 0 .5rem;padding-left:1.375rem}.help li{margin:.25rem 0}
.technical{margin:1.25rem 0 0}.technical p{margin:.375rem 0 0}
.links{margin:1.25rem 0 0;display:flex;flex-wrap:wrap;justify-content:center;gap:.5rem 1.25rem}
footer{margin-top:1.25rem;max-width:27rem;text-align:center;color:var(--muted);font-size:.8125rem;overflow-wrap:break-word}
@media (max-width:30rem){body{padding:0 0 1.5rem;background:var(--card)}
.card{border:0;border-radius:0;box-shadow:none}footer{padding:0 1.25rem}}
@media (forced-colors:active){.primary,.second,.offer,.note,.tile,.who{border:1px solid}}
@media (prefers-reduced-motion:no-preference){.primary,.offer{transition:background-color .12s,border-color .12s,filter .12s}
.primary[aria-busy=true]::before,.second[aria-busy=true]::before,.offer[aria-busy=true] .chevron{animation:turn .8s linear infinite}}
`

/** The style of the pages. The only values of a workspace are the two colours, which are normalized to `#rrggbb`. */
export function styleOf({ color, onColor }: Brand): Html {
  return new Html(`:root{--brand:${color};--on-brand:${onColor}}${STYLE}`)
}
