// Holds an API document against MongoDB's API rules: node check.mjs <file or address> [--atlas <file>]
// An error is allowed only where exceptions.json names its rule, its place and the reason; an exception that nothing needs is a
// fault too. With Atlas's own document (or the part of it beside this repository) it says where Atlas breaks the same rule.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [source, flag, other] = process.argv.slice(2);
const atlasFile = flag === '--atlas' ? other : join(here, '../../../shared/spec/atlas-openapi-slice.json');
const scratch = mkdtempSync(join(tmpdir(), 'ear-api-rules-'));

/** All errors of a document: { rule, at, message }, where at is an operation's id or a schema's path, the same in both documents. */
function errors(text) {
  const document = JSON.parse(text);
  const file = join(scratch, 'openapi.json');
  const results = join(scratch, 'results.json');
  writeFileSync(file, text);
  try {
    execFileSync(process.execPath, [join(here, 'node_modules/@stoplight/spectral-cli/dist/index.js'), 'lint', file,
      '--ruleset', join(here, '.spectral.yaml'), '--fail-severity=error', '--format=json', `--output=${results}`, '--quiet'], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (failed) {
    if (failed.status !== 1) throw failed; // 1: there are errors, and they are in the file.
  }
  const seen = new Map();
  for (const result of JSON.parse(readFileSync(results, 'utf8'))) {
    if (result.severity !== 0) continue;
    const error = { rule: result.code.replace(/^xgen-/, ''), at: place(document, result.path), message: result.message.split(' https://')[0] };
    seen.set(`${error.rule} ${error.at}`, error);
  }
  return [...seen.values()];
}

function place(document, path) {
  if (path[0] === 'paths') return document.paths[path[1]]?.[path[2]]?.operationId ?? path[1];
  if (path[0] === 'tags') return `tags/${document.tags[path[1]].name}`;
  return path[0] === 'components' ? path.slice(1).join('/') : path.join('/');
}

/** "getGroup", or "schemas/Cluster*" with any ending. */
const fits = (pattern, at) => pattern === at || (pattern.endsWith('*') && at.startsWith(pattern.slice(0, -1)));

try {
  const text = /^https?:/.test(source) ? await (await fetch(source)).text() : readFileSync(resolve(source), 'utf8');
  const exceptions = JSON.parse(readFileSync(join(here, 'exceptions.json'), 'utf8'));
  const found = errors(text);
  const atlas = existsSync(atlasFile) ? errors(readFileSync(atlasFile, 'utf8')) : undefined;
  const unlisted = found.filter((e) => !exceptions.some((x) => x.rule === e.rule && x.at.some((a) => fits(a, e.at))));
  const idle = exceptions.flatMap((x) => x.at.filter((a) => !found.some((e) => x.rule === e.rule && fits(a, e.at))).map((a) => `${x.rule} ${a}`));
  const unexplained = exceptions.filter((x) => !x.reason?.trim()).map((x) => x.rule);

  for (const e of unlisted) console.log(`broken: ${e.rule} at ${e.at}: ${e.message}`);
  for (const e of idle) console.log(`needless exception: ${e}`);
  for (const e of unexplained) console.log(`exception without a reason: ${e}`);
  if (atlas) {
    for (const e of found) {
      const name = (at) => at.split('/').pop();
      const same = atlas.some((a) => a.rule === e.rule && name(a.at) === name(e.at)) ? 'breaks it at the same operation or field'
        : atlas.some((a) => a.rule === e.rule) ? 'breaks it elsewhere' : 'keeps it in the part that is here';
      console.log(`compared: ${e.rule} at ${e.at}: Atlas ${same}`);
    }
  } else {
    console.log('not compared: Atlas\'s document is not here');
  }
  const faults = unlisted.length + idle.length + unexplained.length;
  console.log(faults ? `api-rules: ${faults} faults` : `api-rules: held, with ${found.length} exceptions`);
  process.exitCode = faults ? 1 : 0;
} finally {
  rmSync(scratch, { recursive: true });
}
