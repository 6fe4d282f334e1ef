// A data source that asks Prometheus itself, through the page's own server. Grafana's would ask its backend.

import { rangeUtil } from '@grafana/data';
import { sceneGraph } from '@grafana/scenes';
import { framesOf } from './frames.js';

export const UID = 'prometheus';
const PATH = '/prometheus/api/v1/';
// Prometheus answers no more points than that.
const MOST = 11_000;

export class Prometheus {
  uid = UID;
  type = 'prometheus';
  name = 'Prometheus';
  meta = { id: 'prometheus', name: 'Prometheus' };

  // `scrape` is the interval of scrapes, in seconds: `jsonData.timeInterval` of a provisioned data source.
  constructor(scrape) {
    this.scrape = scrape;
    this.instanceSettings = { uid: UID, name: this.name, type: this.type, meta: this.meta, isDefault: true, jsonData: {} };
  }

  getRef() {
    return { type: this.type, uid: this.uid };
  }

  async query(request) {
    const targets = request.targets.filter(({ hide }) => !hide);
    const answers = await Promise.all(targets.map((target) => this.#answer(target, request, targets.length)));
    return { data: answers.flat() };
  }

  async #answer(target, request, targets) {
    const [from, to] = [request.range.from, request.range.to].map((moment) => moment.valueOf() / 1000);
    const step = Math.max(request.intervalMs / 1000, this.scrape, (to - from) / MOST);
    const expression = filled(target.expr, {
      ...request.scopedVars,
      ...macros({ from, to, step, scrape: this.scrape }),
    });
    const asked = target.instant
      ? await ask('query', { query: expression, time: to })
      : await ask('query_range', { query: expression, start: Math.floor(from / step) * step, end: to, step });
    const format = target.instant || target.format === 'heatmap' ? target.format : 'time_series';
    const legendFormat = sceneGraph.interpolate(request.scopedVars.__sceneObject.value.valueOf(), target.legendFormat ?? '', request.scopedVars, 'text');
    return framesOf(format, { ...target, expr: expression, legendFormat }, asked.result, target.instant ? undefined : step, targets);
  }

  async metricFindQuery(query, { range, scopedVars }) {
    const text = typeof query === 'string' ? query : query.query;
    const found = /^label_values\((?:(.*),)?\s*(\w+)\s*\)$/s.exec(filled(text, scopedVars));
    if (!found) {
      throw new Error(`not understood: ${text}`);
    }
    const time = { start: range.from.valueOf() / 1000, end: range.to.valueOf() / 1000 };
    const selector = found[1] ? { 'match[]': found[1] } : {};
    return (await ask(`label/${found[2]}/values`, { ...selector, ...time })).map((value) => ({ text: value }));
  }
}

async function ask(what, parameters) {
  const answer = await fetch(`${PATH}${what}?${new URLSearchParams(parameters)}`);
  const body = await answer.json();
  if (body.status !== 'success') {
    throw new Error(body.error);
  }
  return body.data;
}

function filled(text, scopedVars) {
  return sceneGraph.interpolate(scopedVars.__sceneObject.value.valueOf(), text, scopedVars, matching);
}

// One chosen value is a text within quotes; where several can be chosen, it is a regular expression.
function matching(value, variable) {
  if (!variable.multi && !variable.includeAll) {
    return String(value).replace(/\\/g, '\\\\').replace(/"/g, '\\"');
  }
  const escaped = [value].flat().map((each) => each.replace(/[\\^$*+?.()|[\]{}]/g, '\\\\$&'));
  return escaped.length === 1 ? escaped[0] : `(${escaped.join('|')})`;
}

function macros({ from, to, step, scrape }) {
  const text = (seconds) => `${Math.round(seconds)}s`;
  const values = {
    __interval: text(step),
    __interval_ms: String(Math.round(step * 1000)),
    __rate_interval: text(Math.max(step + scrape, 4 * scrape)),
    __range: text(to - from),
    __range_s: String(Math.round(to - from)),
    __range_ms: String(Math.round((to - from) * 1000)),
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, text: value }]));
}

export function seconds(duration) {
  return rangeUtil.intervalToSeconds(duration);
}
