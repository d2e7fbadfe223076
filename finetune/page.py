"""The report page of a run: one self-contained HTML file, with the loss curve in it."""

from __future__ import annotations

import base64
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

from finetune.base_license import NOT_STATED
from finetune.gate.proof import ARMS
from finetune.report import counted, dropped_text, forgetting_text, verdict
from inkling.atomic import write_bytes, write_text
from pretrain.run_log import RunLog

if TYPE_CHECKING:
    from finetune.gate.proof import Example, Measure, Proof
    from finetune.run_folder import RunFolder

PAGE_NAME = "report.html"
CURVE_NAME = "loss.png"
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
       color: #1b1f24; background: #fff }
h1 { font-size: 1.6rem } h2 { font-size: 1.15rem; margin-top: 2.2rem }
table { border-collapse: collapse; width: 100% } td, th { padding: .3rem .6rem; text-align: left;
       border-bottom: 1px solid #d8dee4; vertical-align: top }
td.n, th.n { text-align: right } td.n { white-space: nowrap }
.verdict { padding: .8rem 1rem; border-left: 4px solid #2da44e; background: #f0fff4 }
.verdict.lost { border-color: #bf8700; background: #fff8e5 }
code { font: .9em ui-monospace, monospace; white-space: pre-wrap }
.examples { table-layout: fixed } .examples td { overflow-wrap: anywhere } .typed { color: #6e7781 }
.right { background: #dafbe1 } .wrong { background: #ffebe9 } img { max-width: 100% }
"""


_EXPOSURE = """Exposure tells how much likelier a made-up value, planted in the training data, has
become than 255 others that were not: 0 bits is chance, 8 means that the model would give it away.
Rare strings are literals of the learned files that occur once; recalled are those that the model
goes on with word for word after the first third. Share the model only where you would share the
code."""


def write_page(run: RunFolder, facts: dict[str, Any], proof: Proof) -> None:
    """Write `report.html` and `loss.png` into the run's folder."""
    curve = draw_curve(RunLog.read(run.log))
    if curve:
        write_bytes(run.path / CURVE_NAME, curve)
    write_text(run.path / PAGE_NAME, page(facts, proof, curve))


def page(facts: dict[str, Any], proof: Proof, curve: bytes) -> str:
    """The page as HTML; nothing in it is loaded from elsewhere."""
    training = facts["training"]
    title = f"{', '.join(training['repositories'])}: {training['base']}, tuned"
    picture = base64.b64encode(curve).decode()
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>
<style>{_STYLE}</style></head><body>
<h1>{escape(title)}</h1>
<p class="verdict{"" if proof.wins else " lost"}">{escape(verdict(proof))}</p>
<h2>Before and after</h2>
<p>{proof.holes} lines that {proof.clusters} {escape(proof.kind)} brought and that were not learned;
shares in %, changes with their 95 % bootstrap interval.</p>
{_measures(proof)}
<h2>Training</h2>
{_facts(facts)}
<p>{_EXPOSURE}</p>
{f'<img alt="Loss by step" src="data:image/png;base64,{picture}">' if curve else ""}
<h2>Examples where the two differ</h2>
<p>Both with the repository's memory.</p>
{_examples(proof.examples)}
</body></html>
"""


def draw_curve(log: list[dict[str, Any]]) -> bytes:
    """The loss by step as PNG; empty without matplotlib or without a log."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return b""
    if not log:
        return b""
    figure = Figure(figsize=(8, 3.5), dpi=110)
    axes = figure.subplots()
    for key, label in (
        ("loss", "training, all tokens"),
        ("eval_loss", "files kept aside, in holes"),
    ):
        points = [(row["step"], row[key]) for row in log if key in row]
        if points:
            axes.plot(*zip(*points, strict=True), label=label)
    axes.set(xlabel="step", ylabel="loss, nats a token")
    axes.grid(alpha=0.3)
    axes.legend()
    picture = BytesIO()
    figure.savefig(picture, format="png", bbox_inches="tight")
    return picture.getvalue()


def _measures(proof: Proof) -> str:
    heads = "".join(f'<th class="n">{escape(arm)}</th>' for arm in ARMS)
    rows = "".join(
        f"<tr><td>{escape(name)}</td>{_shares(measure)}</tr>"
        for name, measure in proof.measures.items()
    )
    return (
        f'<table><tr><th></th>{heads}<th class="n">change, alone</th>'
        f'<th class="n">change, with memory</th></tr>{rows}</table>'
    )


def _shares(measure: Measure) -> str:
    changes = [
        f"{100 * i.difference:+.1f} [{100 * i.low:+.1f}, {100 * i.high:+.1f}]"
        for i in (measure.alone, measure.remembering)
    ]
    cells = [f"{100 * measure.arms[arm]:.1f}" for arm in ARMS] + changes
    return "".join(f'<td class="n">{cell}</td>' for cell in cells)


def _facts(facts: dict[str, Any]) -> str:
    training, audit = facts["training"], facts["audit"]
    overlap = facts["overlap"]
    known = len(overlap["known_to_base"])
    rows = {
        "files learned": training["train_documents"],
        "places where earlier commits typed": training.get("past_changes", 0),
        "files kept aside to measure the loss": training.get("aside_documents", 0),
        "files left out by curation": dropped_text(facts["curation"]),
        "files dropped as unlike code": len(facts["dropped_as_improbable"]),
        "licence of the base": training.get("base_license", NOT_STATED),
        "licences": ", ".join(f"{k} ({v})" for k, v in training["licenses"].items()),
        "secrets replaced": counted(training["redactions"], training.get("redaction_kinds", {})),
        "method": f"{training['method']}, {training['steps']} steps, {training['hours']:.2f} h",
        "generic code, bits per byte": forgetting_text(facts),
        "exposure of planted canaries, bits": f"{audit['exposure_before']:.1f} → "
        f"{audit['exposure_after']:.1f} of {audit['exposure_limit']:.0f}",
        "rare strings recalled": f"{audit['recalled_before']} → {audit['recalled_after']} of "
        f"{audit['rare_strings']}",
        "secrets in answers": ", ".join(f"{k} ({v})" for k, v in audit["secrets"].items())
        or "none",
        "held-out files that the base knew (not asked)": f"{known} of {overlap['files']}"
        if overlap["measured"]
        else "not measured: no --base-corpus",
        "held-out files that are copies of files learned (not asked)": len(overlap["copies"]),
    }
    cells = (f"<tr><td>{escape(k)}</td><td>{escape(str(v))}</td></tr>" for k, v in rows.items())
    return f"<table>{''.join(cells)}</table>"


def _examples(examples: tuple[Example, ...]) -> str:
    rows = "".join(
        f"<tr><td>{escape(e.path)}</td>{_answer(e.line, e.expected, e.expected)}"
        f"{_answer(e.line, e.base, e.expected)}{_answer(e.line, e.tuned, e.expected)}</tr>"
        for e in examples
    )
    return (
        "<table class=examples>"
        "<tr><th>file</th><th>what was written</th><th>base</th><th>tuned</th></tr>"
        f"{rows}</table>"
    )


def _answer(line: str, answer: str, expected: str) -> str:
    mark = "right" if answer.rstrip() == expected.rstrip() else "wrong"
    typed = escape(line.lstrip()[-60:])
    return (
        f'<td><code><span class="typed">{typed}</span>'
        f'<span class="{mark}">{escape(answer[:160])}</span></code></td>'
    )
