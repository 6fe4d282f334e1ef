// Answers of Prometheus as data frames, in the shapes that Grafana's documentation gives for the formats of a query.

import { FieldType } from '@grafana/data';

const TIME = { name: 'Time', type: FieldType.time };

export function framesOf(format, target, answer, step, targets) {
  const series = answer.map(({ metric, value, values }) => ({ metric, points: values ?? [value] }));
  switch (format) {
    case 'table':
      return [table(target, series, targets)];
    case 'heatmap':
      return heatmap(target, series, step);
    default:
      return series.length ? series.map((each) => line(target, each, step)) : [{ refId: target.refId, fields: [] }];
  }
}

// "+Inf" and "NaN" are how Prometheus writes them.
function number(text) {
  return Number(text.replace('Inf', 'Infinity'));
}

function legend(target, labels) {
  if (target.legendFormat && target.legendFormat !== '__auto') {
    return target.legendFormat.replace(/\{\{\s*([^}]+?)\s*\}\}/g, (_, name) => labels[name] ?? '');
  }
  const { __name__: name, ...rest } = labels;
  return Object.keys(rest).length ? undefined : (name ?? target.expr);
}

function line(target, { metric, points }, step) {
  const { __name__: _, ...labels } = metric;
  const name = legend(target, metric);
  return {
    refId: target.refId,
    name,
    fields: [
      { ...TIME, config: step ? { interval: step * 1000 } : {}, values: points.map(([time]) => time * 1000) },
      {
        name: 'Value',
        type: FieldType.number,
        labels,
        config: name === undefined ? {} : { displayNameFromDS: name },
        values: points.map(([, value]) => number(value)),
      },
    ],
  };
}

// A row for each series; the figures are called after their query where there are several.
function table(target, series, targets) {
  const names = [...new Set(series.flatMap(({ metric }) => Object.keys(metric)))].sort();
  return {
    refId: target.refId,
    fields: [
      { ...TIME, config: {}, values: series.map(({ points }) => points.at(-1)[0] * 1000) },
      ...names.map((name) => ({
        name,
        type: FieldType.string,
        config: { filterable: true },
        values: series.map(({ metric }) => metric[name] ?? ''),
      })),
      {
        name: targets > 1 ? `Value #${target.refId}` : 'Value',
        type: FieldType.number,
        config: {},
        values: series.map(({ points }) => number(points.at(-1)[1])),
      },
    ],
  };
}

// Buckets are cumulative; a cell is what lies between two edges.
function heatmap(target, series, step) {
  const sorted = [...series].sort((one, other) => number(one.metric.le ?? '') - number(other.metric.le ?? ''));
  return sorted.map((each, index) => {
    const below = new Map(index ? sorted[index - 1].points : []);
    const points = each.points.map(([time, value]) => [time, String(Math.max(0, number(value) - number(below.get(time) ?? '0')))]);
    return line({ ...target, legendFormat: '{{le}}' }, { metric: each.metric, points }, step);
  });
}
