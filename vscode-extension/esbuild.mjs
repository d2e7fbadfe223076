// Bundles the extension into out/extension.js and the licences of what it bundles into
// out/NOTICES.txt. `--production` minifies, `--watch` rebuilds on change.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { build, context } from "esbuild";

const options = {
  entryPoints: ["src/extension.ts"],
  outfile: "out/extension.js",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
  minify: process.argv.includes("--production"),
  sourcemap: process.argv.includes("--production") ? false : "linked",
  metafile: true,
  logLevel: "warning",
};

/** Folders of the packages that went into the bundle, as `node_modules/…`. */
function bundledPackages(metafile) {
  const inputs = Object.keys(metafile.inputs);
  const folders = inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}

async function notice(folder) {
  const about = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
  const file = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name));
  const text = file === undefined ? "" : await readFile(`${folder}/${file}`, "utf8");
  return `${about.name} ${about.version} (${about.license})\n\n${text.trim()}\n`;
}

if (process.argv.includes("--watch")) {
  await (await context(options)).watch();
} else {
  const { metafile } = await build(options);
  const notices = await Promise.all(bundledPackages(metafile).map(notice));
  await writeFile("out/NOTICES.txt", notices.join(`\n${"-".repeat(80)}\n\n`));
}
