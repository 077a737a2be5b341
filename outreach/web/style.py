"""What do the pages look like? One small sheet, named by its hash in the policy that allows nothing else."""

from base64 import b64encode
from hashlib import sha256

#: Text 4.5:1 or better on its ground, edges of fields and the focus ring 3:1 or better, in light and dark.
STYLE = "".join(
    line.strip()
    for line in """
:root{color-scheme:light dark;--ink:#1c1d1f;--soft:#55595e;--paper:#fcfcfa;--line:#85898e;--deep:#22304a;--on:#fff;
--ring:#000;--halo:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#ececea;--soft:#b4b7bb;--paper:#16181a;--line:#7f8489;--deep:#d3dff0;
--on:#16181a;--ring:#fff;--halo:#000}}
*{box-sizing:border-box}
body{margin:auto;max-width:35rem;padding:1.75rem 1.25rem 3rem;background:var(--paper);color:var(--ink);
font:1.0625rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.625rem;line-height:1.2;margin:.375rem 0 1rem;text-wrap:balance}
h2{font-size:1.125rem;line-height:1.4;margin:0 0 .5rem}
legend{padding:0 0 .25rem}
p{margin:0 0 1rem}
.s,small{color:var(--soft);font-size:.9375rem}
main>small{display:block}
p.s{margin:.5rem 0 0}
label+p.s{margin:0 0 .5rem}
form,section{margin:2rem 0 0;padding:1.5rem 0 0;border-top:1px solid var(--line)}
form.f{border:0;padding:0;margin-top:1.25rem}
fieldset{border:0;margin:0 0 1rem;padding:0;min-width:0}
label{display:flex;gap:.75rem;min-height:2.75rem;padding:.5rem 0;line-height:1.5rem}
label.b{display:block;padding-bottom:.25rem;font-weight:600}
input[type=radio],input[type=checkbox]{flex:none;width:1.5rem;height:1.5rem;margin:0;accent-color:var(--deep)}
textarea,input.t{width:100%;margin:0 0 1rem;padding:.625rem;border:1px solid var(--line);border-radius:4px;
background:var(--paper);color:var(--ink);font:inherit}
button{min-height:2.75rem;padding:.625rem 1.25rem;border:2px solid var(--deep);border-radius:6px;background:0 0;
color:var(--deep);font:inherit;font-weight:600}
button.m{background:var(--deep);color:var(--on)}
a{color:inherit}
:focus-visible{outline:3px solid var(--ring);outline-offset:2px;box-shadow:0 0 0 7px var(--halo)}
.e{border:3px solid;border-radius:6px;padding:1rem;margin:.75rem 0 1.5rem}
nav{display:flex;flex-wrap:wrap;gap:0 1rem;margin-top:2rem}
nav a{display:block;padding:.625rem 0}
""".splitlines()
)

_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
