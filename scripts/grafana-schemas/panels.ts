// What a panel of ours may hold: Grafana's published types, put together as they stand in a file.
// Where they say "anything" (options, targets, custom fields, links), this says what.

import type * as core from 'grafana/raw/dashboard/x/types.gen';
import type * as common from 'grafana/common/common.gen';
import type * as barchart from 'grafana/raw/composable/barchart/panelcfg/x/types.gen';
import type * as bargauge from 'grafana/raw/composable/bargauge/panelcfg/x/types.gen';
import type * as heatmap from 'grafana/raw/composable/heatmap/panelcfg/x/types.gen';
import type * as stat from 'grafana/raw/composable/stat/panelcfg/x/types.gen';
import type * as statetimeline from 'grafana/raw/composable/statetimeline/panelcfg/x/types.gen';
import type * as statushistory from 'grafana/raw/composable/statushistory/panelcfg/x/types.gen';
import type * as table from 'grafana/raw/composable/table/panelcfg/x/types.gen';
import type * as text from 'grafana/raw/composable/text/panelcfg/x/types.gen';
import type * as timeseries from 'grafana/raw/composable/timeseries/panelcfg/x/types.gen';

interface DataSource {
  type: 'prometheus';
  uid: string;
}

// The package has no types of the Prometheus data source's query: these are the fields that a classic dashboard saves.
interface Target extends Omit<common.DataQuery, 'datasource' | 'queryType'> {
  datasource: DataSource;
  expr: string;
  range?: boolean;
  instant?: boolean;
  exemplar?: boolean;
  editorMode?: 'code' | 'builder';
  format?: 'time_series' | 'table' | 'heatmap';
  interval?: string;
  legendFormat?: string;
}

interface Link {
  title: string;
  url: string;
  targetBlank?: boolean;
}

interface DataLink extends Link {
  oneClick?: boolean;
}

interface Defaults<Custom> extends Omit<core.FieldConfig, 'custom' | 'links' | 'actions'> {
  custom?: Custom;
  links?: DataLink[];
}

interface FieldConfig<Custom> extends Omit<core.FieldConfigSource, 'defaults'> {
  defaults: Defaults<Custom>;
}

interface PanelOf<Type extends string, Options, Custom>
  extends Omit<core.Panel, 'type' | 'options' | 'fieldConfig' | 'targets' | 'links' | 'datasource' | 'libraryPanel'> {
  type: Type;
  options: Options;
  fieldConfig: FieldConfig<Custom>;
  targets: Target[];
  links?: Link[];
  datasource: DataSource;
}

interface Nothing {}

export type BarChart = PanelOf<'barchart', barchart.Options, barchart.FieldConfig>;
export type BarGauge = PanelOf<'bargauge', bargauge.Options, Nothing>;
export type Heatmap = PanelOf<'heatmap', heatmap.Options, heatmap.FieldConfig>;
export type Stat = PanelOf<'stat', stat.Options, Nothing>;
export type StateTimeline = PanelOf<'state-timeline', statetimeline.Options, statetimeline.FieldConfig>;
export type StatusHistory = PanelOf<'status-history', statushistory.Options, statushistory.FieldConfig>;
export type Table = PanelOf<'table', table.Options, table.FieldConfig>;
export type TimeSeries = PanelOf<'timeseries', timeseries.Options, timeseries.FieldConfig>;

export interface Text extends Omit<core.Panel, 'type' | 'options' | 'fieldConfig' | 'targets' | 'links' | 'libraryPanel'> {
  type: 'text';
  options: text.Options;
  fieldConfig?: FieldConfig<Nothing>;
  links?: Link[];
}

export interface Row extends Omit<core.RowPanel, 'panels'> {
  panels: Record<string, unknown>[];
}

// What the Prometheus data source adds to an annotation's query.
interface Annotation extends core.AnnotationQuery {
  expr?: string;
  step?: string;
  titleFormat?: string;
  textFormat?: string;
  tagKeys?: string;
  useValueForTime?: boolean;
}

// What a query variable shows in the list of variables.
interface Variable extends core.VariableModel {
  definition?: string;
}

export interface Board extends Omit<core.Dashboard, 'panels' | 'annotations' | 'templating' | 'snapshot' | 'gnetId'> {
  panels: Record<string, unknown>[];
  annotations: { list: Annotation[] };
  templating: { list: Variable[] };
  version?: number;
}
