// Holds an API document against MongoDB's API rules: node check.mjs <file or address> [--atlas <file>] [--record]
//
// An error is allowed only where it is one of three kinds, and the check says which:
//   atlas          Atlas breaks the rule at the same place: exceptions.json names it, with the place in Atlas's document.
//   compatibility  Atlas's clients, or a standard, force it, though the part of Atlas's document that is here does not show it: exceptions.json says why.
//   own            an operation of our own that the rule does not fit; the document says why, in MongoDB's own extension x-xgen-IPA-exception.
// Anything else is a fault, and so is an exception that nothing needs any more. A place is an operation's id, a path, a tag, or what a client
// sees: "updateGroupCluster request labels[].key". So schemas may have other names than Atlas's, but not another meaning.
// With Atlas's document (or the part of it beside this repository) the places are looked up again; --record writes them down.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const exceptionsFile = join(here, 'exceptions.json');
const extension = 'x-xgen-IPA-exception';
const methods = ['get', 'post', 'put', 'patch', 'delete'];
const [source, ...flags] = process.argv.slice(2);
const atlasFile = flags.includes('--atlas') ? flags[flags.indexOf('--atlas') + 1] : join(here, '../../../shared/spec/atlas-openapi-slice.json');
const record = flags.includes('--record');
const scratch = mkdtempSync(join(tmpdir(), 'ear-api-rules-'));

/** All errors of a document: { rule, at, message, places }, where at is where the document has it, and places where clients see it. */
function errors(document) {
  const file = join(scratch, 'openapi.json');
  const results = join(scratch, 'results.json');
  writeFileSync(file, JSON.stringify(document));
  try {
    execFileSync(process.execPath, [join(here, 'node_modules/@stoplight/spectral-cli/dist/index.js'), 'lint', file,
      '--ruleset', join(here, '.spectral.yaml'), '--fail-severity=error', '--format=json', `--output=${results}`, '--quiet'], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (failed) {
    if (failed.status !== 1) throw failed; // 1: there are errors, and they are in the file.
  }
  const seen = new Map();
  const wire = wirePlaces(document);
  for (const result of JSON.parse(readFileSync(results, 'utf8'))) {
    if (result.severity !== 0) continue;
    const path = result.path.map(String);
    const at = placeInDocument(document, path);
    const error = { rule: result.code.replace(/^xgen-/, ''), at, message: result.message.split(' https://')[0], places: placesOf(wire, path, at) };
    seen.set(`${error.rule} ${at}`, error);
  }
  return [...seen.values()];
}

function placeInDocument(document, path) {
  if (path[0] === 'paths') return document.paths[path[1]]?.[path[2]]?.operationId ?? path[1];
  if (path[0] === 'tags') return `tags/${document.tags[path[1]].name}`;
  return path[0] === 'components' ? path.slice(1).join('/') : path.join('/');
}

/** Of what is within a component: every place where an operation shows it. */
function placesOf(wire, path, at) {
  if (path[0] !== 'components') return [at];
  for (let length = path.length; length > 2; length--) {
    const found = wire.get(path.slice(0, length).join('/'));
    if (found) return [...found];
  }
  return [at];
}

/** From each part of a schema, as a pointer, to all places where operations show it. */
function wirePlaces(document) {
  const found = new Map();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const operation = item[method];
      if (!operation) continue;
      const bodies = [...Object.values(operation.requestBody?.content ?? {}).map((media) => ['request', media]),
        ...Object.values(operation.responses).flatMap((answer) => Object.values(answer.content ?? {}).map((media) => ['response', media]))];
      for (const [way, media] of bodies) walk(media.schema, `paths/${path}`, `${operation.operationId} ${way} `, new Set());
    }
  }
  return found;

  function walk(schema, pointer, place, within) {
    if (!schema) return;
    if (!found.has(pointer)) found.set(pointer, new Set());
    found.get(pointer).add(place.trimEnd());
    if (typeof schema.$ref === 'string') {
      const target = schema.$ref.slice('#/'.length);
      if (within.has(target)) return;
      walk(target.split('/').reduce((part, step) => part[step], document), target, place, new Set([...within, target]));
      return;
    }
    for (const [name, property] of Object.entries(schema.properties ?? {})) walk(property, `${pointer}/properties/${name}`, `${place}${place.endsWith(' ') ? '' : '.'}${name}`, within);
    walk(schema.items, `${pointer}/items`, `${place}[]`, within);
    if (typeof schema.additionalProperties === 'object') walk(schema.additionalProperties, `${pointer}/additionalProperties`, `${place}.*`, within);
    for (const many of ['allOf', 'oneOf', 'anyOf']) (schema[many] ?? []).forEach((part, i) => walk(part, `${pointer}/${many}/${i}`, place, within));
  }
}

/** The exceptions that a document makes by itself: { rule, at, reason }. */
function ownExceptions(document) {
  return Object.entries(document.paths).flatMap(([path, item]) => [
    ...Object.entries(item[extension] ?? {}).map(([rule, reason]) => ({ rule, at: path, reason, operations: methods.map((m) => item[m]?.operationId).filter(Boolean) })),
    ...methods.filter((m) => item[m]).flatMap((m) => Object.entries(item[m][extension] ?? {}).map(([rule, reason]) => ({ rule, at: item[m].operationId, reason, operations: [item[m].operationId] }))),
  ]);
}

/** The document without its own exceptions: what it would break. */
function withoutOwnExceptions(document) {
  const copy = structuredClone(document);
  for (const item of Object.values(copy.paths)) {
    delete item[extension];
    for (const method of methods) delete item[method]?.[extension];
  }
  return copy;
}

try {
  const document = JSON.parse(/^https?:/.test(source) ? await (await fetch(source)).text() : readFileSync(resolve(source), 'utf8'));
  const exceptions = JSON.parse(readFileSync(exceptionsFile, 'utf8'));
  const atlasDocument = existsSync(atlasFile) ? JSON.parse(readFileSync(atlasFile, 'utf8')) : undefined;
  const own = ownExceptions(document);
  const broken = errors(withoutOwnExceptions(document));
  // The rules' own word on it: an exception that the ruleset does not take, or does not need, is an error too.
  const reported = own.length > 0 ? errors(document).filter((e) => !broken.some((b) => b.rule === e.rule && b.at === e.at)) : [];
  const atlas = atlasDocument && errors(atlasDocument);
  const atlasOperations = atlasDocument && new Set(Object.values(atlasDocument.paths).flatMap((item) => methods.map((m) => item[m]?.operationId)));
  const atlasPlace = (e) => e.places.find((place) => atlas.some((a) => a.rule === e.rule && a.places.includes(place)));

  if (record) {
    if (!atlas) throw new Error(`--record needs Atlas's document; ${atlasFile} is not here.`);
    exceptions.atlas = {};
    for (const e of broken.toSorted((a, b) => a.rule.localeCompare(b.rule) || a.at.localeCompare(b.at))) {
      const place = atlasPlace(e);
      if (place) (exceptions.atlas[e.rule] ??= {})[e.at] = place;
    }
    writeFileSync(exceptionsFile, `${JSON.stringify(exceptions, null, 2)}\n`);
  }

  const faults = reported.map((e) => `${e.rule} at ${e.at}: ${e.message}`);
  const needed = new Set();
  for (const e of broken) {
    const recorded = exceptions.atlas[e.rule]?.[e.at];
    const forced = exceptions.compatibility.find((x) => x.rule === e.rule && x.at.includes(e.at));
    const ours = own.find((x) => x.rule === `xgen-${e.rule}` && x.at === e.at);
    const kinds = [recorded && 'atlas', forced && 'compatibility', ours && 'own'].filter(Boolean);
    if (kinds.length === 0) faults.push(`broken: ${e.rule} at ${e.at}: ${e.message}`);
    if (kinds.length > 1) faults.push(`excepted as ${kinds.join(' and ')}: ${e.rule} at ${e.at}`);
    if (recorded && !e.places.includes(recorded)) faults.push(`not the same place: ${e.rule} at ${e.at} is not at Atlas's ${recorded} (${e.places.slice(0, 3).join(', ')})`);
    if (recorded && atlas && !atlas.some((a) => a.rule === e.rule && a.places.includes(recorded))) faults.push(`Atlas keeps it: ${e.rule} at ${recorded}`);
    if (forced && atlas && atlasPlace(e)) faults.push(`Atlas breaks it at the same place: record ${e.rule} at ${e.at} as atlas`);
    if (ours && atlasOperations && ours.operations.some((id) => atlasOperations.has(id))) faults.push(`not an operation of our own: ${e.at}`);
    if (recorded) console.log(`atlas: ${e.rule} at ${e.at}: as Atlas's ${recorded}`);
    if (forced) console.log(`compatibility: ${e.rule} at ${e.at}: ${forced.reason}`);
    if (ours) console.log(`own: ${e.rule} at ${e.at}: ${ours.reason}`);
    needed.add(`${e.rule} ${e.at}`);
  }
  for (const [rule, places] of Object.entries(exceptions.atlas)) {
    for (const at of Object.keys(places)) if (!needed.has(`${rule} ${at}`)) faults.push(`needless exception: ${rule} ${at}`);
  }
  for (const x of exceptions.compatibility) {
    if (!x.reason?.trim()) faults.push(`exception without a reason: ${x.rule}`);
    for (const at of x.at) if (!needed.has(`${x.rule} ${at}`)) faults.push(`needless exception: ${x.rule} ${at}`);
  }
  for (const x of own) if (!needed.has(`${x.rule.replace(/^xgen-/, '')} ${x.at}`)) faults.push(`needless exception: ${x.rule} ${x.at}`);

  if (!atlas) console.log('Atlas\'s document is not here: its places are taken as they were recorded');
  for (const fault of faults) console.log(fault);
  console.log(faults.length ? `api-rules: ${faults.length} faults` : `api-rules: held, with ${broken.length} exceptions`);
  process.exitCode = faults.length ? 1 : 0;
} finally {
  rmSync(scratch, { recursive: true });
}
