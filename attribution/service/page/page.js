// The page: every name and text goes in through textContent, so none of it is ever markup.
"use strict";

const get = (id) => document.getElementById(id);

function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

async function ask(path, body) {
  const headers = { "Content-Type": "application/json" };
  if (get("key").value) headers.Authorization = `Bearer ${get("key").value}`;
  const request = body === undefined
    ? { headers }
    : { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(path, request);
  const value = await response.json().catch(() => ({}));
  if (response.ok) return value;
  const detail = value.detail;
  throw new Error(typeof detail === "string" ? detail : `The service answered ${response.status}.`);
}

function counted(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

// Offsets are bytes of UTF-8, so the text is cut as bytes.
function show(text, report) {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  const spans = [
    ...report.removed.map((span) => ({ ...span, tier: "removed" })),
    ...report.findings,
  ];
  const cuts = [...new Set([0, bytes.length, ...spans.flatMap((s) => [s.start, s.end])])];
  cuts.sort((a, b) => a - b);
  const order = ["removed", "strong", "weak"];
  const pieces = cuts.slice(0, -1).map((start, number) => {
    const piece = decoder.decode(bytes.subarray(start, cuts[number + 1]));
    const here = spans.filter((s) => s.start <= start && cuts[number + 1] <= s.end);
    if (!here.length) return document.createTextNode(piece);
    here.sort((a, b) => order.indexOf(a.tier) - order.indexOf(b.tier));
    const mark = make("mark", piece, here[0].tier);
    mark.tabIndex = 0;
    mark.onclick = () => {
      get("detail").replaceChildren(...here.map(describe));
      get("detail").scrollIntoView({ block: "nearest" }); // on a narrow screen it stands below
    };
    mark.onkeydown = (event) => { if (event.key === "Enter") mark.click(); };
    return mark;
  });
  get("marked").replaceChildren(...pieces);
  get("detail").replaceChildren();
}

function describe(found) {
  const article = make("article");
  if (found.tier === "removed") {
    article.append(make("p", "Repeats code that was removed from the index at somebody's request."));
    return article;
  }
  const holders = `${counted(found.documents, "document", "documents")} in ` +
    counted(found.repositories, "repository", "repositories");
  article.append(make("h3", `${found.kind}, ${found.tier}: ${holders}`));
  const licenses = found.licenses.map((l) => `${l.license ?? "no licence known"} (${l.documents})`);
  article.append(make("p", `Licences, the most restrictive first: ${licenses.join(", ")}`));
  if (found.earliest) article.append(make("p", `Earliest known: ${place(found.earliest)}`));
  article.append(make("pre", found.sources[0].text));
  const list = make("ul");
  list.append(...found.sources.map((source) => make("li", place(source))));
  article.append(list);
  const more = found.documents - found.sources.length;
  if (more > 0) article.append(moreButton(found, more, article));
  return article;
}

// Asks the same question again, for all holders.
function moreButton(found, more, article) {
  const button = make("button", `and ${more} more: show all`);
  button.type = "button";
  button.onclick = async () => {
    button.disabled = true;
    try {
      const report = await ask("/v1/attribution", { ...asked, sources: found.documents });
      const same = report.findings.find((other) =>
        other.start === found.start && other.end === found.end && other.kind === found.kind);
      if (same && same.sources.length > found.sources.length) article.replaceWith(describe(same));
      else button.textContent = `and ${more} more: the index has changed, check again`;
    } catch (error) {
      button.textContent = error.message;
      button.disabled = false;
    }
  };
  return button;
}

function place(source) {
  const how = source.licenseFoundIn ? ` (found in ${source.licenseFoundIn})` : "";
  const address = source.address ? ` (${source.address})` : "";
  return `${source.repo}${address} ${source.revision ?? ""}, ${source.path}:${source.firstLine}-` +
    `${source.lastLine}, ${source.license ?? "no licence known"}${how}` +
    (source.vendored ? ", a vendored copy" : "");
}

function onSubmit(form, output, work) {
  get(form).onsubmit = async (event) => {
    event.preventDefault();
    get(output).textContent = "…";
    try {
      await work();
    } catch (error) {
      get(output).textContent = error.message;
    }
  };
}

onSubmit("check", "summary", async () => {
  const text = get("text").value;
  const language = get("language").value || null;
  const path = opened && opened.text === text ? opened.path : null;
  asked = { text, language, path };
  const report = await ask("/v1/attribution", asked);
  show(text, report);
  const count = report.findings.length + report.removed.length;
  const said = count ? `${count} found. Click on a marked part.` : "Nothing found.";
  const unchecked = report.unchecked.map((reason) => `Not checked: ${reason}`);
  const guessed = language === null && report.language !== null
    ? [`Read as ${report.language}.`]
    : [];
  const sentences = [report.clean ? "Clean." : said, ...guessed, ...unchecked];
  get("summary").textContent = sentences.join(" ");
});

onSubmit("who", "found", async () => {
  const value = await ask(`/v1/repositories?query=${encodeURIComponent(get("name").value)}`);
  const rows = value.repositories.map((row) => {
    const licenses = row.licenses.map((name) => name ?? "none known").join(", ");
    const origins = row.origins.length ? ` (${row.origins.join(", ")})` : "";
    const size = `${counted(row.documents, "document", "documents")}, ${row.bytes} bytes`;
    return make("li", `${row.repo}${origins}: ${size}, ${licenses}`);
  });
  if (!rows.length) rows.push(make("li", value.unchecked.length
    ? "No such repository is in the part of the index that can be read."
    : "No such repository is in the index."));
  rows.push(...value.unchecked.map((reason) => make("li", `Not checked: ${reason}`)));
  if (value.total > value.repositories.length) rows.push(make("li", `… ${value.total} in all`));
  get("found").replaceChildren(...rows);
});

onSubmit("remove", "removed", async () => {
  const rule = `${get("kind").value} ${get("rule").value}`;
  const value = await ask("/v1/removals", { rule });
  get("removed").textContent = `Requested: ${value.rule}`;
});

// The question whose answer is shown.
let asked = null;

// The file whose text stands in the field, so that its language is that of its name.
let opened = null;

get("file").onchange = async () => {
  const [file] = get("file").files;
  if (!file) return;
  try {
    get("text").value = textOf(new Uint8Array(await file.arrayBuffer()));
  } catch {
    get("summary").textContent =
      `Not checked: ${file.name} is neither UTF-8 nor UTF-16. Save it as UTF-8.`;
    return;
  }
  get("summary").textContent = "";
  get("language").value = "";
  opened = { path: file.name, text: get("text").value };
};

// A browser's own reading puts signs of replacement where bytes aren't UTF-8: nothing would be found.
function textOf(bytes) {
  const marks = { "255,254": "utf-16le", "254,255": "utf-16be" };
  const encoding = marks[bytes.subarray(0, 2).join()] ?? "utf-8";
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
}

async function showStatus() {
  try {
    const status = await ask("/v1/status");
    const damaged = status.damaged.map((damage) => `Can't be read: ${damage}`);
    const held = counted(status.documents, "document", "documents");
    const size = `${held}; ${status.languages.join(", ")}`;
    get("status").textContent = [size, ...damaged].join(". ");
    get("languages").replaceChildren(...status.languages.map((name) => new Option(name)));
  } catch (error) {
    get("status").textContent = error.message;
  }
}

get("key").onchange = showStatus;
showStatus();
