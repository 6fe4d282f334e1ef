// From a dashboard's file to a scene, as far as our dashboards go: rows, panels, variables.

import {
  CustomVariable,
  DataSourceVariable,
  EmbeddedScene,
  QueryVariable,
  SceneDataTransformer,
  SceneGridItem,
  SceneGridLayout,
  SceneGridRow,
  SceneQueryRunner,
  SceneTimeRange,
  SceneVariableSet,
  VariableValueSelectors,
  VizPanel,
  behaviors,
} from '@grafana/scenes';

// `chosen` are the parameters of the page's address, as in Grafana: var-NAME, from, to; `open` opens all rows.
export function sceneOf(board, chosen) {
  return new EmbeddedScene({
    $variables: new SceneVariableSet({ variables: board.templating.list.map((each) => variable(each, chosen)) }),
    $timeRange: new SceneTimeRange({
      from: moment(chosen.get('from')) ?? board.time.from,
      to: moment(chosen.get('to')) ?? board.time.to,
      timeZone: 'utc',
    }),
    $behaviors: [new behaviors.CursorSync({ sync: board.graphTooltip })],
    controls: [new VariableValueSelectors({})],
    body: new SceneGridLayout({ isDraggable: false, isResizable: false, isLazy: false, children: rows(board.panels, chosen.has('open')) }),
  });
}

// Addresses have milliseconds, as Grafana's own have, or words such as now-6h.
function moment(text) {
  return text && /^\d+$/.test(text) ? new Date(Number(text)).toISOString() : text;
}

function variable(definition, chosen) {
  const { name, label, current, hide } = definition;
  const given = chosen.getAll(`var-${name}`);
  const several = definition.multi;
  const value = given.length ? (several ? given : given[0]) : current?.value;
  const known = { name, label, hide, ...(value === undefined ? {} : { value, text: value }) };
  if (definition.type === 'datasource') {
    return new DataSourceVariable({ ...known, pluginId: definition.query, regex: definition.regex });
  }
  if (definition.type === 'custom') {
    return new CustomVariable({ ...known, query: definition.query, isMulti: Boolean(several), includeAll: Boolean(definition.includeAll) });
  }
  if (definition.type !== 'query') {
    throw new Error(`a variable of type ${definition.type}, which is not known here`);
  }
  const { datasource, query, refresh, regex, sort, includeAll, allValue } = definition;
  return new QueryVariable({
    ...known,
    datasource,
    query,
    refresh,
    regex,
    sort,
    includeAll: Boolean(includeAll),
    isMulti: Boolean(several),
    allValue,
    defaultToAll: Boolean(includeAll),
  });
}

function rows(panels, open) {
  const made = [];
  for (const each of open ? opened(panels) : panels) {
    if (each.type === 'row') {
      made.push({ row: each, children: (each.panels ?? []).map(item) });
    } else {
      (made.findLast(({ row }) => row)?.children ?? made).push(item(each));
    }
  }
  return made.map((each) => (each.row ? rowOf(each.row, each.children) : each));
}

function rowOf({ id, title, collapsed, gridPos: { x, y } }, children) {
  return new SceneGridRow({ x, y, key: `row-${id}`, title, isCollapsed: collapsed, children });
}

// With the panels of collapsed rows below them, and what follows moved down.
function opened(panels) {
  let lower = 0;
  const moved = (panel) => ({ ...panel, gridPos: { ...panel.gridPos, y: panel.gridPos.y + lower } });
  return panels.flatMap((panel) => {
    const inside = (panel.type === 'row' && panel.collapsed && panel.panels) || [];
    const found = [{ ...moved(panel), collapsed: false, panels: [] }, ...inside.map(moved)];
    lower += Math.max(0, ...inside.map(({ gridPos: { y, h } }) => y + h - panel.gridPos.y - 1));
    return found;
  });
}

function item(panel) {
  const { x, y, w, h } = panel.gridPos;
  return new SceneGridItem({ x, y, width: w, height: h, body: viz(panel) });
}

function viz(panel) {
  const { id, type, title, description, options, fieldConfig } = panel;
  return new VizPanel({
    key: `panel-${id}`,
    pluginId: type,
    title,
    description,
    options,
    fieldConfig,
    $data: panel.targets?.length ? data(panel) : undefined,
  });
}

function data({ targets, transformations, datasource, maxDataPoints, interval }) {
  const queries = new SceneQueryRunner({ queries: targets, datasource, maxDataPoints, minInterval: interval, maxDataPointsFromWidth: true });
  return new SceneDataTransformer({ $data: queries, transformations: transformations ?? [] });
}
