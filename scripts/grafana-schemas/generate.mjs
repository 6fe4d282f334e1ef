// Writes dashboards/schemas: a JSON Schema for each panel type that we use, and the names that Grafana knows.
// Usage: node generate.mjs FOLDER (beside node_modules; `make schemas` sees to that)

import { readFileSync, writeFileSync } from 'node:fs';
import { createGenerator } from 'ts-json-schema-generator';

const folder = process.argv[2];
const TYPES = {
  barchart: 'BarChart',
  bargauge: 'BarGauge',
  dashboard: 'Board',
  heatmap: 'Heatmap',
  row: 'Row',
  stat: 'Stat',
  'state-timeline': 'StateTimeline',
  'status-history': 'StatusHistory',
  table: 'Table',
  text: 'Text',
  timeseries: 'TimeSeries',
};

// Descriptions are Grafana's documentation, and no part of what is checked.
const SILENT = new Set(['description', 'default', '$comment', 'deprecated', 'title']);

function plain(value, isNames = false) {
  if (Array.isArray(value)) {
    return value.map((each) => plain(each));
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const kept = Object.keys(value).filter((key) => isNames || !SILENT.has(key));
  return Object.fromEntries(
    kept.sort().map((key) => [key, plain(value[key], !isNames && (key === 'properties' || key === 'definitions'))])
  );
}

function* reached(schema, definitions, seen = new Set()) {
  if (schema === null || typeof schema !== 'object' || seen.has(schema)) {
    return;
  }
  seen.add(schema);
  yield schema;
  if (typeof schema.$ref === 'string') {
    yield* reached(definitions[decodeURIComponent(schema.$ref.split('/').pop())], definitions, seen);
  }
  for (const value of Object.values(schema)) {
    yield* reached(value, definitions, seen);
  }
}

function resolved(schema, definitions) {
  return schema?.$ref ? resolved(definitions[decodeURIComponent(schema.$ref.split('/').pop())], definitions) : schema;
}

// Grafana fills in what options and fields leave out, so nothing in them is required; but a legend without showLegend is
// drawn as in versions that had other words for it, and whether there are a legend and a tooltip is worth saying.
function tuned(schema) {
  const { definitions } = schema;
  const board = resolved(schema, definitions);
  const properties = board.properties;
  const custom = (defaults) => resolved(resolved(defaults, definitions)?.properties?.custom, definitions);
  const fields = resolved(properties.fieldConfig, definitions);
  for (const part of [properties.options, custom(fields?.properties?.defaults), properties.links, properties.annotations,
    properties.templating, properties.timepicker]) {
    for (const each of part ? reached(part, definitions) : []) {
      if (each.type === 'object' && each.required && !each.properties?.url) {
        delete each.required;
      }
    }
  }
  const legend = resolved(resolved(properties.options, definitions)?.properties?.legend, definitions);
  if (legend?.properties?.showLegend) {
    legend.required = ['showLegend'];
  }
  const options = resolved(properties.options, definitions);
  if (options?.properties?.legend && options.properties.tooltip) {
    options.required = ['legend', 'tooltip'];
  }
  if (definitions.DashboardLink) {
    definitions.DashboardLink.required = ['title', 'type'];
  }
  return schema;
}

function short(schema) {
  const text = JSON.stringify(schema);
  const names = Object.keys(schema.definitions);
  const used = new Map();
  for (const name of names) {
    const last = name.replace(/<.*/, '').split('.').pop();
    const free = [...used.values()].includes(last) || (last !== name && names.includes(last)) ? `${last}${used.size}` : last;
    used.set(name, free);
  }
  const renamed = JSON.parse(text, (key, value) =>
    key === '$ref' ? `#/definitions/${used.get(decodeURIComponent(value.split('/').pop()))}` : value
  );
  renamed.definitions = Object.fromEntries(Object.entries(renamed.definitions).map(([k, v]) => [used.get(k), v]));
  return renamed;
}

function write(name, value) {
  writeFileSync(`${folder}/${name}.json`, `${JSON.stringify(plain(value), null, 1)}\n`);
}

const generator = createGenerator({
  path: 'panels.ts',
  tsconfig: 'tsconfig.json',
  additionalProperties: false,
  expose: 'all',
  topRef: true,
  skipTypeCheck: false,
});
for (const [name, type] of Object.entries(TYPES)) {
  write(name, tuned(short(generator.createSchema(type))));
}

function unescaped(text) {
  return text.replace(/\\x(\w{2})|\\u(\w{4})/g, (_, two, four) => String.fromCharCode(parseInt(two ?? four, 16)));
}

// These modules cannot be run without React and half of Grafana; the ids are written in them plainly.
function ids(module, pattern) {
  const text = readFileSync(`node_modules/@grafana/data/dist/esm/${module}.mjs`, 'utf8');
  const found = [...new Set([...text.matchAll(pattern)].map((each) => unescaped(each[1])))].sort();
  if (found.length < 10) {
    throw new Error(`${module} is written otherwise than it was: look at the pattern ${pattern}`);
  }
  return found;
}

write('names', {
  matchers: ids('transformations/matchers/ids', /FieldMatcherID2?\["\w+"\] = "([^"]+)"/g),
  reducers: ids('transformations/fieldReducer', /ReducerID2?\["\w+"\] = "([^"]+)"/g),
  transformations: ids('transformations/transformers/ids', /DataTransformerID2?\["\w+"\] = "([^"]+)"/g),
  units: ids('valueFormats/categories', /\bid: "([^"]+)"/g),
});

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
writeFileSync(
  `${folder}/NOTICE`,
  `Derived from the npm packages @grafana/schema ${version('@grafana/schema')} and @grafana/data ${version('@grafana/data')}
of Grafana Labs, under the Apache License 2.0 (https://www.apache.org/licenses/LICENSE-2.0).

Changed: their TypeScript types, put together by scripts/grafana-schemas/panels.ts, were made into JSON Schemas with
ts-json-schema-generator ${version('ts-json-schema-generator')} (MIT). Descriptions are left out, options and fields that Grafana fills in are not
required, but legend and tooltip are, a legend requires showLegend, and what the types leave open (targets, links, custom fields) is said.
names.json holds ids of units, reducers, transformations and matchers. To make them again: make schemas
`
);
