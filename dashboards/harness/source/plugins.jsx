// Panels by their type. Grafana's own plugins are not published: `drawn` wraps the components that are, `previews` shows
// the same data frames by our own means.

import { PanelPlugin } from '@grafana/data';
import { BarGauges } from './drawn/bargauge.jsx';
import { Stats } from './drawn/stat.jsx';
import { Tables } from './drawn/table.jsx';
import { Lines } from './drawn/timeseries.jsx';
import { BarChart } from './previews/barchart.jsx';
import { Heatmap } from './previews/heatmap.jsx';
import { StateTimeline, StatusHistory } from './previews/states.jsx';

// Of `fieldConfig.defaults.custom`, for overrides hold only for properties that a plugin knows.
const HIDDEN = ['hideFrom'];
const AXIS = [
  'axisBorderShow',
  'axisCenteredZero',
  'axisColorMode',
  'axisGridShow',
  'axisLabel',
  'axisPlacement',
  'axisSoftMax',
  'axisSoftMin',
  'axisWidth',
  'scaleDistribution',
];
const LINES = [
  'barAlignment',
  'barMaxWidth',
  'barWidthFactor',
  'drawStyle',
  'fillBelowTo',
  'fillOpacity',
  'gradientMode',
  'lineColor',
  'lineInterpolation',
  'lineStyle',
  'lineWidth',
  'pointSize',
  'showPoints',
  'spanNulls',
  'stacking',
  'thresholdsStyle',
  'transform',
];
const CELLS = ['align', 'cellOptions', 'filterable', 'footer', 'inspect', 'minWidth', 'width', 'wrapText'];
const STATES = ['fillOpacity', 'lineWidth'];

const KNOWN = {
  barchart: [BarChart, [...AXIS, ...HIDDEN, 'fillOpacity', 'gradientMode', 'lineWidth', 'thresholdsStyle']],
  bargauge: [BarGauges, []],
  heatmap: [Heatmap, [...HIDDEN, 'scaleDistribution']],
  stat: [Stats, []],
  'state-timeline': [StateTimeline, [...HIDDEN, ...STATES]],
  'status-history': [StatusHistory, [...HIDDEN, ...STATES]],
  table: [Tables, [...HIDDEN, ...CELLS]],
  timeseries: [Lines, [...AXIS, ...HIDDEN, ...LINES]],
};

const made = new Map();

export function plugin(id) {
  if (!made.has(id)) {
    if (!KNOWN[id]) {
      throw new Error(`a panel of type ${id}, which is not known here`);
    }
    made.set(id, pluginOf(id, ...KNOWN[id]));
  }
  return made.get(id);
}

function pluginOf(id, component, properties) {
  const found = new PanelPlugin(component).useFieldConfig({ useCustomConfig: (builder) => properties.forEach((each) => custom(builder, each)) });
  found.meta = { id, name: id, type: 'panel', info: { version: '' }, module: '', baseUrl: '' };
  return found;
}

function custom(builder, path) {
  const shown = { editor: () => null, override: () => null, process: (value) => value, shouldApply: () => true };
  builder.addCustomEditor({ id: path, path, name: path, settings: {}, ...shown });
}
